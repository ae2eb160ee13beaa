"""Carrying out one run: feed what is missing, ask in parallel, decide purely, store serially.

An answer is committed within a few milliseconds of arriving, so that a crash repeats only what was in flight. An item
that waits for a retry holds no slot. The heartbeat and the wish to cancel ride on the storing transactions.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from core.errors import WorkbenchError
from core.hosts.chat import ChatClient
from core.hosts.decide import Policy, Retry, Situation, Stop, decide
from core.hosts.profiles import Connection
from core.hosts.wire import Failure
from core.model import ErrorKind, Host, Item, Run, RunStatus
from core.services.asking import Answered, Asker
from core.services.hosts import Hosts
from core.storage import annotations, runs
from core.storage.annotations import NewAnnotation
from core.storage.engine import Database
from core.storage.runs import INTERRUPTED, RunError

log = logging.getLogger(__name__)

_PAGE = 500
_COALESCE_SECONDS = 0.008
_BEAT_SECONDS = 1.0
_GRACE_SECONDS = 10.0
_STORE_PATIENCE = 60
_STORE_WAIT_SECONDS = 1.0
_RAW_LIMIT = 20_000

T = TypeVar("T")


@dataclass
class _Task:
    item: Item
    attempt: int = 1


@dataclass
class _Pending:
    """What has arrived and is not stored yet."""

    annotations: list[NewAnnotation] = field(default_factory=list)
    errors: list[RunError] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.annotations or self.errors)

    def followed_by(self, later: "_Pending") -> "_Pending":
        return _Pending(self.annotations + later.annotations, self.errors + later.errors)

    @property
    def item_ids(self) -> list[int]:
        return [entry.item_id for entry in self.annotations] + [error.item_id for error in self.errors]


class RunExecutor:
    """One claimed run, from claim to end. Use once, inside an event loop: `await RunExecutor(...).execute()`."""

    def __init__(
        self,
        db: Database,
        hosts: Hosts,
        run: Run,
        owner: str,
        *,
        policy: Policy | None = None,
        slots: int | None = None,
    ) -> None:
        self._db, self._hosts, self._run, self._owner = db, hosts, run, owner
        self._policy = policy or Policy()
        self._slots = slots or int(run.config.get("in_flight") or 16)
        self._storage = ThreadPoolExecutor(1, thread_name_prefix="labelloop-store")
        self._ready: asyncio.Queue[_Task | None] = asyncio.Queue()
        self._low = asyncio.Event()
        self._arrived = asyncio.Event()
        self._over = asyncio.Event()
        self._pending = _Pending()
        self._unfinished = 0
        self._all_fed = False
        self._failures_in_a_row = 0
        self._successes = 0
        self._status: RunStatus = RunStatus.DONE
        self._message = ""
        self._lease_lost = False
        self._closing = False
        self._labels: dict[str, int] = {}
        self._host: Host

    async def execute(self) -> None:
        """Work until done, cancelled, stopped, or the lease is lost; the run's row then says which."""
        storer = asyncio.create_task(self._keep_storing())
        try:
            connection = await self._connected()
            if connection is not None:
                async with self._asker(connection) as asker:
                    await self._work(asker, storer)
        except WorkbenchError as error:
            self._end(RunStatus.FAILED, str(error))
        except asyncio.CancelledError:
            self.interrupt()
            raise
        except Exception:
            log.exception("run %s ended by a bug", self._run.id)
            self._end(RunStatus.FAILED, "LabelLoop made a mistake here; the log has the details. Resume to go on.")
            raise
        finally:
            await self._conclude(storer)

    @property
    def run_id(self) -> int:
        return self._run.id

    def interrupt(self) -> None:
        """End soon because the program ends: what is in flight is still stored, and the run can be resumed."""
        self._end(RunStatus.INTERRUPTED, INTERRUPTED)

    async def _connected(self) -> Connection | None:
        """Where to send requests, or None where the run was ended meanwhile.

        The very first start of the embedded host may take minutes: the lease is kept and a cancel heard all the while.
        """
        connecting = asyncio.ensure_future(asyncio.to_thread(self._hosts.connection, self._run.config["host"]))
        over = asyncio.create_task(self._over.wait())
        await asyncio.wait({connecting, over}, return_when=asyncio.FIRST_COMPLETED)
        over.cancel()
        if connecting.done():
            return connecting.result()
        connecting.add_done_callback(lambda left: left.cancelled() or left.exception())
        return None

    @asynccontextmanager
    async def _asker(self, connection: Connection) -> AsyncIterator[Asker]:
        config = self._run.config
        host, model = self._hosts.get(config["host"]), config["model"]
        async with ChatClient(connection, timeout_seconds=float(config.get("timeout_seconds") or 60.0)) as client:
            asker = Asker(client, model, config, self._hosts.manner(host.key, model))
            self._labels = {label.name: label.id for label in asker.task.choices if label.id is not None}
            self._host = host
            yield asker
            self._hosts.remember(host.key, model, asker.manner)

    async def _work(self, asker: Asker, storer: asyncio.Task[None]) -> None:
        feeder = asyncio.create_task(self._feed())
        askers = [asyncio.create_task(self._keep_asking(asker)) for _ in range(self._slots)]
        over = asyncio.create_task(self._over.wait())
        busy: set[asyncio.Task[Any]] = {over, feeder, storer, *askers}
        try:
            while not over.done():
                done, busy = await asyncio.wait(busy, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            await self._let_calls_finish(askers)
        finally:
            for unneeded in (over, feeder, *askers):
                unneeded.cancel()
            await asyncio.gather(over, feeder, *askers, return_exceptions=True)

    async def _let_calls_finish(self, askers: list[asyncio.Task[None]]) -> None:
        """What is in flight is paid for: give it a moment to come home before hanging up."""
        for _ in askers:
            self._ready.put_nowait(None)
        if not self._lease_lost:
            await asyncio.wait(askers, timeout=_GRACE_SECONDS)

    # feeding

    async def _feed(self) -> None:
        after = 0
        while True:
            page = await self._in_storage(lambda start=after: self._missing(start))  # type: ignore[misc]
            if not page:
                break
            after = page[-1].id
            self._unfinished += len(page)
            for item in page:
                self._ready.put_nowait(_Task(item))
            self._low.clear()
            await self._low.wait()
        self._all_fed = True
        self._end_if_finished()

    def _missing(self, after: int) -> list[Item]:
        with self._db.read() as conn:
            return runs.missing(conn, self._run.id, after, _PAGE)

    # asking

    async def _keep_asking(self, asker: Asker) -> None:
        while (task := await self._ready.get()) is not None:
            if self._over.is_set():
                return
            if self._ready.qsize() < self._slots * 2:
                self._low.set()
            try:
                await self._ask(asker, task)
            except WorkbenchError:
                raise
            except Exception as error:
                # What one item or one answer does to us must not end the run, nor be paid for again.
                log.exception("item %s of run %s met a bug", task.item.id, self._run.id)
                self._give_up(task, Failure(ErrorKind.MALFORMED, f"LabelLoop made a mistake: {type(error).__name__}"))

    async def _ask(self, asker: Asker, task: _Task) -> None:
        outcome = await asker.ask(task.item)
        if isinstance(outcome, Failure):
            self._after_failure(task, outcome)
        else:
            self._after_answer(task, outcome)

    def _after_answer(self, task: _Task, answered: Answered) -> None:
        self._failures_in_a_row = 0
        self._successes += 1
        reply, parsed = answered.reply, answered.parsed
        self._pending.annotations.append(
            NewAnnotation(
                item_id=task.item.id,
                annotator_id=self._run.annotator_id,
                label_id=self._labels[parsed.label],
                run_id=self._run.id,
                confidence=answered.confidence,
                confidence_source="logprobs" if answered.confidence is not None else None,
                kind=parsed.kind,
                reason=parsed.reason or None,
                raw=(reply.content or reply.refusal or "")[:_RAW_LIMIT],
                seconds=reply.seconds,
                prompt_tokens=reply.prompt_tokens,
                completion_tokens=reply.completion_tokens,
            )
        )
        self._settled()

    def _after_failure(self, task: _Task, failure: Failure) -> None:
        self._failures_in_a_row += 1
        decision = decide(
            failure,
            Situation(
                task.attempt,
                self._failures_in_a_row,
                self._successes,
                random.random(),
                self._host.title,
                self._host.key_variable,
            ),
            self._policy,
        )
        match decision:
            case Retry(seconds):
                again = _Task(task.item, task.attempt + 1)
                asyncio.get_running_loop().call_later(seconds, self._ready.put_nowait, again)
            case Stop(message):
                self._end(RunStatus.FAILED, message)
            case _:
                self._give_up(task, failure)

    def _give_up(self, task: _Task, failure: Failure) -> None:
        self._pending.errors.append(RunError(task.item.id, failure.kind, failure.message, failure.raw, task.attempt))
        self._settled()

    def _settled(self) -> None:
        self._unfinished -= 1
        self._arrived.set()
        self._end_if_finished()

    def _end_if_finished(self) -> None:
        if self._all_fed and self._unfinished == 0:
            self._over.set()

    def _end(self, status: RunStatus, message: str) -> None:
        if not self._over.is_set() or self._status is RunStatus.DONE:
            self._status, self._message = status, message
        self._over.set()

    # storing

    async def _keep_storing(self) -> None:
        while not self._closing:
            try:
                await asyncio.wait_for(self._arrived.wait(), _BEAT_SECONDS)
                await asyncio.sleep(_COALESCE_SECONDS)
            except TimeoutError:
                pass
            self._arrived.clear()
            await self._flush()

    async def _flush(self) -> None:
        """Store what has arrived and renew the lease, in one transaction. Waits out a full disk or a locked file."""
        batch, self._pending = self._pending, _Pending()
        for patience in range(_STORE_PATIENCE, -1, -1):
            try:
                go_on = await self._in_storage(lambda: self._store(batch))
                break
            except WorkbenchError as error:
                # The answers are paid for and exist only here: hold on to them while there is hope.
                self._end(RunStatus.FAILED, str(error))
                if patience == 0:
                    raise
                await asyncio.sleep(_STORE_WAIT_SECONDS)
            except Exception:
                self._pending = batch.followed_by(self._pending)
                raise
        if go_on is None:
            self._lease_lost = True
            self._over.set()
        elif not go_on and not self._over.is_set():
            self._end(RunStatus.CANCELLED, "Cancelled. What was labelled is kept; resume labels the rest.")

    def _store(self, batch: _Pending) -> bool | None:
        """Also where the lease is lost: answers are paid for whoever holds it, unless somebody else got them first."""
        with self._db.write() as conn:
            go_on = runs.beat(conn, self._run.id, self._owner)
            if not batch:
                return go_on
            wanted = runs.still_missing(conn, self._run.id, batch.item_ids)
            answers = [entry for entry in batch.annotations if entry.item_id in wanted]
            errors = [error for error in batch.errors if error.item_id in wanted and go_on is not None]
            annotations.append(conn, answers)
            runs.add_errors(conn, self._run.id, errors)
            runs.add_progress(
                conn,
                self._run.id,
                len(answers),
                len(errors),
                sum(a.prompt_tokens or 0 for a in batch.annotations),
                sum(a.completion_tokens or 0 for a in batch.annotations),
            )
            return go_on

    async def _conclude(self, storer: asyncio.Task[None]) -> None:
        # The storer is never cut off: it may hold answers that exist nowhere else.
        self._closing = True
        self._arrived.set()
        try:
            await asyncio.gather(storer, return_exceptions=True)
            try:
                while self._pending:
                    await self._flush()
            finally:
                if not self._lease_lost:
                    await self._in_storage(self._finish)
        except WorkbenchError:
            log.error("run %s could not be concluded; its lease will run out", self._run.id)
        finally:
            self._storage.shutdown(wait=False)

    def _finish(self) -> None:
        with self._db.write() as conn:
            complete = not runs.missing(conn, self._run.id, 0, 1)
            status, message = (RunStatus.DONE, "") if complete else (self._status, self._message)
            if status is RunStatus.DONE and not complete:
                status, message = RunStatus.INTERRUPTED, INTERRUPTED
            runs.finish(conn, self._run.id, self._owner, status, message)

    async def _in_storage(self, act: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._storage, act)

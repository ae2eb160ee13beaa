"""What arrives is committed within milliseconds, so that a crash repeats only what was in flight.

The heartbeat, the wish to cancel and the sentence on how it is going ride on the same transactions.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from core.errors import WorkbenchError
from core.model import Run
from core.services.asking.late import as_labels_stand
from core.services.common import values
from core.services.labelling.work import Arrived, Work
from core.storage import runs
from core.storage.engine import Connection, Database
from core.storage.runs import Spent

log = logging.getLogger(__name__)

_SHORTEST_WAIT, _LONGEST_WAIT = 0.002, 0.012
"""Seconds that answers wait for each other: twice what storing takes, so that it takes a third of the time at most."""
_BEAT_SECONDS = 1.0
_STORE_WAIT_SECONDS = 1.0

T = TypeVar("T")


class Storer:
    """Stores what one run brings home, in order, in a thread of its own; holds on to it while it cannot be stored.

    `on_stored` is told after each transaction which questions are settled for good; `said` gives how the run is going.
    """

    def __init__(
        self, db: Database, run: Run, owner: str, *, on_stored: Callable[[list[Work]], None], said: Callable[[], str]
    ) -> None:
        self._db, self._run, self._owner = db, run, owner
        self._on_stored, self._said = on_stored, said
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="labelloop-store")
        self._arrived, self._storing = Arrived(), Arrived()
        self._something = asyncio.Event()
        self._closing = False
        self._said_last = ""
        self._took = 0.0
        self._watches_others = False
        self.others: list[Spent] = []
        self.trouble = ""
        """Why nothing can be stored just now, in a sentence; empty where it can."""
        self.is_cancelled = self.has_lost_lease = False

    @property
    def unstored(self) -> int:
        """Answers and errors that exist nowhere but here."""
        return len(self._arrived) + len(self._storing)

    @property
    def arrived(self) -> Arrived:
        """What to add to; call `notify` then."""
        return self._arrived

    def notify(self) -> None:
        self._something.set()

    async def watch_others(self) -> list[Spent]:
        """What the other runs started together have spent; read with each transaction from now on, into `others`."""
        self._watches_others = True
        return await self.run_in_thread(self._spent_by_others)

    def _spent_by_others(self) -> list[Spent]:
        with self._db.read() as conn:
            return runs.spent_together(conn, self._run, but_itself=True)

    async def run_in_thread(self, act: Callable[[], T]) -> T:
        """Do something in the storing thread, between two transactions."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, act)

    async def keep_storing(self) -> None:
        """Until `close`: store whatever arrives, and renew the lease at least every second."""
        while not self._closing:
            try:
                await asyncio.wait_for(self._something.wait(), _BEAT_SECONDS)
                await asyncio.sleep(min(_LONGEST_WAIT, max(_SHORTEST_WAIT, 2 * self._took)))
            except TimeoutError:
                pass
            self._something.clear()
            await self._flush()

    async def close(self, storing: asyncio.Task[None]) -> None:
        """Let `keep_storing` come to its end and store what is left. It is never cut off: it may hold answers that
        exist nowhere else."""
        self._closing = True
        self._something.set()
        if self.trouble:
            log.warning("%d answers of run %s are held until they can be stored", self.unstored, self._run.id)
        await asyncio.gather(storing, return_exceptions=True)
        while self._arrived:
            await self._flush()

    def shut_down(self) -> None:
        self._thread.shutdown(wait=False)

    async def _flush(self) -> None:
        """One transaction with what has arrived; waits for as long as it takes out a full disk or a locked file."""
        self._storing, self._arrived = self._arrived, Arrived()
        batch, said = self._storing, self._said()
        try:
            go_on = await self._stored_at_last(batch, said if said != self._said_last else None)
        except BaseException:
            batch.take(self._arrived)
            self._arrived, self._storing = batch, Arrived()
            raise
        self._storing, self._said_last = Arrived(), said
        self.has_lost_lease |= go_on is None
        self.is_cancelled |= go_on is False
        self._on_stored(batch.settled)

    async def _stored_at_last(self, batch: Arrived, said: str | None) -> bool | None:
        while True:
            try:
                started = time.perf_counter()
                go_on = await self.run_in_thread(lambda: self._store(batch, said))
                self._took, self.trouble = time.perf_counter() - started, ""
                return go_on
            except WorkbenchError as error:
                # The answers are paid for and exist only here: hold on to them, and ask for no more.
                if not self.trouble:
                    log.warning("run %s cannot be stored and waits: %s", self._run.id, error)
                self.trouble = str(error)
                await asyncio.sleep(_STORE_WAIT_SECONDS)

    def _store(self, batch: Arrived, said: str | None) -> bool | None:
        """Also where the lease is lost: answers are paid for whoever holds it, unless somebody else got them first."""
        with self._db.write() as conn:
            go_on = runs.beat(conn, self._run.id, self._owner, said)
            if self._watches_others:
                self.others = runs.spent_together(conn, self._run, but_itself=True)
            if batch:
                self._append(conn, batch, holds_lease=go_on is not None)
            return go_on

    def _append(self, conn: Connection, batch: Arrived, *, holds_lease: bool) -> None:
        wanted = runs.still_missing(conn, self._run.id, batch.item_ids) if batch.item_ids else set()
        answers = [entry for entry in batch.annotations if entry.item_id in wanted]
        errors = [error for error in batch.errors if error.item_id in wanted and holds_lease]
        put = as_labels_stand(conn, self._run.project_id)
        values.append_repeats(conn, self._run.project_id, self._run.id, put(batch.repeats))
        values.append(conn, self._run.project_id, put(answers))
        runs.add_errors(conn, self._run.id, errors)
        runs.add_progress(
            conn,
            self._run.id,
            len(answers),
            len(errors),
            batch.prompt_tokens,
            batch.completion_tokens,
            cached_tokens=batch.cached_tokens,
            calls=batch.calls,
            from_cache=batch.from_cache,
        )

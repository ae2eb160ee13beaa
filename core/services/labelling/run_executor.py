"""Carrying out one run: feed what is missing, ask at the pace the host bears, decide purely, store serially.

An answer is committed within a few milliseconds of arriving, so that a crash repeats only what was in flight. An item
that waits for a retry holds no slot.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from core.errors import WorkbenchError
from core.hosts.addresses import Connection
from core.hosts.chat import ChatClient
from core.hosts.decide import Policy
from core.hosts.grants import Grants
from core.hosts.pace import Pace
from core.model import Host, Run, RunStatus
from core.services.asking.asker import Asker
from core.services.asking.frozen import masking_of
from core.services.asking.masking import masker_for
from core.services.common.files import reader_of
from core.services.hosts.connections import Hosts
from core.services.labelling.common import Common
from core.services.labelling.feeding import Feeder
from core.services.labelling.harvest import Harvest
from core.services.labelling.host_health import HostHealth
from core.services.labelling.purses import Purse
from core.services.labelling.questions import BUG, Questions
from core.services.labelling.storing import Storer
from core.services.labelling.work import Work
from core.storage import runs
from core.storage.engine import Database, now
from core.storage.runs import INTERRUPTED

log = logging.getLogger(__name__)

_GRACE_SECONDS = 10.0
_CANCELLED = "Cancelled. What was labelled is kept; resume labels the rest."


class RunExecutor:
    """One claimed run, from claim to end. Use once, inside an event loop: `await RunExecutor(...).execute()`.

    `common` is the worker's own, so that its runs keep a common cap, and limits of a host, to the call.
    """

    def __init__(
        self,
        db: Database,
        hosts: Hosts,
        run: Run,
        owner: str,
        *,
        policy: Policy | None = None,
        common: Common | None = None,
    ) -> None:
        self._db, self._hosts, self._run, self._owner = db, hosts, run, owner
        self._policy, self._common = policy or Policy(), common or Common()
        self._purse: Purse | None = None
        self._over = asyncio.Event()
        self._status: RunStatus = RunStatus.DONE
        self._message = ""
        self._pause_seconds: float | None = None
        self._questions: Questions | None = None
        self._storer: Storer

    async def execute(self) -> None:
        """Work until done, cancelled, paused, stopped, or the lease is lost; the run's row then says which."""
        self._storer = Storer(self._db, self._run, self._owner, on_stored=self._after_storing, said=self._said)
        storing = asyncio.create_task(self._storer.keep_storing())
        storing.add_done_callback(lambda _: self._over.set())
        try:
            connection = await self._connected()
            if connection is not None:
                async with self._asker(connection) as asker:
                    await self._work(asker, connection)
            if storing.done():
                storing.result()
        except WorkbenchError as error:
            self._end(RunStatus.FAILED, str(error))
        except asyncio.CancelledError:
            self.interrupt()
            raise
        except Exception:
            log.exception("run %s ended by a bug", self._run.id)
            self._end(RunStatus.FAILED, BUG)
            raise
        finally:
            await self._conclude(storing)

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
        masker = masker_for(self._db, masking_of(config))
        manner = self._hosts.manner(config["host"], config["model"])
        async with ChatClient(connection, timeout_seconds=float(config.get("timeout_seconds") or 60.0)) as client:
            # The address may have been mended since the run was started: answers are kept as those of who gave them.
            asked = {**config, "base_url": self._hosts.get(config["host"]).base_url}
            yield Asker(client, config["model"], asked, manner, masker, reader_of(self._db))

    async def _work(self, asker: Asker, connection: Connection) -> None:
        host = self._hosts.get(self._run.config["host"])
        purse = await self._opened_purse()
        health = HostHealth(self._policy, host.title, host.key_variable, _key_wanted(connection, host.title))
        questions = self._questions = self._questions_about(asker, host, purse, health)
        feeding = asyncio.create_task(questions.keep_feeding())
        feeding.add_done_callback(questions.note_end_of)
        try:
            await self._over.wait()
            questions.stop()
            await self._let_calls_finish(questions.askers)
        finally:
            everything = [feeding, *questions.askers]
            for task in everything:
                task.cancel()
            await asyncio.gather(*everything, return_exceptions=True)
        if questions.bug is not None:
            raise questions.bug

    async def _opened_purse(self) -> Purse:
        """The run's purse, which knows what the runs started with it have spent by now."""
        purse = self._purse = self._common.purses.opened(self._run)
        if purse.is_bounded and self._run.grid_id is not None:
            purse.others_have(await self._storer.watch_others())
        return purse

    def _questions_about(self, asker: Asker, host: Host, purse: Purse, health: HostHealth) -> Questions:
        run, config = self._run, self._run.config
        return Questions(
            asker,
            feeder=Feeder(self._db, run, asker),
            storer=self._storer,
            harvest=Harvest(run, self._storer),
            pace=Pace(
                config.get("in_flight"),
                self._common.meter(run),
                grants=Grants(self._policy.first_wait, self._policy.longest_wait, self._common.known(run)),
            ),
            purse=purse,
            health=health,
            end=self._end,
            found_out=lambda manner: self._hosts.remember(host.key, config["model"], manner),
        )

    async def _let_calls_finish(self, askers: set[asyncio.Task[None]]) -> None:
        """What is in flight is paid for: give it a moment to come home before hanging up."""
        if askers and not self._storer.has_lost_lease:
            await asyncio.wait(askers, timeout=_GRACE_SECONDS)

    def _after_storing(self, settled: list[Work]) -> None:
        if self._storer.has_lost_lease:
            self._over.set()
        elif self._storer.is_cancelled and not self._over.is_set():
            self._end(RunStatus.CANCELLED, _CANCELLED)
        if self._questions is not None:
            self._questions.after_storing(settled)

    def _said(self) -> str:
        if self._over.is_set() and self._message:
            return self._message
        return self._questions.why() if self._questions is not None else ""

    def _end(self, status: RunStatus, message: str, pause_seconds: float | None = None) -> None:
        if not self._over.is_set() or self._status is RunStatus.DONE:
            self._status, self._message, self._pause_seconds = status, message, pause_seconds
            if pause_seconds is not None:
                self._message += f" Paused until {_clock(now() + pause_seconds)}; it then continues by itself."
        self._over.set()
        if self._questions is not None:
            self._questions.stop()

    async def _conclude(self, storing: asyncio.Task[None]) -> None:
        try:
            await self._storer.close(storing)
        finally:
            if self._purse is not None:
                self._common.purses.close(self._purse)
            if not self._storer.has_lost_lease:
                await self._finished()
            self._storer.shut_down()

    async def _finished(self) -> None:
        try:
            await self._storer.run_in_thread(self._finish)
        except WorkbenchError:
            log.error("run %s could not be concluded; its lease will run out", self._run.id)

    def _finish(self) -> None:
        with self._db.write() as conn:
            complete = not runs.missing(conn, self._run.id, 0, 1)
            status, message = (RunStatus.DONE, "") if complete else (self._status, self._message)
            if status is RunStatus.DONE and not complete:
                status, message = RunStatus.INTERRUPTED, INTERRUPTED
            if status in (RunStatus.PAUSED, RunStatus.INTERRUPTED) and runs.is_to_be_cancelled(conn, self._run.id):
                status, message = RunStatus.CANCELLED, _CANCELLED  # said while the run came to its end
            wait = self._pause_seconds if status is RunStatus.PAUSED else None
            runs.finish(conn, self._run.id, self._owner, status, message, pause_seconds=wait)


def _key_wanted(connection: Connection, title: str) -> tuple[str, str] | None:
    """What to say should the host ask for a key; None where it is sent one."""
    return None if connection.has_key else connection.key_wanted(title)


def _clock(moment: float) -> str:
    """A time of today as 14:32, of another day with its date; in the machine's own zone."""
    then = datetime.fromtimestamp(moment)
    return f"{then:%H:%M}" if then.date() == datetime.fromtimestamp(now()).date() else f"{then:%d %b, %H:%M}"

"""Carrying out one run through a host's batch API, from wherever its batches say it is to its end."""

import logging
from pathlib import Path

from core.errors import WorkbenchError
from core.host_refusals import NotYet
from core.hosts.batches import HostBatches
from core.model import Run, RunStatus
from core.plural import count
from core.services.batching.cap import why_not
from core.services.batching.files import folder_of
from core.services.batching.rounds import Ended, Rounds, rules_for
from core.services.batching.steps import StepResult, Steps
from core.services.common.heartbeat import KeptLease
from core.services.hosts.connections import Hosts
from core.storage import batches, runs
from core.storage.batches import Batch, BatchStatus
from core.storage.engine import Connection, Database

log = logging.getLogger(__name__)

_POLL_SECONDS = 10.0
_POLL_LOCAL_SECONDS = 0.5
_LONGEST_WAIT = 6.0
"""Looks grow rarer up to this many times the first wait."""
_MISTAKE = "An error in LabelLoop stopped this; the log has the details. Resume to continue."
_AT_HOST = "Its batches are at the host; it continues by itself when LabelLoop is running."


class BatchExecutor:
    """One claimed run of mode "batch". Use once, inside an event loop: `await BatchExecutor(...).execute()`.

    No item is ever in two batches that may both be carried out: new ones are written only once all before are over.
    """

    def __init__(self, db: Database, hosts: Hosts, run: Run, owner: str) -> None:
        self._db, self._hosts, self._run, self._owner = db, hosts, run, owner
        self._folder = folder_of(db, run.id)
        self._steps: Steps | None = None
        self._poll = _POLL_SECONDS
        self._lease = KeptLease(db, self._renewed, f"batches-{run.id}", cancel_wanted=run.cancel_requested)
        self._said: str | None = None
        self._rounds = Rounds(db, hosts, run, self._lease)

    @property
    def run_id(self) -> int:
        return self._run.id

    async def execute(self) -> None:
        """Work until done, cancelled, stopped, or the lease is lost; the run's row then says which."""
        await self._lease.keep_during(self._carry_out)

    def interrupt(self) -> None:
        """Let go soon because the program ends: the host goes on, and so does the run when the program is back."""
        self._lease.let_go()

    def _renewed(self, conn: Connection) -> bool | None:
        return runs.beat(conn, self._run.id, self._owner, self._said)

    def _carry_out(self) -> None:
        status, message = RunStatus.FAILED, _MISTAKE
        try:
            self._work()
            status, message = RunStatus.INTERRUPTED, runs.INTERRUPTED
        except Ended as ended:
            status, message = ended.status, ended.message
        except WorkbenchError as error:
            message = str(error)
        except Exception:
            log.exception("run %s ended by a bug", self._run.id)
            raise
        finally:
            self._finish(status, message)

    def _finish(self, status: RunStatus, message: str) -> None:
        with self._db.write() as conn:
            waits = bool(batches.open_of(conn, self._run.id))
            if not waits and not runs.missing(conn, self._run.id, 0, 1):
                status, message = RunStatus.DONE, ""
            pause = None
            if self._lease.is_leaving and waits and status is RunStatus.INTERRUPTED:
                status, message, pause = RunStatus.PAUSED, _AT_HOST, 0.0
            runs.finish(conn, self._run.id, self._owner, status, message, pause_seconds=pause)

    def _work(self) -> None:
        """Until there is no more to do (`Ended`), or the program ends."""
        misses, turn = 0, 0
        while not self._lease.is_leaving:
            try:
                with self._db.read() as conn:
                    waiting = batches.open_of(conn, self._run.id)
                    self._say(batches.of_run(conn, self._run.id))
                moved = self._step_all(waiting) if waiting else self._rounds.next()
                misses = 0
            except WorkbenchError as error:
                if not (self._may_be_at_host() or error is self._rounds.not_yet):
                    raise
                misses, moved = misses + 1, False
                told = (error.seconds or 0.0) if isinstance(error, NotYet) and not self._lease.cancel_wanted else 0.0
                self._after_trouble(error, misses)
            else:
                told = 0.0
            turn = 0 if moved else turn + 1
            if not moved and not self._lease.is_leaving:
                self._lease.wait(max(told, self._poll * min(_LONGEST_WAIT, 1.5 ** (turn - 1))))

    def _step_all(self, waiting: list[Batch]) -> bool:
        """A step of each; whether anything moved. Raises `Ended` where the cap holds what is left back."""
        so_far = self._rounds.current
        so_far.held, so_far.is_full = "", False
        steps = self._steps = self._steps or self._connected()
        moved, refusal = False, None
        for batch in waiting:
            if self._lease.is_leaving:
                return True
            try:
                moved |= steps.take(batch, so_far, cancel=self._lease.cancel_wanted) is not StepResult.WAITS
            except NotYet as error:
                refusal = error
        if refusal is not None and not moved:
            raise refusal
        if said := [so_far.waits_for[batch.id] for batch in waiting if batch.id in so_far.waits_for]:
            self._said = f"{self._said} Waiting for the host: {said[0]}"
        is_wanted = not (self._lease.cancel_wanted or self._lease.is_leaving)
        if so_far.held and not moved and is_wanted and not self._may_be_at_host():
            raise Ended(RunStatus.PAUSED, so_far.held)
        return moved

    def _may_be_at_host(self) -> bool:
        with self._db.read() as conn:
            return any(batch.may_be_at_host for batch in batches.open_of(conn, self._run.id))

    def _after_trouble(self, error: WorkbenchError, misses: int) -> None:
        """Say what is waited for. Nothing that may be paid for is given up; a cancel waits only so long."""
        # The embedded host may come back on another port with another token.
        self._steps = None
        self._said = f"Waiting for the host: {error.in_full if isinstance(error, NotYet) else error}"
        if self._lease.gives_up_after(misses):
            raise Ended(
                RunStatus.CANCELLED,
                "Cancelled here. The host could not be notified: it may continue with its batches and charge for them. "
                f"Cancel there again once it answers, or resume to collect its results. {error}",
            )

    def _connected(self) -> Steps:
        host = self._hosts.get(self._run.config["host"])
        connection = self._hosts.connection(host.key)
        self._poll = _POLL_LOCAL_SECONDS if host.is_local else _POLL_SECONDS
        return Steps(self._db, self._run, HostBatches(connection, rules_for(host)), self._folder, self._may_not_submit)

    def _may_not_submit(self, conn: Connection, batch: Batch, path: Path) -> str:
        """Why a batch must not be submitted now: asked right before it begins to cost."""
        if not self._lease.renew(conn):
            return "The run is no longer wanted here."
        return why_not(self._db, conn, self._run.id, batch.lines, path.stat().st_size)

    def _say(self, all_: list[Batch]) -> None:
        """How it is going, for the screen; it rides on the next heartbeat."""
        sent = [batch for batch in all_ if batch.submitted_at is not None and batch.status is not BatchStatus.FAILED]
        if not sent:
            self._said = "Writing the batches."
            return
        done, lines = sum(batch.answered + batch.failed for batch in sent), sum(batch.lines for batch in sent)
        over_ = sum(not batch.status.is_open for batch in sent)
        batches_ = count(len(sent), "batch", "batches")
        self._said = f"{batches_} sent, {over_:,} collected; {done:,} of {count(lines, 'line')} done."

"""Carrying out one run through a host's batch API, from wherever its batches say it is to its end."""

import logging
import threading
import time
import uuid
from pathlib import Path

from core.errors import WorkbenchError
from core.host_refusals import NotYet
from core.hosts.batches import HostBatches, rules_of
from core.hosts.manner import Manner, manner_to_json
from core.hosts.profiles import profile_of
from core.model import Run, RunStatus
from core.services.asking.asker import Asker
from core.services.batching.cap import why_not
from core.services.batching.files import Missing, asker_for, folder_of
from core.services.batching.steps import Round, StepResult, Steps
from core.services.batching.trial import try_one
from core.services.common.heartbeat import beside_a_heartbeat
from core.services.hosts.connections import Hosts
from core.storage import batches, runs
from core.storage.batches import Batch, BatchStatus
from core.storage.engine import Connection, Database

log = logging.getLogger(__name__)

_POLL_SECONDS = 10.0
_POLL_LOCAL_SECONDS = 0.5
_LONGEST_WAIT = 6.0
"""Looks grow rarer up to this many times the first wait."""
_BEAT_SECONDS = 1.0
_TRIES_TO_CANCEL = 3
_LONGEST_TRIAL_SECONDS = 120.0
_MISTAKE = "LabelLoop made a mistake here; the log has the details. Resume to go on."
_CANCELLED = "Cancelled. What the host had finished is kept; resume labels the rest."
_AT_HOST = "Its batches are at the host; it goes on by itself when LabelLoop runs."


class _Ended(Exception):
    """The run is over, for now or for good, with this status and sentence."""

    def __init__(self, status: RunStatus, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class BatchExecutor:
    """One claimed run of mode "batch". Use once, inside an event loop: `await BatchExecutor(...).execute()`.

    No item is ever in two batches that may both be carried out: new ones are written only once all before are over.
    """

    def __init__(self, db: Database, hosts: Hosts, run: Run, owner: str) -> None:
        self._db, self._hosts, self._run, self._owner = db, hosts, run, owner
        self._folder = folder_of(db, run.id)
        self._steps: Steps | None = None
        self._round, self._rounds = Round(), 0
        self._poll = _POLL_SECONDS
        self._cancel_wanted = run.cancel_requested
        self._leaving = False
        self._said: str | None = None
        self._not_yet: NotYet | None = None
        self._try_until = 0.0
        self._wake = threading.Event()

    @property
    def run_id(self) -> int:
        return self._run.id

    async def execute(self) -> None:
        """Work until done, cancelled, stopped, or the lease is lost; the run's row then says which.

        The lease is renewed all the while: hosts take up to a day, and an upload may take longer than a lease lasts.
        """
        try:
            await beside_a_heartbeat(
                self._carry_out, self._beat, every=_BEAT_SECONDS, name=f"labelloop-batches-{self._run.id}"
            )
        finally:
            self.interrupt()

    def interrupt(self) -> None:
        """Let go soon because the program ends: the host goes on, and so does the run when the program is back."""
        self._leaving = True
        self._wake.set()

    def _beat(self) -> None:
        try:
            with self._db.write() as conn:
                self._renew(conn)
        except WorkbenchError as error:
            log.warning("the lease of run %s could not be renewed: %s", self._run.id, error)

    def _renew(self, conn: Connection) -> bool:
        """Renew the lease; False where the run is not wanted any more, by the user or by this owner."""
        go_on = runs.beat(conn, self._run.id, self._owner, self._said)
        if go_on is None:
            self.interrupt()
        elif not go_on and not self._cancel_wanted:
            self._cancel_wanted = True
            self._wake.set()
        return bool(go_on)

    def _carry_out(self) -> None:
        status, message = RunStatus.FAILED, _MISTAKE
        try:
            self._work()
            status, message = RunStatus.INTERRUPTED, runs.INTERRUPTED
        except _Ended as ended:
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
            if self._leaving and waits and status is RunStatus.INTERRUPTED:
                status, message, pause = RunStatus.PAUSED, _AT_HOST, 0.0
            runs.finish(conn, self._run.id, self._owner, status, message, pause_seconds=pause)

    def _work(self) -> None:
        """Until there is no more to do (`_Ended`), or the program ends."""
        misses, turn = 0, 0
        while not self._leaving:
            try:
                with self._db.read() as conn:
                    waiting = batches.open_of(conn, self._run.id)
                    self._say(batches.of_run(conn, self._run.id))
                moved = self._step_all(waiting) if waiting else self._next_round()
                misses = 0
            except WorkbenchError as error:
                if not (self._may_be_at_host() or error is self._not_yet):
                    raise
                misses, moved = misses + 1, False
                told = (error.seconds or 0.0) if isinstance(error, NotYet) and not self._cancel_wanted else 0.0
                self._after_trouble(error, misses)
            else:
                told = 0.0
            turn = 0 if moved else turn + 1
            if not moved and not self._leaving:
                self._wake.wait(max(told, self._poll * min(_LONGEST_WAIT, 1.5 ** (turn - 1))))
                self._wake.clear()

    def _step_all(self, waiting: list[Batch]) -> bool:
        """A step of each; whether anything moved. Raises `_Ended` where the cap holds what is left back."""
        self._round.held, self._round.is_full = "", False
        steps = self._steps = self._steps or self._connected()
        moved, refusal = False, None
        for batch in waiting:
            if self._leaving:
                return True
            try:
                moved |= steps.take(batch, self._round, cancel=self._cancel_wanted) is not StepResult.WAITS
            except NotYet as error:
                refusal = error
        if refusal is not None and not moved:
            raise refusal
        if said := [self._round.waits_for[batch.id] for batch in waiting if batch.id in self._round.waits_for]:
            self._said = f"{self._said} Waiting for the host: {said[0]}"
        is_wanted = not (self._cancel_wanted or self._leaving)
        if self._round.held and not moved and is_wanted and not self._may_be_at_host():
            raise _Ended(RunStatus.PAUSED, self._round.held)
        return moved

    def _may_be_at_host(self) -> bool:
        with self._db.read() as conn:
            return any(batch.may_be_at_host for batch in batches.open_of(conn, self._run.id))

    def _after_trouble(self, error: WorkbenchError, misses: int) -> None:
        """Say what is waited for. Nothing that may be paid for is given up; a cancel waits only so long."""
        # The embedded host may come back on another port with another token.
        self._steps = None
        self._said = f"Waiting for the host: {error.in_full if isinstance(error, NotYet) else error}"
        if self._cancel_wanted and misses >= _TRIES_TO_CANCEL:
            raise _Ended(
                RunStatus.CANCELLED,
                "Cancelled here. The host could not be told: it may go on with its batches, and charge for them. "
                f"Cancel there again once it answers, or resume to collect its results. {error}",
            )

    def _connected(self) -> Steps:
        host = self._hosts.get(self._run.config["host"])
        connection = self._hosts.connection(host.key)
        self._poll = _POLL_LOCAL_SECONDS if host.is_local else _POLL_SECONDS
        rules = rules_of(profile_of(host))
        return Steps(self._db, self._run, HostBatches(connection, rules), self._folder, self._may_not_submit)

    # rounds

    def _next_round(self) -> bool:
        """Write what is missing as batches. Raises `_Ended` where there is nothing more to send."""
        self._sweep()
        last = self._round
        if last.humbler is not None:
            self._hosts.remember(self._run.config["host"], self._run.config["model"], last.humbler)
        if self._cancel_wanted or not self._is_wanted():
            raise _Ended(RunStatus.CANCELLED, _CANCELLED)
        if last.complaint:
            raise _Ended(RunStatus.FAILED, last.complaint)
        if last.left or last.lost:
            # Not sent again by itself: the host may have reasons, and some is paid for.
            raise _Ended(RunStatus.PAUSED, _unanswered(last))
        self._round = Round()
        manner = self._hosts.manner(self._run.config["host"], self._run.config["model"])
        asker = self._tried(asker_for(self._db, self._run, manner))
        self._rounds += 1
        if not self._write(asker) and not (self._leaving or self._cancel_wanted):
            raise _Ended(RunStatus.DONE, "")
        return True

    def _sweep(self) -> None:
        """Remove what a killed process left: with no batch open none of these files is needed."""
        for left in self._folder.glob(f"{self._run.id}-*"):
            left.unlink(missing_ok=True)

    def _is_wanted(self) -> bool:
        with self._db.write() as conn:
            return self._renew(conn)

    def _write(self, asker: Asker) -> int:
        """The batches of this round; gives how many."""
        rules = rules_of(profile_of(self._hosts.get(self._run.config["host"])))
        # Later rounds ask about what the first left: were one refused each time, its likes would wait a day a piece.
        missing, number = Missing(self._db, self._run, asker, each_once=self._rounds == 1), 0
        manner = manner_to_json(asker.manner)
        while not self._leaving:
            tag = f"{self._run.id}-{uuid.uuid4().hex[:12]}"
            written = missing.write(self._folder / f"{tag}.jsonl", rules)
            if written is None:
                break
            with self._db.write() as conn:
                if not self._renew(conn):  # whoever holds the run now writes the same items
                    written.path.unlink()
                    break
                batches.add(
                    conn,
                    self._run.id,
                    tag=tag,
                    first_item_id=written.first_item_id,
                    last_item_id=written.last_item_id,
                    lines=written.lines,
                    manner=manner,
                )
            number += 1
        return number

    def _tried(self, asker: Asker) -> Asker:
        """Ask live where it is not known how the model is best asked; gives an asker in the manner found out."""
        if asker.manner != Manner() or self._trial_is_too_dear():
            return asker
        host = self._run.config["host"]
        try:
            manner = try_one(self._db, self._run, self._hosts.connection(host), asker)
        except NotYet as refusal:
            if not self._may_try_later(refusal):
                return asker
            raise
        self._hosts.remember(host, self._run.config["model"], manner)
        return asker_for(self._db, self._run, manner)

    def _may_try_later(self, refusal: NotYet) -> bool:
        """A host that goes on refusing single calls may be one for batches alone."""
        moment = time.monotonic()
        if self._not_yet is None:
            self._try_until = moment + _LONGEST_TRIAL_SECONDS
        self._not_yet = refusal
        return moment + (refusal.seconds or 0.0) < self._try_until

    # what it may cost

    def _trial_is_too_dear(self) -> bool:
        with self._db.read() as conn:
            return bool(why_not(self._db, conn, self._run.id, 1, 0))

    def _may_not_submit(self, conn: Connection, batch: Batch, path: Path) -> str:
        """Why a batch must not be submitted now: asked right before it begins to cost."""
        if not self._renew(conn):
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
        batches_ = "1 batch" if len(sent) == 1 else f"{len(sent):,} batches"
        self._said = f"{batches_} sent, {over_:,} collected; {done:,} of {lines:,} lines done."


def _unanswered(last: Round) -> str:
    parts = []
    if last.left:
        parts.append(f"the host did not get to {last.left:,} lines")
    if last.lost:
        parts.append(f"it gave nothing back for {last.lost:,} lines")
    said = " and ".join(parts)
    return f"{said[0].upper()}{said[1:]}. What came is kept; resume sends the rest again."

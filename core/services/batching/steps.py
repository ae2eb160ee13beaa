"""The steps of one batch: upload, submit, look, collect. Each is noted before the next; none that costs is repeated.

A batch may be at the host from the moment `submitted_at` is noted, which is before the host hears of it. Whoever finds
that without an id looks for the batch among the host's newest before making one.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from pathlib import Path
from typing import Any

from core.errors import WorkbenchError
from core.host_refusals import NotYet, Unanswered
from core.hosts.batches import BatchProgress, BatchState, HostBatches
from core.hosts.explaining import Gone
from core.hosts.manner import Manner, manner_of_json
from core.model import Run
from core.plural import count
from core.services.batching.files import asker_for
from core.services.batching.results import Results, Taken
from core.storage import batches
from core.storage.batches import Batch, BatchStatus
from core.storage.engine import Connection, Database, now

log = logging.getLogger(__name__)

_TRIES_BEFORE_GONE = 3
LONGEST_NOT_YET_SECONDS = 1800.0
"""How long a host that would make a batch later is asked again."""
TOO_MUCH = "The host accepts no more batches at once: this one waits for the others."


class StepResult(Enum):
    """What a step came to."""

    DONE = auto()
    WAITS = auto()
    OVER = auto()


@dataclass
class Round:
    """What the batches carried out so far came to, in lines: the host did not get to those `left`, said nothing of
    those `lost`, and wants those `refused` asked in the `humbler` manner.

    `complaint`: why the host would not take a batch; `held`: why the next must wait for a higher cap; `is_full`: it
    waits for the others to end. `waits_for` is what the host says where it refuses to be asked about one, by batch.
    """

    left: int = 0
    lost: int = 0
    refused: int = 0
    humbler: Manner | None = None
    complaint: str = ""
    held: str = ""
    is_full: bool = False
    cancels_told: set[int] = field(default_factory=set)
    missed: Counter[int] = field(default_factory=Counter)
    not_yet_since: dict[int, float] = field(default_factory=dict)
    not_before: dict[int, float] = field(default_factory=dict)
    waits_for: dict[int, str] = field(default_factory=dict)


class Steps:
    """Takes one batch of a run one step further at a time.

    `may_not_submit` says, right before a batch begins to cost, why it must not (a sentence; "" where it may). It is
    asked in the transaction that notes the submission, so that of two runs with one cap each knows of the other.
    """

    def __init__(
        self,
        db: Database,
        run: Run,
        host: HostBatches,
        folder: Path,
        may_not_submit: Callable[[Connection, Batch, Path], str],
    ) -> None:
        self._db, self._run, self._host, self._folder = db, run, host, folder
        self._may_not_submit = may_not_submit

    def take(self, batch: Batch, so_far: Round, *, cancel: bool) -> StepResult:
        """One step. Raises `WorkbenchError` where the host cannot be asked just now; nothing is lost by that.

        A batch whose step the host refuses waits by itself for as long as it is told, and the others go on.
        """
        # One that is at the host goes on there whatever became of another; it is not asked about before its time.
        in_haste = cancel or (bool(so_far.complaint) and not batch.may_be_at_host)
        if time.monotonic() < so_far.not_before.get(batch.id, 0.0) and not in_haste:
            return StepResult.WAITS
        try:
            step = self._take(batch, so_far, cancel=cancel)
            so_far.not_yet_since.pop(batch.id, None)
            so_far.waits_for.pop(batch.id, None)
            return step
        except NotYet as refusal:
            if cancel:
                raise
            return self._refused_for_now(batch, refusal, so_far)
        except Gone as error:
            so_far.missed[batch.id] += 1
            if so_far.missed[batch.id] < _TRIES_BEFORE_GONE:
                raise
            so_far.lost += batch.lines
            self._drop(batch, str(error))
            return StepResult.OVER

    def _take(self, batch: Batch, so_far: Round, *, cancel: bool) -> StepResult:
        match batch.status:
            case BatchStatus.WRITTEN | BatchStatus.UPLOADED if batch.submitted_at is None:
                return self._toward_host(batch, so_far, cancel=cancel)
            case BatchStatus.UPLOADED:
                return self._find(batch)
            case BatchStatus.SUBMITTED:
                return self._look(batch, so_far, cancel=cancel)
            case _:
                return self._collect(batch, so_far)

    def path_of(self, batch: Batch) -> Path:
        return self._folder / f"{batch.tag}.jsonl"

    def _note(self, batch: Batch, **values: Any) -> Batch:
        with self._db.write() as conn:
            stands = batches.get(conn, batch.id)
            if stands is not None and stands.status.is_open:  # it may have been let go of meanwhile
                batches.record(conn, batch.id, **values)
        return replace(batch, status=values.get("status", batch.status))

    # on the way to the host

    def _toward_host(self, batch: Batch, so_far: Round, *, cancel: bool) -> StepResult:
        path = self.path_of(batch)
        if cancel or so_far.complaint or not path.exists():
            said = (
                "Cancelled before it was sent."
                if cancel
                else so_far.complaint or "Its file was missing and has been written again."
            )
            self._drop(batch, said)
            return StepResult.OVER
        if batch.status is BatchStatus.WRITTEN:
            self._note(batch, input_file_id=self._host.upload(path), status=BatchStatus.UPLOADED)
            return StepResult.DONE
        if not so_far.held and not so_far.is_full:
            so_far.held = self._book(batch, path)
        if so_far.held or so_far.is_full:
            return StepResult.WAITS
        return self._submit(batch, so_far)

    def _book(self, batch: Batch, path: Path) -> str:
        """Note that the host is about to be told, unless it must not be: then why not."""
        with self._db.write() as conn:
            held = self._may_not_submit(conn, batch, path)
            if not held:
                batches.record(conn, batch.id, submitted_at=now(), message="")
            return held

    def _submit(self, batch: Batch, so_far: Round) -> StepResult:
        assert batch.input_file_id is not None
        try:
            host_batch_id = self._host.create(batch.input_file_id, batch.tag)
        except Unanswered:
            raise
        except NotYet:
            self._note(batch, submitted_at=None)
            raise
        except WorkbenchError as error:
            return self._complain(batch, error, so_far)
        self._note(batch, host_batch_id=host_batch_id, status=BatchStatus.SUBMITTED)
        return StepResult.DONE

    def _refused_for_now(self, batch: Batch, refusal: NotYet, so_far: Round) -> StepResult:
        """Say that the host is to be asked again, and until when: for good once it may be paid for."""
        moment, told = time.monotonic(), refusal.seconds or 0.0
        left = LONGEST_NOT_YET_SECONDS - (moment - so_far.not_yet_since.setdefault(batch.id, moment))
        said = refusal.in_full
        if self._may_be_paid_for(batch):
            so_far.waits_for[batch.id] = said
        elif left > told:
            self._note(batch, message=f"{said} Trying again for up to {left / 60:.0f} more minutes.")
        else:
            return self._complain(batch, refusal, so_far)
        so_far.not_before[batch.id] = moment + told
        return StepResult.WAITS

    def _may_be_paid_for(self, batch: Batch) -> bool:
        with self._db.read() as conn:
            stands = batches.get(conn, batch.id)
        return stands is not None and stands.may_be_at_host

    def _complain(self, batch: Batch, error: WorkbenchError, so_far: Round) -> StepResult:
        so_far.complaint = str(error)
        self._drop(batch, str(error), submitted_at=None)
        return StepResult.OVER

    def _find(self, batch: Batch) -> StepResult:
        """The batch that was made without its id being noted; where there is none, it may be made again."""
        assert batch.input_file_id is not None
        found = self._host.find(batch.input_file_id, batch.tag)
        if found is None:
            self._note(batch, submitted_at=None)
        else:
            self._note(batch, host_batch_id=found, status=BatchStatus.SUBMITTED)
        return StepResult.DONE

    def _drop(self, batch: Batch, message: str, **values: Any) -> None:
        self._note(batch, status=BatchStatus.FAILED, message=message, ended_at=now(), **values)
        self.path_of(batch).unlink(missing_ok=True)

    # at the host

    def _look(self, batch: Batch, so_far: Round, *, cancel: bool) -> StepResult:
        assert batch.host_batch_id is not None
        if cancel and batch.id not in so_far.cancels_told:
            try:
                self._host.cancel(batch.host_batch_id)
                so_far.cancels_told.add(batch.id)
            except WorkbenchError as error:  # it may have ended just now; if not, it is told again
                log.warning("batch %s: %s", batch.id, error)
        state = self._host.look(batch.host_batch_id)
        facts: dict[str, Any] = {"host_status": state.host_status, "looked_at": now()}
        if state.progress is BatchProgress.UNDER_WAY:
            self._note(batch, answered=state.answered, failed=state.failed, message=state.message, **facts)
            return StepResult.WAITS
        if state.progress is BatchProgress.REFUSED and not state.result_file_ids:
            return self._refused(batch, state, so_far, facts, cancel=cancel)
        self._note(batch, status=BatchStatus.ENDED, ended_at=now(), message=state.message, **facts)
        return StepResult.DONE

    def _refused(
        self, batch: Batch, state: BatchState, so_far: Round, facts: dict[str, Any], *, cancel: bool
    ) -> StepResult:
        """The host did nothing of it: because it is full, which passes, or because it does not like the file."""
        if state.is_full and not cancel:
            again = {"host_batch_id": None, "submitted_at": None}
            self._note(batch, status=BatchStatus.UPLOADED, message=TOO_MUCH, **again, **facts)
            so_far.is_full = True
            return StepResult.WAITS
        if not cancel:
            so_far.complaint = state.message
        self._drop(batch, state.message, **facts)
        return StepResult.OVER

    # back from the host

    def _collect(self, batch: Batch, so_far: Round) -> StepResult:
        assert batch.host_batch_id is not None
        manner = manner_of_json(batch.manner)
        results = Results(self._db, self._run, asker_for(self._db, self._run, manner), manner)
        taken = Taken()
        for file_id in self._host.look(batch.host_batch_id).result_file_ids:
            path = self._folder / f"{batch.tag}.results"
            self._host.download(file_id, path)
            with path.open("rb") as lines:
                results.take(lines, taken)
            path.unlink()
        self._count(taken, batch, so_far)
        so_far.humbler = results.humbler or so_far.humbler
        counted = {
            "answered": min(batch.lines - taken.failed, taken.answered + taken.duplicates),
            "failed": taken.failed,
        }
        self._note(batch, status=BatchStatus.COLLECTED, message=_said(taken) or batch.message, **counted)
        self.path_of(batch).unlink(missing_ok=True)
        return StepResult.OVER

    def _count(self, taken: Taken, batch: Batch, so_far: Round) -> None:
        so_far.left += taken.left
        so_far.refused += taken.refused
        so_far.lost += max(0, batch.lines - taken.known)


def _said(taken: Taken) -> str:
    """What the user should know of a batch besides how many lines were answered and failed."""
    parts = []
    if taken.left:
        parts.append(f"{count(taken.left, 'line')} the host did not get to")
    if taken.refused:
        parts.append(f"{taken.refused:,} asked again in another way")
    if taken.unknown or taken.unreadable:
        foreign = taken.unknown + taken.unreadable
        parts.append(f"{count(foreign, 'line')} that {'does' if foreign == 1 else 'do'} not belong to this run")
    return ", ".join(parts)

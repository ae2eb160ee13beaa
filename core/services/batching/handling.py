"""Batches as a person handles them: how they stand, a run's requests as a file, results brought back in one."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.errors import WorkbenchError
from core.model import Problem, Run, RunStatus
from core.services.batching.files import Missing, asker_for, drop_unsent, folder_of
from core.services.batching.results import Results, Taken, nothing_of_ours
from core.services.common.door import door
from core.services.common.lookup import run_of
from core.services.hosts.connections import Hosts
from core.storage import batches, beside, runs
from core.storage.batches import Batch, BatchStatus
from core.storage.engine import Database, now

__all__ = ["Batch", "BatchStatus", "Batching", "ExportedFile", "ImportReport"]


@dataclass(frozen=True)
class ExportedFile:
    """A run's missing items as requests, one a line; `lines` is 0 where nothing was left to ask."""

    path: Path
    lines: int
    bytes: int


@dataclass(frozen=True)
class ImportReport:
    """What a result file brought, in lines; `missing` are the items of the run still without an answer.

    `duplicates` were answered before, `unknown` belong to another run, `unreadable` are no result lines: the first
    fifty are `problems`. `refused` and `left` were not answered and can be asked again: export afresh.
    """

    answered: int
    failed: int
    unknown: int
    duplicates: int
    missing: int
    refused: int = 0
    left: int = 0
    unreadable: int = 0
    problems: tuple[Problem, ...] = ()


@door
class Batching:
    def __init__(self, db: Database, hosts: Hosts) -> None:
        self._db, self._hosts = db, hosts

    def of(self, run_id: int) -> list[Batch]:
        """A run's batches at its host, in the order they were written."""
        with self._db.read() as conn:
            return batches.of_run(conn, run_id)

    def stop_following(self, run_id: int) -> None:
        """Let go of batches whose host never says that they are over, and so end the run. What comes of them there is
        not known from then on."""
        with self._db.write() as conn:
            run_of(conn, run_id)
            for batch in batches.open_of(conn, run_id):
                said = f"; the last status was “{batch.host_status}”" if batch.host_status else ""
                message = f"No longer followed{said}. It may continue there and cost money."
                batches.record(conn, batch.id, status=BatchStatus.FAILED, message=message, ended_at=now())
            runs.request_cancel(conn, run_id)

    def last_export(self, run_id: int) -> ExportedFile | None:
        """The file `export` wrote last, if it is still there."""
        path = _export_path(self._db, run_id)
        lines = path.with_suffix(".lines")
        if not path.exists() or not lines.exists():
            return None
        return ExportedFile(path, int(lines.read_text()), path.stat().st_size)

    def export(self, run_id: int, *, retry_errors: bool = False) -> ExportedFile:
        """Write what the run misses as one file, for `vllm run-batch` or any host's batch page.

        With `retry_errors` failed items count as missing. What the cache knows is taken over instead. Raises
        `WorkbenchError` while somebody else may answer the items.
        """
        run = self._idle(run_id)
        if retry_errors:
            with self._db.write() as conn:
                batches.forget_errors(conn, run_id)
        path = _export_path(self._db, run_id)
        manner = self._hosts.manner(run.config["host"], run.config["model"])
        written = Missing(self._db, run, asker_for(self._db, run, manner)).write(path)
        self._settle(run_id)
        if written is None:
            path.unlink(missing_ok=True)
            return ExportedFile(path, 0, 0)
        path.with_suffix(".lines").write_text(str(written.lines))
        return ExportedFile(path, written.lines, path.stat().st_size)

    def import_results(self, run_id: int, lines: Iterable[bytes]) -> ImportReport:
        """Store the answers of a result file, given line by line as an open file does; again changes nothing.

        Lines that cannot be read are reported by number, the others count. Raises `WorkbenchError`, having stored
        nothing, where no line belongs to the run.
        """
        run = self._idle(run_id)
        manner = self._hosts.manner(run.config["host"], run.config["model"])
        results, taken = Results(self._db, run, asker_for(self._db, run, manner), manner), Taken()
        results.take(map(self._hosts.hider(run.config["host"]).data, lines), taken)
        if (mistake := nothing_of_ours(taken, run)) is not None:
            raise mistake
        if results.humbler is not None:
            self._hosts.remember(run.config["host"], run.config["model"], results.humbler)
        return ImportReport(
            taken.answered,
            taken.failed,
            taken.unknown,
            taken.duplicates,
            self._settle(run_id).missing,
            taken.refused,
            taken.left,
            taken.unreadable,
            tuple(taken.problems),
        )

    def _idle(self, run_id: int) -> Run:
        """The run, where nobody is at work on its items."""
        with self._db.read() as conn:
            run = run_of(conn, run_id)
            unfinished = batches.open_of(conn, run_id)
        if run.status.is_live:
            raise WorkbenchError("This run is still in progress.", "Cancel it first, or wait.")
        if any(batch.may_be_at_host for batch in unfinished):
            raise WorkbenchError(
                "Some of its batches are still at the host and may be answered there.",
                "Resume the run to collect them.",
            )
        drop_unsent(self._db, run_id)
        return run

    def _settle(self, run_id: int) -> Run:
        """Done where nothing is missing, paused until results come otherwise."""
        with self._db.write() as conn:
            missing = batches.recount(conn, run_id)
            status, message = (RunStatus.PAUSED, _waits(missing)) if missing else (RunStatus.DONE, "")
            batches.settle(conn, run_id, status, message)
            if status is RunStatus.DONE:
                for other in beside.of_run(conn, run_id):
                    runs.requeue(conn, other, forget_errors=False)
            return run_of(conn, run_id)


def _waits(missing: int) -> str:
    items = "1 item is" if missing == 1 else f"{missing:,} items are"
    return f"Waiting for the results of its file: {items} missing."


def _export_path(db: Database, run_id: int) -> Path:
    return folder_of(db, run_id) / f"run-{run_id}.jsonl"

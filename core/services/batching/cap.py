"""Whether a run's cap lets one more batch go to its host, beside all that it and those started with it have there."""

from collections.abc import Sequence

from core.model import Run
from core.services.asking.requests import budget_of
from core.services.batching.files import folder_of
from core.services.batching.load import Load, expected, over, spent_by
from core.storage import annotators, batches, run_figures, runs
from core.storage.batches import Batch
from core.storage.engine import Connection, Database
from core.storage.run_figures import Call

_CALLS_LIKE = 200


def why_not(db: Database, conn: Connection, run_id: int, lines: int, size: int) -> str:
    """Why a file with `lines` requests in `size` bytes does not fit under the cap, in a sentence; "" where it does.

    Called in the transaction that notes the submission, nobody else can fill the same gap meanwhile.
    """
    run = runs.get(conn, run_id)  # the cap may have been raised since it was claimed
    if run is None or not (budget := budget_of(run.config)):
        return ""
    at_host = sum((_load_of(db, conn, batch) for batch in batches.at_host_together(conn, run)), Load())
    spent = spent_by(runs.spent_together(conn, run)) + at_host
    return over(budget, spent, expected(lines, size, run, _calls_like(conn, run)))


def _load_of(db: Database, conn: Connection, batch: Batch) -> Load:
    """What a batch at its host is expected to take, by the prices and answers of its own run."""
    run = runs.get(conn, batch.run_id)
    if run is None:
        return Load()
    path = folder_of(db, run.id) / f"{batch.tag}.jsonl"
    return expected(batch.lines, path.stat().st_size if path.exists() else 0, run, _calls_like(conn, run))


def _calls_like(conn: Connection, run: Run) -> Sequence[Call]:
    """The newest calls of the same model and prompt, a probe's for one, where the run has none of its own."""
    annotator = None if run.calls else annotators.get(conn, run.annotator_id)
    if annotator is None or annotator.prompt_version_id is None:
        return ()
    who = (run.project_id, run.config["host"], run.config["model"], annotator.prompt_version_id)
    return run_figures.newest_calls(conn, *who, _CALLS_LIKE)

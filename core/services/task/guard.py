"""When the labels of a task must stay: while answers may come that were asked for with them."""

from core.errors import WorkbenchError
from core.model import RunStatus
from core.plural import count
from core.services.common.lookup import run_of
from core.storage import batches, fine_tunes, runs
from core.storage.engine import Connection

_WAIT = "Wait for it, or cancel it on the Runs page."


def refuse_while_answers_come(conn: Connection, project_id: int, what: str) -> None:
    """Raises `WorkbenchError` where a label that is gone meanwhile would still be given out: by a run that is going or
    paused (a file answered elsewhere among them), by a batch at a host, by a model in training."""
    sentence = f"Labels cannot be {what} while"
    unfinished = runs.list_unfinished(conn, project_id)
    if any(run.status.is_live for run in unfinished):
        raise WorkbenchError(f"{sentence} a run of this project is in progress.", _WAIT)
    for run in unfinished:
        if run.status is RunStatus.PAUSED:
            raise WorkbenchError(
                f"{sentence} run {run.number} is paused: {count(run.missing, 'answer')} may still arrive.", _WAIT
            )
    if (run_id := batches.run_at_host(conn, project_id)) is not None:
        raise WorkbenchError(
            f"{sentence} a batch of run {run_of(conn, run_id).number} is at its host and may be answered there.",
            "Resume the run to collect it, or cancel it on the Runs page.",
        )
    if any(job.status.is_live for job in fine_tunes.list_all(conn, project_id)):
        raise WorkbenchError(
            f"{sentence} a model is being trained: it learns the labels it was started with.",
            "Wait for it, or cancel it on the Fine-tune page.",
        )

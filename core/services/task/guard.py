"""When the labels of a task must stay: while answers may come that were asked for with them, and while another question
is asked by them."""

from collections.abc import Collection

from core.errors import WorkbenchError
from core.model import RunStatus
from core.plural import count
from core.services.common.lookup import project_of, run_of
from core.storage import batches, conditions, fine_tunes, runs, tasks
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


def refuse_while_asked_by(conn: Connection, project_id: int, removed: Collection[int | None]) -> None:
    """Raises `WorkbenchError` where another question is asked only where one of these labels is given."""
    names = tasks.label_names(conn, project_id)
    for one, condition in conditions.hanging_on(conn, project_id).items():
        used = next((names[label] for label in condition.labels if label in removed), None)
        if used is not None:
            raise WorkbenchError(
                f"The label {used} cannot be removed: “{project_of(conn, one).question}” is asked only where it is"
                " given.",
                "Choose other labels for that question first, under “Questions”, or merge this one into another.",
            )

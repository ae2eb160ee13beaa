"""Whose answers to the earlier question decide of which items a model is asked a question that hangs on it."""

from core.errors import WorkbenchError
from core.model import Annotator, AnnotatorKind, Condition
from core.services.common.asked import where_in_words
from core.services.common.lookup import project_of
from core.services.common.titles import titled
from core.storage import annotators, conditions
from core.storage.engine import Connection

OWN = -1
"""Each model's own answers: those of the newest annotator that is the same model of the same host."""


def deciders(conn: Connection, project_id: int) -> list[Annotator]:
    """Everybody who has answered the earlier question, its reference first; nobody where there is no condition."""
    condition = conditions.of(conn, project_id)
    if condition is None:
        return []
    answered, reference = annotators.annotated_counts(conn, condition.on), project_of(conn, condition.on).reference_id
    there = [one for one in titled(conn, condition.on).values() if answered.get(one.id)]
    return sorted(there, key=lambda one: one.id != reference)


def decider(conn: Connection, project_id: int, chosen: int | None, host: str, model: str) -> Annotator | None:
    """The annotator of the earlier question that is meant: the one chosen, by id; its reference where none is; with
    `OWN` the model itself. None where the question is asked of every item. Raises `WorkbenchError` where there is no
    such annotator, or they have answered nothing."""
    condition = conditions.of(conn, project_id)
    if condition is None:
        return None
    there = {one.id: one for one in deciders(conn, project_id)}
    wanted = project_of(conn, condition.on).reference_id if chosen is None else chosen
    if chosen == OWN:
        wanted = max((one.id for one in there.values() if _is(one, host, model)), default=None)
    if wanted not in there:
        raise _nobody(conn, project_id, condition, model if chosen == OWN else "")
    return there[wanted]


def _is(one: Annotator, host: str, model: str) -> bool:
    return one.kind is AnnotatorKind.MODEL and (one.host, one.model) == (host, model)


def _nobody(conn: Connection, project_id: int, condition: Condition, model: str) -> WorkbenchError:
    earlier = project_of(conn, condition.on).question
    who = f"{model} has not answered “{earlier}” yet" if model else f"nobody who decides has answered “{earlier}” yet"
    return WorkbenchError(
        f"This question is asked {where_in_words(conn, project_id)}, and {who}.",
        f"Answer “{earlier}” first, or choose whose answers decide.",
    )

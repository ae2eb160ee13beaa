"""Where a further question is asked: setting it, what that comes to, and what may not be removed because of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import WorkbenchError
from core.model import Annotator, Condition, Having, Holds, Project
from core.services.common.asked import by
from core.services.common.lookup import project_of
from core.storage import annotators, conditions, projects, tasks, values
from core.storage.engine import Connection, Database
from core.tasks import TASKS

_MOSTLY, _FEW = 0.9, 10


@dataclass(frozen=True)
class AskedAbout:
    """Of how many of the items a question is asked, by the answers of `by` to the earlier one; `unknown` lack one."""

    asked: int
    items: int
    unknown: int
    by: Annotator | None


def of(db: Database, project_id: int) -> Condition | None:
    """See `Projects.condition`."""
    with db.read() as conn:
        project_of(conn, project_id)
        return conditions.of(conn, project_id)


def can_decide(db: Database, project_id: int) -> list[Project]:
    """See `Projects.can_decide`."""
    with db.read() as conn:
        project_of(conn, project_id)
        return _earlier(conn, project_id)


def _earlier(conn: Connection, project_id: int) -> list[Project]:
    earlier = (one for one in projects.questions(conn, project_id) if one.id < project_id)
    return [one for one in earlier if TASKS[values.question_of(conn, one.id).kind].decides]


def proposed(db: Database, project_id: int) -> Condition | None:
    """See `Projects.proposed_condition`."""
    with db.read() as conn:
        later = project_of(conn, project_id).reference_id
        if later is None or conditions.of(conn, project_id) is not None:
            return None
        found = (_proposal(conn, one, later) for one in reversed(_earlier(conn, project_id)))
        return next((one for one in found if one is not None), None)


def _proposal(conn: Connection, earlier: Project, later: int) -> Condition | None:
    if earlier.reference_id is None or not TASKS[values.question_of(conn, earlier.id).kind].is_closed:
        return None
    present = {label.id for label in tasks.all_labels(conn, earlier.id)}
    said = conditions.answered_where(conn, earlier.reference_id, later).items()
    answered = [label for label, (items, n) in said if label in present and n >= _MOSTLY * items]
    never = sum(items for _, (items, n) in said if not n)
    is_clear = all(not n or n >= _MOSTLY * items for _, (items, n) in said)
    return Condition(earlier.id, tuple(sorted(answered))) if answered and never >= _FEW and is_clear else None


def holds(db: Database, project_id: int) -> Holds | None:
    """See `Projects.condition_holds`."""
    with db.read() as conn:
        condition = conditions.of(conn, project_id)
        return conditions.holds(conn, condition) if condition else None


def put(db: Database, project_id: int, on: int, labels: Sequence[int], having: Having) -> None:
    """See `Projects.ask_only_where`."""
    with db.write() as conn:
        project_of(conn, project_id)
        conditions.put(conn, project_id, checked(conn, project_id, on, labels, having))


def drop(db: Database, project_id: int) -> None:
    """See `Projects.ask_always`."""
    with db.write() as conn:
        project_of(conn, project_id)
        conditions.put(conn, project_id, None)


def about(db: Database, project_id: int, on: int, labels: Sequence[int], having: Having) -> AskedAbout:
    """See `Projects.asked_about`."""
    with db.read() as conn:
        condition = checked(conn, project_id, on, labels, having)
        reference = project_of(conn, on).reference_id
        who = annotators.get(conn, reference) if reference is not None else None
        items, asked, unknown = conditions.counts(conn, project_id, by(conn, condition, who))
        return AskedAbout(asked, items, unknown, who)


def checked(conn: Connection, project_id: int, on: int, labels: Sequence[int], having: Having) -> Condition:
    """The condition. Raises as `Projects.ask_only_where`."""
    if on not in {one.id for one in _earlier(conn, project_id)}:
        raise WorkbenchError(
            "A question can hang only on an earlier one about the same items that is answered with labels, levels or "
            "marks.",
            "Choose one that was added before it.",
        )
    ways = TASKS[values.question_of(conn, on).kind].decides
    if having not in ways:
        raise WorkbenchError(
            f"What is answered to “{_name(conn, on)}” cannot decide by “{having}”.",
            f"Choose one of: {', '.join(ways)}.",
        )
    if having.labels == 0:
        return Condition(on, (), having)
    known = {label.id: label.score for label in tasks.all_labels(conn, on)}
    if not labels:
        raise WorkbenchError("No label is chosen, so the question would never be asked.", "Choose one at least.")
    if not known.keys() >= {*labels}:
        raise WorkbenchError("The earlier question does not have all of these labels any more.", "Reload the page.")
    if having.labels == 1 and (len(labels) > 1 or known[labels[0]] is None):
        raise WorkbenchError(f"“{having.capitalize()}” needs one level with a score.", "Choose one level.")
    return Condition(on, tuple(dict.fromkeys(labels)), having)


def refuse_while_others_hang(conn: Connection, project_id: int) -> None:
    """Raises `WorkbenchError` where other questions are asked by what is answered to this one."""
    hanging = [_name(conn, one) for one in conditions.hanging_on(conn, project_id)]
    if hanging:
        are = "is" if len(hanging) == 1 else "are"
        raise WorkbenchError(
            f"{_listed(hanging)} {are} asked only where “{_name(conn, project_id)}” has certain answers.",
            "Ask about every item there first, under “Questions”.",
        )


def refuse_unless_decided(conn: Connection, project_id: int) -> None:
    """Raises `WorkbenchError` where a question that is to be restored hangs on what was removed meanwhile."""
    condition = conditions.of(conn, project_id)
    if condition is None:
        return
    name, on = _name(conn, project_id), _name(conn, condition.on)
    if not projects.is_open(conn, condition.on):
        raise WorkbenchError(
            f"“{name}” is asked only where “{on}” has certain answers, and that question was removed.",
            "Restore that one first.",
        )
    if not condition.labels and condition.having.labels != 0:
        raise WorkbenchError(
            f"“{name}” is asked only where “{on}” has certain answers, and their labels were removed.",
            "Restore one of them first, under “Removed labels” of that question.",
        )


def _name(conn: Connection, project_id: int) -> str:
    return project_of(conn, project_id).question


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)

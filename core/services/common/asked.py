"""Whose answers decide where a further question is asked: everybody's own."""

from collections.abc import Callable

from core.model import Annotator, AnnotatorKind, Condition, QuestionKind
from core.storage import annotators, conditions, projects, tasks, values
from core.storage.conditions import Decides
from core.storage.engine import Connection


def deciding(conn: Connection, project_id: int, who: Callable[[int], int | None]) -> tuple[Decides, ...]:
    """What has to hold for the question to be asked, where `who` gives whose answers count to an earlier one, by its
    project; nothing where it is asked of every item."""
    return tuple(Decides(who(one.on), one.labels) for one in conditions.chain(conn, project_id))


def of_person(conn: Connection, project_id: int, name: str) -> tuple[Decides, ...]:
    """The same for a person, whose own answers decide."""
    return deciding(conn, project_id, lambda on: _named(conn, on, AnnotatorKind.PERSON, name))


def by(conn: Connection, condition: Condition, who: Annotator | None) -> tuple[Decides, ...]:
    """The same for anybody, by the answers of one annotator of the earlier question, who was asked that one by their
    own answers before it, as far as they have any."""
    before = of_annotator(conn, who) if who is not None else ()
    known = (one for one in before if one.annotator_id is not None)
    return (Decides(who.id if who else None, condition.labels), *known)


def of_annotator(conn: Connection, annotator: Annotator) -> tuple[Decides, ...]:
    """The same for whoever annotates: a person's and an imported column's own answers, by name; what was imported
    under another name goes by the imported reference. A model is asked what its run chose."""

    def who(on: int) -> int | None:
        if annotator.kind is AnnotatorKind.MODEL:
            return None
        found = _named(conn, on, annotator.kind, annotator.name)
        if found is None and annotator.kind is AnnotatorKind.IMPORTED:
            reference = _reference(conn, on)
            found = reference if reference in annotators.of_kind(conn, on, annotator.kind) else None
        return found

    return deciding(conn, annotator.project_id, who)


def where_in_words(conn: Connection, project_id: int) -> str:
    """Where the question is asked, such as `only where “Toxic?” is yes`; "" where it is asked of every item."""
    condition = conditions.of(conn, project_id)
    if condition is None:
        return ""
    on, names = projects.get(conn, condition.on), tasks.label_names(conn, condition.on)
    several = values.question_of(conn, condition.on).kind is QuestionKind.SEVERAL_LABELS
    labels = " or ".join(names[label] for label in condition.labels) or "a removed label"
    return f"only where “{on.question if on else ''}” {'has' if several else 'is'} {labels}"


def _named(conn: Connection, project_id: int, kind: AnnotatorKind, name: str) -> int | None:
    name = " ".join(name.split())
    everyone = annotators.list_all(conn, project_id)
    return next((one.id for one in everyone if one.kind is kind and one.name == name), None)


def _reference(conn: Connection, project_id: int) -> int | None:
    found = projects.get(conn, project_id)
    return found.reference_id if found else None

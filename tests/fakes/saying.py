"""Annotations told by the ids of labels, for tests that have one label for each item."""

from collections.abc import Iterable, Sequence

from core.services.common import values as saying
from core.storage import annotations, annotators, values
from core.storage.annotations import NewAnnotation
from core.storage.engine import Connection
from core.storage.repeats import Repeat


def value(label_id: int | None) -> str | None:
    """What is said by giving a label, or by taking it back."""
    return None if label_id is None else str(label_id)


def append(conn: Connection, entries: Sequence[NewAnnotation]) -> None:
    """Append entries whose values are ids of labels, or None."""
    by_project: dict[int, list[NewAnnotation]] = {}
    projects = {who: _project_of(conn, who) for who in {entry.annotator_id for entry in entries}}
    for entry in entries:
        told = entry._replace(value=value(entry.value))  # type: ignore[arg-type]
        by_project.setdefault(projects[entry.annotator_id], []).append(told)
    for project_id, its_own in by_project.items():
        saying.append(conn, project_id, its_own)


def append_labels(conn: Connection, annotator_id: int, pairs: Iterable[tuple[int, int | None]]) -> None:
    """`(item, label)` of one annotator."""
    pairs = list(pairs)
    question = values.question_of(conn, _project_of(conn, annotator_id))
    ids = saying.interned(conn, question, {str(label) for _, label in pairs if label is not None})
    said = [(item, None if label is None else ids[str(label)]) for item, label in pairs]
    annotations.append_values(conn, annotator_id, question.id, said, None)


def append_repeats(conn: Connection, project_id: int, run_id: int, answers: Sequence[Repeat]) -> None:
    """Single answers whose values are ids of labels."""
    told = [answer._replace(value=str(answer.value)) for answer in answers]
    saying.append_repeats(conn, project_id, run_id, told)


def label_ids_of(conn: Connection, annotator_id: int, item_ids: Sequence[int] | None = None) -> dict[int, int]:
    """The id of the current label by item id."""
    labels = saying.labels_in(conn, _project_of(conn, annotator_id))
    return {item: labels[said][0] for item, said in annotations.value_ids_of(conn, annotator_id, item_ids).items()}


def value_ids(conn: Connection, project_id: int) -> dict[int, int]:
    """The id of the value that each label is, by the label's; of those that were ever said."""
    return {int(text): i for i, text in values.every(conn, values.question_of(conn, project_id)).items()}


def _project_of(conn: Connection, annotator_id: int) -> int:
    found = annotators.get(conn, annotator_id)
    assert found is not None
    return found.project_id

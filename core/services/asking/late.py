"""Answers that come when their label is no longer one of the task's: a run's labels are frozen, the task goes on."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from core.model import AnswerKind, Run
from core.services.asking.entries import KINDS
from core.storage import repeats, tasks
from core.storage.annotations import NewAnnotation
from core.storage.engine import Connection
from core.storage.repeats import Repeat

Entry = TypeVar("Entry", NewAnnotation, Repeat)


def as_labels_stand(conn: Connection, project_id: int) -> Callable[[Sequence[Entry]], list[Entry]]:
    """Puts entries as the task's labels are now, within the transaction that is to store them.

    A label that was merged away becomes the one it was merged into. One that was removed becomes the fallback, with
    that as the reason; what the model said stays in the raw answer.
    """
    gone = tasks.successors(conn, project_id)

    def put(entries: Sequence[Entry]) -> list[Entry]:
        if not gone:
            return list(entries)
        return [_put(conn, project_id, entry, gone) for entry in entries]

    return put


def votes_as_labels_stand(conn: Connection, run: Run, item_ids: Sequence[int]) -> dict[int, list[Repeat]]:
    """The answers this run has to each of these items so far, by ordinal; items without any are left out."""
    put = as_labels_stand(conn, run.project_id)
    return {item: put(votes) for item, votes in repeats.of_items(conn, run.id, item_ids).items()}


def _put(conn: Connection, project_id: int, entry: Entry, gone: dict[int, int | None]) -> Entry:
    label_id = entry.label_id
    if label_id is None or label_id not in gone:
        return entry
    successor = gone[label_id]
    if successor is not None:
        return entry._replace(label_id=successor)
    present = tasks.task(conn, project_id).fallback.id
    assert present is not None
    if entry.kind != AnswerKind.LABEL:
        return entry._replace(label_id=present)
    name = tasks.label_names(conn, project_id)[label_id]
    return entry._replace(
        label_id=present,
        kind=KINDS[AnswerKind.OUTSIDE_LIST],
        confidence=None,
        reason=f"the answer is {name}, which has since been removed from the task",
    )

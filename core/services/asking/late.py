"""Answers that come when their label is no longer one of the task's: a run's labels are frozen, the task goes on."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from core.model import AnswerKind, Run, Task
from core.services.asking.entries import KINDS
from core.storage import repeats, tasks
from core.storage.annotations import NewAnnotation
from core.storage.engine import Connection
from core.storage.repeats import Repeat
from core.tasks import TASKS

Entry = TypeVar("Entry", NewAnnotation, Repeat)


def as_labels_stand(conn: Connection, project_id: int) -> Callable[[Sequence[Entry]], list[Entry]]:
    """Puts entries as the task's labels are now, within the transaction that is to store them.

    A label that was merged away becomes the one it was merged into. Where one was removed, the rest of the answer
    stands, or the fallback where nothing of it does, with that as the reason; what the model said stays in the raw
    answer.
    """
    gone = tasks.successors(conn, project_id)
    if not gone:
        return list
    task, names = tasks.task(conn, project_id), tasks.label_names(conn, project_id)
    return lambda entries: [_put(entry, task, gone, names) for entry in entries]


def votes_as_labels_stand(conn: Connection, run: Run, item_ids: Sequence[int]) -> dict[int, list[Repeat]]:
    """The answers this run has to each of these items so far, by ordinal; items without any are left out."""
    put = as_labels_stand(conn, run.project_id)
    return {item: put(votes) for item, votes in repeats.of_items(conn, run.id, item_ids).items()}


def _put(entry: Entry, task: Task, gone: dict[int, int | None], names: dict[int, str]) -> Entry:
    if entry.value is None:
        return entry
    kind = TASKS[task.type]
    value = kind.from_canonical(entry.value)
    lost = [label for label in kind.labels_in(value) if label in gone]
    if not lost:
        return entry
    value = kind.relabelled(value, {label: new for label, new in gone.items() if new is not None})
    removed = [label for label in dict.fromkeys(lost) if gone[label] is None]
    if not removed:
        return entry._replace(value=kind.canonical(value))
    rest = kind.without(value, removed)
    left = kind.value_of(task, kind.fallback(task)) if rest is None else rest
    put = entry._replace(value=kind.canonical(left))
    if entry.kind not in (AnswerKind.LABEL, AnswerKind.PARTLY):
        return put
    which = ", ".join(names[label] for label in removed)
    since = f"which {'has' if len(removed) == 1 else 'have'} since been removed from the task"
    if rest is None:
        return put._replace(
            kind=KINDS[AnswerKind.OUTSIDE_LIST], confidence=None, reason=f"the answer is {which}, {since}"
        )
    reason = "; ".join(filter(None, [entry.reason, f"left out: {which}, {since}"]))
    return put._replace(kind=KINDS[AnswerKind.PARTLY], confidence=None, reason=reason)

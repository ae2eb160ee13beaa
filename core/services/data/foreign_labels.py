"""Labels of a file that the task of a project has not: what they count as, and how the task gets them."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from core.errors import WorkbenchError
from core.importers import Check
from core.model import Label, QuestionKind
from core.services.data.choice import ImportChoice
from core.spelling import fold, tidy
from core.storage import tasks
from core.storage.engine import Connection
from core.tasks import check_task, complete_labels


def settled(
    conn: Connection, project_id: int, choice: ImportChoice, check: Check, new_labels: Collection[str]
) -> tuple[ImportChoice, dict[str, int]]:
    """The choice by which every label of the file counts as one of the task's, as one that it gets, or as none; and the
    labels that the task has not, with how often they occur. One that was merged away counts as its successor."""
    known = _known(conn, project_id)
    gets = {fold(name): name for name in new_labels}
    unknown: dict[str, int] = {}
    named: dict[str, str] = {}
    merged = dict(choice.merge_labels)
    for spelling, number in check.label_counts.items():
        meant = choice.merge_labels.get(spelling)
        if meant is None:
            meant = known.get(fold(spelling)) or check.counts_as.get(spelling, spelling)
        meant = tidy(meant)
        if meant and fold(meant) not in known:
            name = named.setdefault(fold(meant), meant)
            unknown[name] = unknown.get(name, 0) + number
        merged[spelling] = known.get(fold(meant)) or gets.get(fold(meant), "")
    return replace(choice, merge_labels=merged), unknown


def _known(conn: Connection, project_id: int) -> dict[str, str]:
    """The labels of the task by how they are written, those that were merged away as what took their place."""
    present = {label.id: label.name for label in tasks.all_labels(conn, project_id)}
    after = tasks.successors(conn, project_id)
    gone = {label.name: after.get(label.id or 0) for label in tasks.archived_labels(conn, project_id)}
    former = {fold(name): present[label] for name, label in gone.items() if label in present}
    return former | {fold(name): name for name in present.values()}


def can_be_added(kind: QuestionKind, name: str) -> bool:
    """Whether a task of this kind can get such a label: outcomes are what they are, and a level has to be a number to
    have a place on the scale."""
    return kind is not QuestionKind.PREFERENCE and (kind is not QuestionKind.RATING or _level(name) is not None)


def add_to_task(conn: Connection, project_id: int, names: Sequence[str]) -> list[int]:
    """Put labels behind those of the task, one that was removed as what it was; their ids. Raises `WorkbenchError`
    where the task cannot have one."""
    task = tasks.task(conn, project_id)
    had = {fold(label.name): label for label in reversed(tasks.archived_labels(conn, project_id))}
    taken = {label.key.lower() for label in task.choices}
    added = []
    for name in names:
        if fold(name) in {*map(fold, task.names)}:
            continue
        if not can_be_added(task.type, name):
            raise WorkbenchError(f"“{name}” cannot be added to this task.", "Leave it out.")
        former = had.get(fold(name), Label(tidy(name)))
        key = "" if former.key.lower() in taken else former.key
        score = _level(name) if task.type is QuestionKind.RATING else former.score
        added.append(replace(former, key=key, score=score))
    labels = complete_labels((*task.labels, *added))
    if added and (problems := check_task(replace(task, labels=labels))):
        raise WorkbenchError(problems[0].message, problems[0].hint)
    ids = []
    for position, label in enumerate(labels):
        if position < len(task.labels):
            continue
        if label.id is None:
            ids.append(tasks.insert_label(conn, project_id, label, position))
        else:
            tasks.update_label(conn, label, position)
            ids.append(label.id)
    return ids


def _level(name: str) -> float | None:
    try:
        return float(name.replace(",", "."))
    except ValueError:
        return None

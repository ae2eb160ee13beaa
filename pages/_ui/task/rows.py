"""The label table as rows, and back: pure functions, so that what the editor gives is judged in one place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.model import Label, Problem, Task, TaskType
from core.services.task.tasks import TaskChange
from core.services.task.vocabulary import LABEL_COLORS, check_task, complete_labels, propose_labels
from pages._ui.words.text import count


@dataclass(frozen=True)
class Edited:
    """What the editor amounts to: the task, and every fault with the row of the table it is in."""

    task: Task
    problems: tuple[str, ...]


def rows_of(task: Task, used: Mapping[int, int]) -> list[dict[str, Any]]:
    """One row a label, in the task's order; `used` counts the reference's items by label id."""
    return [
        {
            "id": label.id,
            "name": label.name,
            "description": label.description,
            "color": label.color,
            "key": label.key,
            "used": used.get(label.id or 0, 0),
        }
        for label in task.labels
    ]


def task_of(
    rows: Sequence[Mapping[str, Any]],
    fallback: Label,
    guidelines: str,
    known: Mapping[int, Label],
    type: TaskType = TaskType.SINGLE_LABEL,
) -> Edited:
    """The task of this type that the rows describe, in their order; wholly blank rows are no labels.

    `known` are the labels there are, by id. Faults name the row as the table shows it, counted from 1.
    """
    filled = [(number, row) for number, row in enumerate(rows, start=1) if _is_filled(row)]
    labels = tuple(_label(row, known) for _, row in filled)
    task = Task(labels, fallback, guidelines, type)
    numbers = [number for number, _ in filled]
    faults = check_task(replace(task, labels=complete_labels(labels)))
    return Edited(task, tuple(_sentence(fault, numbers) for fault in faults))


def _is_filled(row: Mapping[str, Any]) -> bool:
    return any(_words(row.get(name)) for name in ("name", "description", "key")) or _number(row.get("id"), 0) > 0


def _label(row: Mapping[str, Any], known: Mapping[int, Label]) -> Label:
    number = int(_number(row.get("id"), 0))
    return Label(
        name=_words(row.get("name")).strip(),
        description=_words(row.get("description")).strip(),
        color=_words(row.get("color")).strip().upper(),
        key=_words(row.get("key")).strip(),
        id=number if number in known else None,
    )


def _words(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any, default: float) -> float:
    return float(value) if isinstance(value, int | float) and value == value else default


def _sentence(fault: Problem, numbers: Sequence[int]) -> str:
    said = f"{fault.message} {fault.hint}".strip()
    if fault.row is None:
        return said
    return f"Row {numbers[fault.row - 1]}: {said}" if fault.row <= len(numbers) else f"Fallback: {said}"


def with_names(task: Task, names: Sequence[str]) -> Task:
    """The task with these names behind its labels; those it has already, in any spelling, are left out."""
    present = [label.name for label in task.labels]
    added = propose_labels([*present, *names], task.fallback)[len(propose_labels(present, task.fallback)) :]
    return replace(task, labels=(*task.labels, *(Label(label.name) for label in added)))


def colors_offered(task: Task) -> list[str]:
    """The palette, and what else the task uses."""
    own = [label.color.upper() for label in task.labels if label.color]
    return list(dict.fromkeys([*LABEL_COLORS, *own]))


def spoken_unsaved(task: Task, saved: Task) -> str:
    """What of the task differs from the saved one: `3 labels, the guidelines`."""
    before, now = {label.id: label for label in saved.labels}, {label.id for label in task.labels}
    touched = sum(before.get(label.id) != label for label in task.labels) + len(before.keys() - now)
    parts = {
        count(touched, "label"): touched > 0,
        "the order": not touched and task.labels != saved.labels,
        "the fallback": task.fallback != saved.fallback,
        "the guidelines": task.guidelines != saved.guidelines,
    }
    return ", ".join(part for part, differs in parts.items() if differs)


def spoken_change(change: TaskChange) -> list[str]:
    """What saving would do, one sentence each."""
    return [
        *(f"{old} becomes {new}: {count(n, 'annotation')} will read {new}." for old, new, n in change.renamed),
        *(
            f"{name} is removed: {count(n, 'annotation')} {'keeps' if n == 1 else 'keep'} it. Merge it instead to give "
            "them another label."
            if n
            else f"{name} is removed; no annotation uses it."
            for name, n in change.removed
        ),
        *([f"New: {', '.join(change.added[:8])}{' …' if len(change.added) > 8 else ''}."] if change.added else []),
    ]

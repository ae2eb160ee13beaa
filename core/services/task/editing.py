"""A task while it is edited: the table it is edited in as rows and back, and what a draft of it is after a change."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import isfinite
from typing import Any

from core.model import Label, Options, Problem, QuestionKind, Task
from core.said import options_of
from core.tasks import TASKS, check_task, complete_labels, propose_labels

_WORDS = ("name", "description", "color", "key")


@dataclass(frozen=True)
class Edited:
    """What the editor amounts to: the task, and every fault with the row of the table it is in."""

    task: Task
    problems: tuple[str, ...]


def rows_of(task: Task, used: Mapping[int, int]) -> list[dict[str, Any]]:
    """One row a label, in the task's order; `used` counts the reference's items by label id."""
    return [{"id": label.id, **fields_of(label), "used": used.get(label.id or 0, 0)} for label in task.labels]


def fields_of(label: Label) -> dict[str, str]:
    """What is typed of a label."""
    score = "" if label.score is None else f"{label.score:.12g}"
    return {name: getattr(label, name) for name in _WORDS} | {"score": score}


def task_of(
    rows: Sequence[Mapping[str, Any]],
    fallback: Label,
    guidelines: str,
    known: Mapping[int, Label],
    type: QuestionKind = QuestionKind.SINGLE_LABEL,
    options: Options = Options(),  # noqa: B008 - frozen
) -> Edited:
    """The task of this type that the rows describe, in their order; wholly blank rows are no labels.

    `known` are the labels there are, by id. Faults name the row as the table shows it, counted from 1. Where the labels
    of a type are on a scale each needs a score.
    """
    filled = [(number, row) for number, row in enumerate(rows, start=1) if _is_filled(row)]
    labels = tuple(_label(row, known) for _, row in filled)
    task = Task(labels, fallback, guidelines, type, options)
    numbers = [number for number, _ in filled]
    faults = check_task(replace(task, labels=complete_labels(labels)))
    if TASKS[type].is_scaled:
        faults += [fault for place, (_, row) in enumerate(filled, start=1) for fault in _score_faults(place, row)]
    return Edited(task, tuple(_sentence(fault, numbers) for fault in faults))


def typed_over(label: Label, typed: Mapping[str, Any]) -> Label:
    """The label with what was typed in its fields."""
    said: dict[str, Any] = {name: _words(typed[name]).strip() for name in _WORDS if name in typed}
    if "score" in typed:
        said["score"] = _score(_words(typed["score"]))
    return replace(label, **said)


def _score(text: str) -> float | None:
    """The number, with a comma or a point in it; None where it is none."""
    try:
        number = float(text.strip().replace(",", ".").replace("−", "-"))
    except ValueError:
        return None
    return number if isfinite(number) else None


def _score_faults(place: int, row: Mapping[str, Any]) -> list[Problem]:
    text = _words(row.get("score")).strip()
    if _score(text) is not None:
        return []
    said = f'The score "{text}" is no number.' if text else "It has no score."
    return [Problem(said, place, "score", "Write the number at which it stands on the scale.")]


def _is_filled(row: Mapping[str, Any]) -> bool:
    return any(_words(row.get(name)) for name in ("name", "description", "key", "score")) or _id(row) > 0


def _label(row: Mapping[str, Any], known: Mapping[int, Label]) -> Label:
    number = _id(row)
    before = known.get(number)
    label = typed_over(Label("", score=before.score if before else None), row)
    return replace(label, color=label.color.upper(), id=number if before else None)


def _words(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _id(row: Mapping[str, Any]) -> int:
    """0 where it has none."""
    value = row.get("id")
    return int(value) if isinstance(value, int | float) and value == value else 0


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


def followed(draft: Task, before: Task, saved: Task) -> Task:
    """A draft of the task that was saved `before`, now that labels were merged away or brought back in `saved`."""
    present, had = {label.id for label in saved.choices}, {label.id for label in before.choices}
    kept = [label for label in draft.labels if label.id is None or label.id in present]
    back = [label for label in saved.labels if label.id not in had]
    return replace(draft, labels=(*kept, *back))


def written_down(task: Task) -> dict[str, Any]:
    """The task as plain values; `read_back` is the way back."""
    return asdict(task)


def read_back(written: Mapping[str, Any]) -> Task:
    """The task that was written down."""
    labels = tuple(Label(**label) for label in written["labels"])
    options = options_of(written.get("options") or {})
    return Task(labels, Label(**written["fallback"]), written["guidelines"], QuestionKind(written["type"]), options)

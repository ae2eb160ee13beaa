"""What a browser says was meant, by ids of labels, as a value of the kind of question; or why it is none."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import WorkbenchError
from core.model import Item
from core.tasks.ranking import present
from core.tasks.span_value import check_spans, ordered
from core.tasks.text import cell, from_cell, tidy

_GO_BACK = "Reload the page and go back."


@dataclass(frozen=True)
class Meaning:
    """What values mean in a project by now: `names` of the task's labels by id, `merged` which label took the place of
    another, and what the task leaves open."""

    names: Mapping[int, str]
    merged: Mapping[int, int | None]
    allow_empty: bool = True
    may_overlap: bool = False
    fallback: int | None = None

    def label(self, given: object) -> int:
        """The label that is meant. Raises WorkbenchError where the task has it no more."""
        now = self.merged.get(given, given) if type(given) is int else None
        if now is None or now not in self.names:
            gone = "The task does not have a label that was given any more, so it was not stored."
            raise WorkbenchError(gone, _GO_BACK)
        return now


def value_meant(kind: str, given: object, item: Item, meaning: Meaning) -> Any:
    """The value of a question of this kind that is given for an item. Raises WorkbenchError with why it is
    none: a label that is gone, marks that do not fit the text, something else altogether."""
    reader = _READERS.get(kind)
    if reader is None or not isinstance(given, _FORMS.get(kind, list)):
        raise WorkbenchError("An answer of another kind than the task asks for was not stored.", _GO_BACK)
    return reader(given, item, meaning)


def _set(given: Sequence[Any], item: Item, meaning: Meaning) -> tuple[int, ...]:
    if not given and not meaning.allow_empty:
        raise WorkbenchError("The task asks for one label at least, so none was not stored.", "Pick one.")
    return tuple(sorted({meaning.label(one) for one in given}))


def _spans(given: Sequence[Any], item: Item, meaning: Meaning) -> tuple[tuple[int, int, int], ...]:
    renamed = [[*one[:2], meaning.label(one[2])] if isinstance(one, list) and len(one) == 3 else one for one in given]
    if problems := check_spans(renamed, len(item.text), meaning.names, may_overlap=meaning.may_overlap):
        first = problems[0]
        raise WorkbenchError(f"Marks were not stored. {first.message}", first.hint)
    return ordered(renamed)


def _text(given: str, item: Item, meaning: Meaning) -> str:
    try:
        return from_cell(cell(tidy(given)))
    except ValueError as error:
        raise WorkbenchError(f"{error} It was not stored.", "Shorten it.") from error


def _ranking(given: Sequence[Any], item: Item, meaning: Meaning) -> tuple[tuple[int, ...], ...]:
    """Each candidate that the item has once."""
    if not all(isinstance(group, list) and group for group in given):
        raise WorkbenchError("A ranking with an empty place was not stored.", _GO_BACK)
    groups = [[meaning.label(one) for one in group] for group in given]
    ranked = [label for group in groups for label in group]
    names = {name: label for label, name in meaning.names.items() if label != meaning.fallback}
    expected = {names[name] for name in present(tuple(names), item.fields)}
    if ranked != [meaning.fallback]:
        if len({*ranked}) < len(ranked):
            raise WorkbenchError("A ranking that names a candidate twice was not stored.", "Rank each once.")
        if {*ranked} != expected:
            raise WorkbenchError("A ranking that leaves out a candidate was not stored.", "Rank all of them.")
    return tuple(tuple(sorted(group)) for group in groups)


_READERS: dict[str, Callable[[Any, Item, Meaning], Any]] = {
    "several_labels": _set,
    "spans": _spans,
    "ranking": _ranking,
    "text": _text,
}
_FORMS: dict[str, type] = {"text": str}
"""As what a browser gives them, where that is no list."""
OPEN_KINDS = frozenset(_READERS)
"""The kinds of question whose values are no single label."""

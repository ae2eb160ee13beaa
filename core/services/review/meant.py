"""What a browser says was meant, by ids of labels, as a value of the kind of question; or why it is none."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import WorkbenchError
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

    def label(self, given: object) -> int:
        """The label that is meant. Raises WorkbenchError where the task has it no more."""
        now = self.merged.get(given, given) if type(given) is int else None
        if now is None or now not in self.names:
            gone = "The task does not have a label that was given any more, so it was not stored."
            raise WorkbenchError(gone, _GO_BACK)
        return now


def value_meant(kind: str, given: object, text: str, meaning: Meaning) -> Any:
    """The value of a question of this kind that is given for an item of this text. Raises WorkbenchError with why it is
    none: a label that is gone, marks that do not fit the text, something else altogether."""
    reader = _READERS.get(kind)
    if reader is None or not isinstance(given, _FORMS.get(kind, list)):
        raise WorkbenchError("An answer of another kind than the task asks for was not stored.", _GO_BACK)
    return reader(given, text, meaning)


def _set(given: Sequence[Any], text: str, meaning: Meaning) -> tuple[int, ...]:
    if not given and not meaning.allow_empty:
        raise WorkbenchError("The task asks for one label at least, so none was not stored.", "Pick one.")
    return tuple(sorted({meaning.label(one) for one in given}))


def _spans(given: Sequence[Any], text: str, meaning: Meaning) -> tuple[tuple[int, int, int], ...]:
    renamed = [[*one[:2], meaning.label(one[2])] if isinstance(one, list) and len(one) == 3 else one for one in given]
    if problems := check_spans(renamed, len(text), meaning.names, may_overlap=meaning.may_overlap):
        first = problems[0]
        raise WorkbenchError(f"Marks were not stored. {first.message}", first.hint)
    return ordered(renamed)


def _text(given: str, text: str, meaning: Meaning) -> str:
    try:
        return from_cell(cell(tidy(given)))
    except ValueError as error:
        raise WorkbenchError(f"{error} It was not stored.", "Shorten it.") from error


_READERS: dict[str, Callable[[Any, str, Meaning], Any]] = {"several_labels": _set, "spans": _spans, "text": _text}
_FORMS: dict[str, type] = {"text": str}
"""As what a browser gives them, where that is no list."""
OPEN_KINDS = frozenset(_READERS)
"""The kinds of question whose values are no single label."""

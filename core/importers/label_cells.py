"""What one cell of a label column says. Other tools write a label as a list of one, an object, or nothing at all."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core.importers.python_text import is_printed_container, is_printed_scalar, value_of
from core.spelling import fold

_LONGEST = 100_000
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WRAPPERS = ("choices", "choice", "labels", "label", "rating", "value", "name", "displayName")
_SCORES = frozenset({"score", "confidence", "probability", "prob", "logprob", "weight"})
_SPAN_KEYS = frozenset({"start", "end", "start_offset", "end_offset", "startOffset", "endOffset", "beginOffset"})
_NOTHING = frozenset(
    map(
        fold,
        [
            "None",
            "NA",
            "N/A",
            "#N/A",
            "null",
            "nil",
            "nan",
            "NaN",
            "#NA",
            "#REF!",
            "#VALUE!",
            "#DIV/0!",
            "#NAME?",
            "#NULL!",
            "#NUM!",
            "<NA>",
            "NaT",
            "-",
            "--",
            "?",
            "n.a.",
            "missing",
            "undefined",
            "unlabeled",
            "unlabelled",
            "not labeled",
            "not labelled",
        ],
    )
)
"""Words that stand for "no label" in many files, and for a class in some."""
_AROUND = " .()[]<>"
_PRINTED_NOTHING = frozenset(
    map(fold, ["nan", "NaT", "<NA>", "#N/A", "#NA", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"])
)
"""Those of them that programs write for an empty cell, and no person for a class."""


class CellKind(StrEnum):
    LABEL = "label"
    MISSING = "missing"
    SEVERAL = "several"
    SPANS = "spans"
    OBJECT = "object"
    MARKED = "marked"


@dataclass(frozen=True)
class LabelCell:
    """`label` is what the cell says where it says one thing; else it is empty and `kind` says why. A label that is
    MARKED is one name among others in an object, with 1 where they have 0: likely one, but not for certain."""

    kind: CellKind
    label: str = ""


_MISSING = LabelCell(CellKind.MISSING)


def read_label(cell: str) -> LabelCell:
    """A text is the label as written, but for the quotes of JSON and Python around all of it. Lists and objects, as
    these print them, are looked into: one value in them is the label, none is missing; several, or places in the text,
    are no one label."""
    text = cell.strip()
    if not text:
        return _MISSING
    if len(text) > _LONGEST or not (is_printed_container(text) or is_printed_scalar(text)):
        return LabelCell(CellKind.LABEL, cell)
    try:
        value = parsed(text)
    except ValueError:
        return LabelCell(CellKind.LABEL, cell)
    return _judged(value)


def stands_for_nothing(spelling: str) -> bool:
    """Whether the word is one that often means "no label"."""
    folded = fold(spelling)
    return folded in _NOTHING or folded.strip(_AROUND) in _NOTHING


def is_printed_nothing(spelling: str) -> bool:
    """Whether the word is how a program writes that a cell is empty."""
    return spelling[:1] not in ("[", "{") and fold(spelling) in _PRINTED_NOTHING


def not_a_text(spelling: str) -> str:
    """What the spelling is where it is JSON's way to write something else than a text; nothing where it is a text."""
    if spelling in ("true", "false"):
        return "true or false, not a text"
    return "a number, not a text" if _NUMBER.fullmatch(spelling) else ""


def is_missing(value: object) -> bool:
    """Whether a value of JSON is no value: null, NaN, an infinity, an empty list or object."""
    return value is None or value in ([], {}) or (isinstance(value, float) and not math.isfinite(value))


_WRITTEN = json.JSONEncoder(ensure_ascii=False)
"""What `json.dumps` would make anew for every cell."""


def cell_text(value: object) -> str:
    """A value of JSON as the text of a cell: texts as they are, nothing for what is missing, else JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None or (value != [] and is_missing(value)) else _WRITTEN.encode(value)


def unlisted(cells: Sequence[str]) -> list[str]:
    """Texts out of lists of one, where all cells that say anything are such lists; else as they are."""
    held = [_only_text(cell) if cell.strip() else "" for cell in cells]
    return list(cells) if None in held else [one or "" for one in held]


def _only_text(cell: str) -> str | None:
    if cell.strip()[:2] not in ('["', "[]", "['"):
        return None
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        return None
    if found == []:
        return ""
    return found[0] if isinstance(found, list) and len(found) == 1 and isinstance(found[0], str) else None


def names_in(cell: str) -> frozenset[str]:
    """The names in an object, such as those beside a MARKED label."""
    return frozenset(map(str, parsed(cell.strip())))


def parsed(text: str) -> Any:
    """The value of JSON, or of what Python prints. Raises ValueError for any other text."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("too deep") from error
    except ValueError:
        return value_of(text)


def _judged(value: Any) -> LabelCell:
    if is_missing(value) or value == "":
        return _MISSING
    if isinstance(value, Mapping):
        return _of_object(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _of_list(value)
    return LabelCell(CellKind.LABEL, _scalar(value))


def _of_list(values: Sequence[Any]) -> LabelCell:
    if any(_is_span(one) for one in values):
        return LabelCell(CellKind.SPANS)
    found = [one for one in map(_judged, values) if one.kind is not CellKind.MISSING]
    if not found:
        return _MISSING
    distinct = list(dict.fromkeys(found))
    return distinct[0] if len(distinct) == 1 else LabelCell(CellKind.SEVERAL)


def _of_object(value: Mapping[Any, Any]) -> LabelCell:
    if _is_span(value):
        return LabelCell(CellKind.SPANS)
    named = [key for key in value if key in _WRAPPERS]
    if len(named) == 1 and (len(value) == 1 or isinstance(value[named[0]], str) and _are_scores(value, named[0])):
        return _judged(value[named[0]])
    if len(value) > 1 and all(one in (0, 1) and not isinstance(one, str) for one in value.values()):
        said = _of_list([str(name) for name, one in value.items() if one])
        return LabelCell(CellKind.MARKED, said.label) if said.kind is CellKind.LABEL else said
    return LabelCell(CellKind.OBJECT)


def _are_scores(value: Mapping[Any, Any], named: object) -> bool:
    """Whether all beside the name says how sure somebody is of it."""
    return all(key == named or key in _SCORES and isinstance(one, int | float) for key, one in value.items())


def _is_span(value: Any) -> bool:
    """`[0, 5, "PER"]`, or an object with its ends."""
    if isinstance(value, Mapping):
        return not _SPAN_KEYS.isdisjoint(value)
    is_triple = isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 3
    return is_triple and all(type(one) is int for one in value[:2]) and isinstance(value[2], str | list)


def _scalar(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

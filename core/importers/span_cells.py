"""Cells that hold spans, in any of the shapes that tools write them in."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from core.importers.label_cells import is_printed_nothing, parsed

_START = ("start", "start_offset", "startOffset", "beginOffset", "begin")
_END = ("end", "end_offset", "endOffset", "stop")
_LABEL = ("label", "labels", "entity", "type", "tag", "category", "entity_group")
_QUOTE = ("text", "content", "word", "quote")


class WrittenSpan(NamedTuple):
    """A span as a file has it: offsets in whatever unit, and its own text where that stands beside them."""

    start: int
    end: int
    label: str
    quote: str | None


def spans_in(cell: str) -> list[WrittenSpan] | None:
    """The spans of a cell; None where it says nothing. Raises ValueError with a sentence for anything else."""
    text = cell.strip()
    if not text or is_printed_nothing(text):
        return None
    try:
        value = parsed(text)
    except ValueError:
        value = None
    if isinstance(value, dict):
        value = value.get("entities", value.get("spans", [value]))
    if not isinstance(value, list | tuple):
        raise ValueError(f"“{_cut(text)}” is no list of spans.")
    return [span for one in value for span in _spans(one)]


def _spans(one: Any) -> list[WrittenSpan]:
    """One span, or one for each of its labels."""
    if isinstance(one, dict):
        start, end = _first(one, _START), _first(one, _END)
        label, quote = _first(one, _LABEL), _first(one, _QUOTE)
    elif isinstance(one, Sequence) and not isinstance(one, str) and len(one) >= 3:
        start, end, label, quote = one[0], one[1], one[2], None
    else:
        raise ValueError(f"“{_cut(str(one))}” is no span with start, end and label.")
    if type(start) is not int or type(end) is not int:
        raise ValueError(f"The span {_cut(str(one))} has no whole numbers as start and end.")
    if isinstance(label, str) and (name := label.strip()):
        return [WrittenSpan(start, end, name, quote if isinstance(quote, str) else None)]
    names = label if isinstance(label, list | tuple) else [label]
    if not names or not all(isinstance(name, str | int) and str(name).strip() for name in names):
        raise ValueError(f"The span from {start:,} to {end:,} has no label.")
    return [WrittenSpan(start, end, str(name).strip(), quote if isinstance(quote, str) else None) for name in names]


def _first(one: Mapping[str, Any], names: Sequence[str]) -> Any:
    for name in names:
        if name in one:
            return one[name]
    return None


def _cut(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"

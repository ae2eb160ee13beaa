"""What an annotator says of a text by marking parts of it: a set of spans, its one canonical form, what can be wrong.

A span is `(start, end, label id)`. Offsets count code points of the item's text from 0 and are half-open: `end` is the
first character behind the span. The empty set is a value like any other: nothing in this text is to be marked.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeGuard

from core.model import Problem
from core.plural import count
from core.tasks.answers import quote

Span = tuple[int, int, int]
Spans = tuple[Span, ...]

_HOW_TO_COUNT = "Count characters from 0; the end is the first character after the span."
_IS_WHOLE = frozenset((int,))


def ordered(spans: Iterable[Sequence[int]]) -> Spans:
    """The spans as a set: by start, then end, then label, each once. Says nothing of whether they fit a text."""
    return tuple(sorted({(start, end, label) for start, end, label in spans}))


def canonical(spans: Iterable[Sequence[int]]) -> str:
    """The one form in which equal sets of spans are equal texts, such as `[[0,5,2],[9,12,1]]`; `[]` for none."""
    return f"[{','.join([f'[{start},{end},{label}]' for start, end, label in ordered(spans)])}]"


def from_canonical(text: str) -> Spans:
    """The spans of what `canonical` wrote. Raises ValueError for anything else, spelled otherwise included."""
    held = json.loads(text)
    if not isinstance(held, list) or not all(map(_is_span, held)) or canonical(held) != text:
        raise ValueError(f"This is no set of spans in canonical form: {quote(text)}.")
    return tuple((start, end, label) for start, end, label in held)


def relabelled(spans: Iterable[Sequence[int]], mapping: Mapping[int, int | None]) -> Spans:
    """The set after labels were merged or removed: each label as `mapping` says, None for one that goes with its spans.
    Labels it does not name stay. Spans that become the same are one."""
    renamed = ((start, end, mapping.get(label, label)) for start, end, label in spans)
    return ordered((start, end, label) for start, end, label in renamed if label is not None)


def score(one: Iterable[Sequence[int]], other: Iterable[Sequence[int]]) -> float:
    """How far two sets agree on one item, 0 to 1: F1 of the spans both hold, extent and label. Two empty sets agree."""
    a, b = set(ordered(one)), set(ordered(other))
    return 2 * len(a & b) / (len(a) + len(b)) if a or b else 1.0


def check_spans(given: object, length: int, labels: Mapping[int, str], *, may_overlap: bool = False) -> list[Problem]:
    """Everything that keeps `given` from being a set of spans of a text of `length` characters; empty when it is one.

    `given` may be anything that JSON can hold. `labels` are the names by id. `Problem.row` is the span's place in
    `given`, from 1; what concerns two spans stands at the later one by place in the text. Spans given twice are one;
    spans that touch do not overlap, and two labels on one extent do. Linear in the number of spans, sorting aside.
    """
    if not isinstance(given, list | tuple):
        return [Problem("The spans are not a list.", hint="Give a list of [start, end, label].")]
    problems: list[Problem] = []
    fitting: list[tuple[Span, int]] = []
    for place, one in enumerate(given, start=1):
        found = _faults(one, place, length, labels)
        problems += found
        if not found and _is_span(one):
            fitting.append(((one[0], one[1], one[2]), place))
    return problems if may_overlap else problems + _overlaps(fitting, labels)


def _faults(one: object, place: int, length: int, labels: Mapping[int, str]) -> list[Problem]:
    if not _is_span(one):
        return [Problem(f"Span {place} is not three whole numbers.", place, hint="Give [start, end, label].")]
    start, end, label = one
    found = [Problem(text, place, hint=_HOW_TO_COUNT) for text in _misplaced(f"Span {place}", start, end, length)]
    if label not in labels:
        text = f"Span {place} has the label number {label}, which the task does not have."
        found.append(Problem(text, place, hint="Use one of the task's labels."))
    return found


def _is_span(one: object) -> TypeGuard[Span]:
    """True and 1.0 are numbers to Python; here they are not."""
    return isinstance(one, list | tuple) and len(one) == 3 and _IS_WHOLE.issuperset(map(type, one))


def _misplaced(who: str, start: int, end: int, length: int) -> Iterable[str]:
    """Each way in which an extent does not lie in the text, a sentence each; a negative end is also a reversed one."""
    if start < 0 or end < 0:
        yield f"{who} has the offset {min(start, end)}, which is negative."
    elif end < start:
        yield f"{who} ends at {end}, before it starts at {start}."
    elif start == end:
        yield f"{who} is empty: it starts and ends at {start}."
    if max(start, end) > length:
        verb = "ends" if end >= start else "starts"
        yield f"{who} {verb} at {max(start, end):,}, beyond the text, which has {count(length, 'character')}."


def _overlaps(fitting: list[tuple[Span, int]], labels: Mapping[int, str]) -> list[Problem]:
    """Each span that begins before an earlier one has ended, against the one that reaches furthest."""
    problems: list[Problem] = []
    furthest: tuple[Span, int] | None = None
    for span, place in sorted(fitting):
        if furthest is not None and span[0] < furthest[0][1] and span != furthest[0]:
            (start, end, label), other = furthest
            text = (
                f"Span {place} ({labels[span[2]]}, {span[0]} to {span[1]}) overlaps span {other} "
                f"({labels[label]}, {start} to {end})."
            )
            problems.append(Problem(text, place, hint="Shorten or remove one, or let spans overlap in the task."))
        if furthest is None or span[1] > furthest[0][1]:
            furthest = (span, place)
    return problems

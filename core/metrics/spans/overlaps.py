"""Which spans of two annotators share a character: found by sorting, so that the work grows with the spans."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray
from core.metrics.spans.marks import Marks

_MOST = 4_000_000
"""Pairs looked at in one go; a text in which everything overlaps has more than fit in memory."""
_FEW = 2


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of spans of one item that share a character: positions in `Marks` of the reference and the candidate.

    Ordered by candidate, then reference. The four arrays have one entry a pair.
    """

    reference: IntArray
    candidate: IntArray
    same_extent: BoolArray
    same_label: BoolArray

    @classmethod
    def none(cls) -> "Pairs":
        nothing = np.zeros(0, dtype=np.int64)
        return cls(nothing, nothing, nothing.astype(np.bool_), nothing.astype(np.bool_))

    def __len__(self) -> int:
        return len(self.reference)

    def where(self, kept: BoolArray) -> "Pairs":
        at = np.flatnonzero(kept)
        return Pairs(self.reference[at], self.candidate[at], self.same_extent[at], self.same_label[at])


def equal_and_others(reference: Marks, candidate: Marks) -> tuple[Pairs, Pairs]:
    """Pairs of spans that are the same in extent and label, and all that overlap besides, of spans that have no equal.

    Spans that touch do not overlap. In n log n steps and as many as there are pairs, where no annotator's own spans
    overlap; where they do, each candidate's span looks at all between the first that reaches it and itself.
    """
    lines = _Lines.of(reference, candidate)
    if not len(reference) or (lines.starts[1:] < lines.ends[:-1]).any():
        pairs = _overlapping(lines, np.arange(len(candidate)), lines.first(np.maximum.accumulate(lines.ends)))
        is_equal = pairs.same_extent & pairs.same_label
        equal, others = pairs.where(is_equal), pairs.where(~is_equal)
    else:
        # The first of the reference's spans that reaches a span is the only one that can be its equal.
        first = lines.first(lines.ends)
        at = np.minimum(first, len(reference) - 1)
        is_equal = (lines.starts[at] == lines.begins) & (lines.ends[at] == lines.stops)
        is_equal &= reference.label[at] == candidate.label
        chosen, rest = np.flatnonzero(is_equal), np.flatnonzero(~is_equal)
        same = np.ones(len(chosen), dtype=np.bool_)
        equal, others = Pairs(at[chosen], chosen, same, same), _overlapping(lines, rest, first[rest])
    has_equal = (
        marked(equal.reference, len(reference))[others.reference]
        | marked(equal.candidate, len(candidate))[others.candidate]
    )
    return equal, others.where(~has_equal)


@dataclass(frozen=True, eq=False)
class _Lines:
    """Spans of all items on one line: where those of the reference start and end, those of the candidate begin and
    stop."""

    reference: Marks
    candidate: Marks
    starts: IntArray
    ends: IntArray
    begins: IntArray
    stops: IntArray

    @classmethod
    def of(cls, reference: Marks, candidate: Marks) -> "_Lines":
        width = max(reference.width, candidate.width) + 1
        origins = (marks.item * width for marks in (reference, candidate))
        (starts, ends), (begins, stops) = (
            (origin + marks.start, origin + marks.end)
            for marks, origin in zip((reference, candidate), origins, strict=True)
        )
        return cls(reference, candidate, starts, ends, begins, stops)

    def first(self, reach: IntArray) -> IntArray:
        """For each of the candidate's spans the first of the reference's up to which they `reach` beyond its start."""
        return np.searchsorted(reach, self.begins, side="right")


def _overlapping(lines: _Lines, which: IntArray, first: IntArray) -> Pairs:
    """Every pair of a span of the reference and one of `which` of the candidate's that share a character; no span of
    the reference before the `first` of each does."""
    last = reached(lines.starts, lines.stops[which], first)
    found = [
        (rows[meets], columns[meets])
        for rows, at in _in_parts(first, last)
        for columns in (which[at],)
        for meets in (lines.ends[rows] > lines.begins[columns],)
    ]
    rows, columns = (np.concatenate([part[i] for part in found]) for i in (0, 1))
    same_extent = (lines.starts[rows] == lines.begins[columns]) & (lines.ends[rows] == lines.stops[columns])
    return Pairs(rows, columns, same_extent, lines.reference.label[rows] == lines.candidate.label[columns])


def reached(starts: IntArray, stops: IntArray, first: IntArray) -> IntArray:
    """How many of the `starts`, which ascend, lie before each of the `stops`; so many as `first` is known to, and never
    fewer are told."""
    last, most = first.copy(), len(starts) - 1
    if most < 0:
        return last
    # Most reach one or none, which takes less to count than to look up.
    for step in range(_FEW):
        last += (starts[np.minimum(first + step, most)] < stops) & (first + step <= most)
    many = np.flatnonzero(last - first == _FEW)
    last[many] = np.searchsorted(starts, stops[many], side="left")
    return last


def _in_parts(first: IntArray, last: IntArray) -> Iterator[tuple[IntArray, IntArray]]:
    """`(value, position)` for every value from `first` to before `last` at each position, a few million at a time."""
    upto = np.concatenate([[0], np.cumsum(last - first)])
    low = 0
    while True:
        high = max(low + 1, int(np.searchsorted(upto, upto[low] + _MOST, side="right")) - 1)
        yield ranges(first[low:high], last[low:high], low)
        low = high
        if low >= len(first):
            return


def ranges(first: IntArray, last: IntArray, offset: int = 0) -> tuple[IntArray, IntArray]:
    """All whole numbers from `first` to before `last` of each position in turn, and those positions plus `offset`."""
    number = last - first
    before = np.cumsum(number) - number
    values = np.arange(int(number.sum())) + np.repeat(first - before, number)
    return values, np.repeat(np.arange(offset, offset + len(first)), number)


def marked(positions: IntArray, number: int) -> BoolArray:
    """Of so many positions, which are among these."""
    is_marked = np.zeros(number, dtype=np.bool_)
    is_marked[positions] = True
    return is_marked


def unmarked(number: int, *marked: IntArray) -> IntArray:
    """The positions up to `number` that are in none of `marked`, in order."""
    is_left = np.ones(number, dtype=np.bool_)
    for positions in marked:
        is_left[positions] = False
    return np.flatnonzero(is_left)


def iou(reference: Marks, candidate: Marks, pairs: Pairs) -> FloatArray:
    """Characters both cover / characters either covers, for each pair; 1 for the same extent."""
    starts, ends = reference.start[pairs.reference], reference.end[pairs.reference]
    begins, stops = candidate.start[pairs.candidate], candidate.end[pairs.candidate]
    shared = np.minimum(ends, stops) - np.maximum(starts, begins)
    return np.asarray(shared / (ends - starts + stops - begins - shared))

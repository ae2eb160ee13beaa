"""Which spans of two annotators share a character: found by sorting, so that the work grows with the spans."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray
from core.metrics.spans.marks import Marks

_MOST = 4_000_000
"""Pairs looked at in one go; a text in which everything overlaps has more than fit in memory."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of spans of one item that share a character: positions in `Marks` of the reference and the candidate.

    Ordered by candidate, then reference. The four arrays have one entry a pair.
    """

    reference: IntArray
    candidate: IntArray
    same_extent: BoolArray
    same_label: BoolArray

    def __len__(self) -> int:
        return len(self.reference)

    def where(self, kept: BoolArray) -> "Pairs":
        at = np.flatnonzero(kept)
        return Pairs(self.reference[at], self.candidate[at], self.same_extent[at], self.same_label[at])


def overlapping(reference: Marks, candidate: Marks) -> Pairs:
    """Every pair of a span of the reference and one of the candidate that share at least one character.

    Spans that touch share none. In n log n steps and as many as there are pairs, where no annotator's own spans
    overlap; where they do, each candidate's span looks at all between the first that reaches it and itself.
    """
    width = max(reference.width, candidate.width) + 1
    starts, ends = (reference.item * width + edge for edge in (reference.start, reference.end))
    begins, stops = (candidate.item * width + edge for edge in (candidate.start, candidate.end))
    first = np.searchsorted(np.maximum.accumulate(ends), begins, side="right")
    last = np.searchsorted(starts, stops, side="left")
    found = [
        (rows[meets], columns[meets])
        for rows, columns in _in_parts(first, np.maximum(first, last))
        for meets in (ends[rows] > begins[columns],)
    ]
    rows, columns = (np.concatenate([part[i] for part in found]) for i in (0, 1))
    same_extent = (starts[rows] == begins[columns]) & (ends[rows] == stops[columns])
    return Pairs(rows, columns, same_extent, reference.label[rows] == candidate.label[columns])


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

"""Spans as arrays: one annotator's of many items, and the table of two annotators that every span figure is made of.

Offsets count code points from 0 and are half-open. Labels are positions in the table's `labels`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.metrics.arrays import BoolArray, IntArray
from core.metrics.spans.words import Words


@dataclass(frozen=True, eq=False)
class Marks:
    """All spans of one annotator: four arrays of one length, ordered by item, start, end and label, no two the same.

    `item` counts from 0 to `n` - 1; an item without spans does not occur. `ordered` brings spans into this form.
    """

    n: int
    item: IntArray
    start: IntArray
    end: IntArray
    label: IntArray

    @classmethod
    def of(cls, items: Sequence[Iterable[Sequence[int]]]) -> "Marks":
        """From each item's `(start, end, label)`. Raises ValueError for what lies before 0, is empty or reversed."""
        rows = [(item, *span) for item, spans in enumerate(items) for span in spans]
        columns = np.array(rows, dtype=np.int64).reshape(-1, 4).T
        return cls.ordered(len(items), *columns)

    @classmethod
    def ordered(cls, n: int, item: IntArray, start: IntArray, end: IntArray, label: IntArray) -> "Marks":
        """From spans in any order, each kept once. Raises ValueError as `of` does."""
        if len(item) and (min(item.min(), start.min(), label.min()) < 0 or (end <= start).any() or item.max() >= n):
            raise ValueError("A span is empty, reversed, or lies outside its item.")
        order = np.lexsort((label, end, start, item))
        columns = [np.asarray(column[order], dtype=np.int64) for column in (item, start, end, label)]
        is_new = np.ones(len(order), dtype=np.bool_)
        is_new[1:] = np.any([column[1:] != column[:-1] for column in columns], axis=0)
        return cls(n, *(column[is_new] for column in columns))

    def within(self, items: BoolArray) -> "Marks":
        """Those in these of the items; `items` has one entry for each."""
        kept = items[self.item]
        columns = (self.item, self.start, self.end, self.label)
        return self if kept.all() else Marks(self.n, *(column[kept] for column in columns))

    def __len__(self) -> int:
        return len(self.item)

    @property
    def width(self) -> int:
        """How far the furthest span reaches."""
        return int(self.end.max(initial=0))


@dataclass(frozen=True, eq=False)
class SpanTable:
    """The spans of a reference and of a candidate on the same items.

    `lengths` are the items' characters, `words` their words. Labels are positions in `labels`. No items, and items in
    which nobody marked anything, are valid.
    Raises ValueError where a label is not among `labels`, a span ends beyond its text, or the numbers of items differ.
    """

    labels: tuple[str, ...]
    reference: Marks
    candidate: Marks
    lengths: IntArray
    words: Words

    def __post_init__(self) -> None:
        if len({self.reference.n, self.candidate.n, len(self.lengths), self.words.n}) > 1:
            raise ValueError("Both annotators, the lengths and the words must be of the same items.")
        for marks in (self.reference, self.candidate):
            if len(marks) and marks.label.max() >= len(self.labels):
                raise ValueError(f"There are {len(self.labels)} labels, and one span has number {marks.label.max()}.")
            if (marks.end > self.lengths[marks.item]).any():
                raise ValueError("A span ends beyond its text.")

    @classmethod
    def of(
        cls,
        labels: Sequence[str],
        texts: Sequence[str],
        reference: Sequence[Iterable[Sequence[int]]],
        candidate: Sequence[Iterable[Sequence[int]]],
    ) -> "SpanTable":
        """From the items' texts and each annotator's `(start, end, position of the label)` in each."""
        lengths = np.array([len(text) for text in texts], dtype=np.int64)
        return cls(tuple(labels), Marks.of(reference), Marks.of(candidate), lengths, Words.of(texts))

    @property
    def n(self) -> int:
        """Items both annotated, whether they marked anything or not."""
        return len(self.lengths)

    @cached_property
    def items_with_spans(self) -> int:
        """Items in which at least one of the two marked something: all others say nothing of how spans agree."""
        has_spans = np.zeros(self.n, dtype=np.bool_)
        has_spans[self.reference.item] = has_spans[self.candidate.item] = True
        return int(has_spans.sum())

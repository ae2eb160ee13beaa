"""Spans as units of a continuum, label by label: no two of one label and annotator overlap, and gaps lie between."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import FloatArray, IntArray
from core.metrics.rows import Rows
from core.metrics.spans.marks import Marks

_LARGEST_TABLE = 5_000_000


@dataclass(frozen=True, eq=False)
class Units:
    """One annotator's units, and the `order` that puts them by label, item and start."""

    marks: Marks
    order: IntArray

    @classmethod
    def of(cls, marks: Marks) -> "Units":
        """Spans of one label that overlap are one unit; `marks` is the same object where none do."""
        width = marks.width + 1
        line = (marks.label * marks.n + marks.item) * width
        # Spans come by item and start, so a stable sort by label is all; of 16 bits it takes no comparisons.
        order = np.argsort(marks.label.astype(np.uint16) if len(marks) else marks.label, kind="stable")
        line, start, end = (column[order] for column in (line, marks.start, marks.end))
        reach = np.maximum.accumulate(line + end)
        begins = np.ones(len(order), dtype=np.bool_)
        begins[1:] = (line + start)[1:] >= reach[:-1]
        if begins.all():
            return cls(marks, order)
        last = np.flatnonzero(np.append(begins[1:], True))
        own = order[begins]
        return cls.of(Marks.ordered(marks.n, marks.item[own], start[begins], (reach - line)[last], marks.label[own]))


@dataclass(frozen=True, eq=False)
class Kinds:
    """The kinds of unit that occur, by label, then length: `label` and `size`, (P,) each."""

    label: IntArray
    size: IntArray

    @classmethod
    def of(cls, sides: Sequence[Marks]) -> "Kinds":
        width = max(side.width for side in sides) + 1
        keys = np.concatenate([side.label * width + side.end - side.start for side in sides])
        most = int(keys.max(initial=0))
        kinds = np.flatnonzero(np.bincount(keys)) if most <= _LARGEST_TABLE else np.unique(keys)
        return cls(*np.divmod(kinds, width))

    def __len__(self) -> int:
        return len(self.size)

    def fitting(self, label: IntArray, gap: IntArray) -> IntArray:
        """The longest kind of the label that is not longer than the gap; P, behind all kinds, where none is."""
        width = int(self.size.max(initial=0)) + 1
        keys = self.label * width + self.size
        wanted = label * width + np.minimum(gap, width - 1)

        def search(key: IntArray) -> IntArray:
            kind = np.searchsorted(keys, key, side="right") - 1
            return np.where((kind >= 0) & (self.label[kind] == key // width), kind, len(self))

        most = (int(self.label.max(initial=0)) + 1) * width
        return search(wanted) if most > min(_LARGEST_TABLE, len(wanted)) else search(np.arange(most))[wanted]


def room_in_gaps(sides: Sequence[Units], lengths: IntArray, rows: Rows, kinds: Kinds) -> FloatArray:
    """Places for one more unit of each kind: the sum of `gap - size + 1` over gaps not shorter than it, (rows, P).

    For each label and annotator an item's gaps are what lies before, between and behind its units: all of it where it
    has none.
    """
    columns = len(kinds) + 1  # the last is of gaps that nothing fits into
    number, room = np.zeros((2, rows.number, columns))

    def add(item: IntArray, label: IntArray, gap: IntArray, sign: int) -> None:
        kind = kinds.fitting(label, gap)
        number[...] += sign * rows.add_up_by(item, kind, columns)
        room[...] += sign * rows.add_up_by(item, kind, columns, gap + 1)

    items = np.arange(len(lengths))
    for one in np.flatnonzero(np.bincount(kinds.label)):
        add(items, np.full(len(items), one), lengths, len(sides))
    for side in sides:
        item, label, start, end = (
            column[side.order] for column in (side.marks.item, side.marks.label, side.marks.start, side.marks.end)
        )
        is_first = np.ones(len(item), dtype=np.bool_)
        is_first[1:] = (item[1:] != item[:-1]) | (label[1:] != label[:-1])
        is_last = np.append(is_first[1:], True)[: len(item)]
        add(item[is_first], label[is_first], lengths[item[is_first]], -1)
        add(item, label, start - np.where(is_first, 0, np.roll(end, 1)), 1)
        add(item[is_last], label[is_last], lengths[item[is_last]] - end[is_last], 1)
    return _from_longest(room[:, :-1], kinds.label) - kinds.size * _from_longest(number[:, :-1], kinds.label)


def _from_longest(columns: FloatArray, label: IntArray) -> FloatArray:
    """Each column with all behind it that have the same label, added up."""
    sums = np.cumsum(columns[:, ::-1], axis=1)[:, ::-1]
    ends = np.searchsorted(label, label, side="right")
    behind = np.concatenate([sums, np.zeros((len(sums), 1))], axis=1)[:, ends]
    return np.asarray(sums - behind)

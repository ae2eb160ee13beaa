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

    def places(self, marks: Marks) -> IntArray:
        """The kind of each unit, by its place among the kinds."""
        return self.slots(marks.label, marks.end - marks.start) - marks.label - 1

    def slots(self, label: IntArray, length: IntArray) -> IntArray:
        """Which of the label's slots a length belongs to. Each label has one slot before each of its kinds, for what is
        shorter than it and not than the kind before, and one behind the last: P + labels in all."""
        width = int(self.size.max(initial=0)) + 1
        keys = self.label * width + self.size
        wanted = label * width + np.minimum(length, width - 1)
        most = (int(self.label.max(initial=0)) + 1) * width
        if most > min(_LARGEST_TABLE, len(wanted)):
            return np.asarray(np.searchsorted(keys, wanted, side="right") + label)
        return np.asarray(np.searchsorted(keys, np.arange(most), side="right")[wanted] + label)


def room_in_gaps(sides: Sequence[Units], lengths: IntArray, rows: Rows, kinds: Kinds) -> FloatArray:
    """Places for one more unit of each kind: the sum of `gap - size + 1` over gaps not shorter than it, (rows, P).

    Items stand end to end, so a gap goes on in the next; every label has its own gaps with each annotator. The sum is
    taken as `all characters in gaps - those of shorter gaps - (size - 1) for each other`, so that each item has the
    characters of its own gaps, however far they reach; what is taken off is counted where the gap ends.
    """
    if not len(kinds):
        return np.zeros((rows.number, 0))
    origin, end_of_all, last = np.cumsum(lengths) - lengths, int(lengths.sum()), len(lengths) - 1
    labels = int(kinds.label[-1]) + 1
    slots = len(kinds) + labels
    characters = len(sides) * np.tile(rows.add_up(np.arange(len(lengths)), lengths), (labels, 1)).T
    number, within = np.zeros((2, rows.number, slots))
    for side in sides:
        item, label, start, end = (
            column[side.order] for column in (side.marks.item, side.marks.label, side.marks.start, side.marks.end)
        )
        characters -= rows.add_up_by(item, label, labels, end - start)
        begins, stops = origin[item] + start, origin[item] + end
        before = np.where(np.diff(label, prepend=-1) != 0, 0, np.roll(stops, 1))
        reached = np.zeros(labels, dtype=np.int64)
        reached[label] = stops  # in the order of the text, so the last of each label stays
        item, label = np.append(item, np.full(labels, last)), np.append(label, np.arange(labels))
        gap = np.append(begins - before, end_of_all - reached)
        slot = kinds.slots(label, gap)
        number += rows.add_up_by(item, slot, slots)
        within += rows.add_up_by(item, slot, slots, gap)
    own = np.arange(len(kinds)) + kinds.label + 1
    first, behind = (np.searchsorted(kinds.label, kinds.label, side=side) + kinds.label for side in ("left", "right"))
    number, within = (np.pad(np.cumsum(sums, axis=1), ((0, 0), (1, 0))) for sums in (number, within))
    in_shorter, not_shorter = within[:, own] - within[:, first], number[:, behind + 1] - number[:, own]
    return np.asarray(characters[:, kinds.label] - in_shorter - (kinds.size - 1) * not_shorter)

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
    """One annotator's units: `marks`, and their columns by label, then place; where each begins and stops is told on a
    line of all items end to end."""

    marks: Marks
    item: IntArray
    begins: IntArray
    stops: IntArray
    label: IntArray

    @classmethod
    def of(cls, marks: Marks, lengths: IntArray) -> "Units":
        """Spans of one label that overlap are one unit; `marks` is the same object where none do. `lengths` are the
        items' characters."""
        # Spans come by item and start, so a stable sort by label is all; of 16 bits it takes no comparisons.
        order = np.argsort(marks.label.astype(np.uint16) if len(marks) else marks.label, kind="stable")
        origin = (np.cumsum(lengths) - lengths)[marks.item]
        begins, stops, label = (origin + marks.start)[order], (origin + marks.end)[order], marks.label[order]
        if not ((begins[1:] < stops[:-1]) & (label[1:] == label[:-1])).any():
            return cls(marks, marks.item[order], begins, stops, label)
        line = label * (int(lengths.sum()) + 1)
        reach = np.maximum.accumulate(line + stops)
        is_first = np.append(True, (line + begins)[1:] >= reach[:-1])
        own, last = order[is_first], np.flatnonzero(np.append(is_first[1:], True))
        end = (reach - line)[last] - origin[own]
        return cls.of(Marks.ordered(marks.n, marks.item[own], marks.start[own], end, marks.label[own]), lengths)


@dataclass(frozen=True, eq=False)
class Kinds:
    """The kinds of unit that occur, by label, then length: `label` and `size`, (P,) each; and of each of the sides the
    kind of each unit, by its place among them."""

    label: IntArray
    size: IntArray
    places: tuple[IntArray, ...]

    @classmethod
    def of(cls, sides: Sequence[Marks]) -> "Kinds":
        width = max(side.width for side in sides) + 1
        keys = [side.label * width + side.end - side.start for side in sides]
        most = max(int(own.max(initial=0)) for own in keys) + 1
        if most > _LARGEST_TABLE:
            found, places = np.unique(np.concatenate(keys), return_inverse=True)
            return cls(*np.divmod(found, width), tuple(np.split(places, np.cumsum([len(own) for own in keys])[:-1])))
        occurs = np.asarray(sum(np.bincount(own, minlength=most) for own in keys)) > 0
        before = np.cumsum(occurs) - 1
        return cls(*np.divmod(np.flatnonzero(occurs), width), tuple(before[own] for own in keys))

    def __len__(self) -> int:
        return len(self.size)

    def slots(self, label: IntArray, length: IntArray) -> IntArray:
        """Which of the label's slots a length belongs to. Each label has one slot before each of its kinds, for what is
        shorter than it and not than the kind before, and one behind the last: P + labels in all."""
        width = int(self.size.max(initial=0)) + 1
        keys = self.label * width + self.size
        wanted = label * width + np.minimum(length, width - 1)
        most = (int(self.label.max(initial=0)) + 1) * width
        if most > min(_LARGEST_TABLE, len(wanted)):
            return np.asarray(np.searchsorted(keys, wanted, side="right") + label)
        every = np.arange(most)
        return np.asarray((np.searchsorted(keys, every, side="right") + every // width)[wanted])


def room_in_gaps(sides: Sequence[Units], units: FloatArray, lengths: IntArray, rows: Rows, kinds: Kinds) -> FloatArray:
    """Places for one more unit of each kind: the sum of `gap - size + 1` over gaps not shorter than it, (rows, P).
    `units` (rows, P) is how many of each kind both annotators have.

    Items stand end to end, so a gap goes on in the next; every label has its own gaps with each annotator. The sum is
    taken as `all characters in gaps - those of shorter gaps - (size - 1) for each other`, so that each item has the
    characters of its own gaps, however far they reach; what is taken off is counted where the gap ends.
    """
    if not len(kinds):
        return np.zeros((rows.number, 0))
    end_of_all, last = int(lengths.sum()), len(lengths) - 1
    labels = int(kinds.label[-1]) + 1
    slots = len(kinds) + labels
    number, within = np.zeros((2, rows.number, slots))
    for side in sides:
        gap = side.begins.copy()
        gap[1:] -= side.stops[:-1]
        heads = np.flatnonzero(np.diff(side.label, prepend=-1))
        gap[heads] = side.begins[heads]
        reached = np.zeros(labels, dtype=np.int64)
        reached[side.label[heads]] = side.stops[np.append(heads, len(side.stops))[1:] - 1]
        at_end = (np.full(labels, last), np.arange(labels), end_of_all - reached)
        for item, label, size in ((side.item, side.label, gap), at_end):
            more, longer = rows.count_and_add_up_by(item, kinds.slots(label, size), slots, size)
            number += more
            within += longer
    in_units = (units * kinds.size) @ (kinds.label[:, np.newaxis] == np.arange(labels)).astype(np.float64)
    characters = len(sides) * rows.add_up(np.arange(len(lengths)), lengths)[:, np.newaxis] - in_units
    own = np.arange(len(kinds)) + kinds.label + 1
    first, behind = (np.searchsorted(kinds.label, kinds.label, side=side) + kinds.label for side in ("left", "right"))
    number, within = (np.pad(np.cumsum(sums, axis=1), ((0, 0), (1, 0))) for sums in (number, within))
    in_shorter, not_shorter = within[:, own] - within[:, first], number[:, behind + 1] - number[:, own]
    return np.asarray(characters[:, kinds.label] - in_shorter - (kinds.size - 1) * not_shorter)

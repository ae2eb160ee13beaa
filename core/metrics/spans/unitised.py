"""Krippendorff's alpha for unitising: do two annotators or more mark the same parts of a text, and how far apart.

Krippendorff, Content Analysis (2004, 2nd edition), pages 251 to 256; with his own example in the tests. For each label,
an item is a stretch of units (its spans of that label) and gaps. Observed disagreement is the squared distance of the
edges of units that overlap, and the squared length of a unit that lies in the other's gap. Expected is the same for
units put down at every place they fit. Items are one continuum end to end: no unit goes across an end, but gaps do, or
long units would be expected nowhere and annotators who mark by chance would score far below 0.

With n_c units of lengths l, all gaps g of both annotators, L characters in all, m = 2:

    Do_c = sum of squared distances / L^2
    De_c = 2/L * sum_l [(n_c - 1)/3 (2 l^3 - 3 l^2 + l) + l^2 sum_{g >= l} (g - l + 1)]
           / (mL (mL - 1) - sum_l l (l - 1))
    alpha = 1 - sum_c Do_c / sum_c De_c

Units of one annotator that overlap and have one label are one unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray
from core.metrics.bootstrap import FEWEST, RESAMPLES
from core.metrics.rows import Rows
from core.metrics.spans.marks import Marks
from core.metrics.spans.outcomes import Outcomes
from core.metrics.spans.overlaps import unmarked
from core.metrics.spans.units import Kinds, Units, room_in_gaps

_BUDGET = 100_000_000
"""Rows times columns times draws; beyond it there are fewer draws, which the interval's name says."""


@dataclass(frozen=True, eq=False)
class UnitSums:
    """Sums in each row. `apart` (rows,): squared distances; `length` (rows,): characters; `units` and `room` (rows, P):
    units of each kind, and places for one more in the gaps."""

    apart: FloatArray
    length: FloatArray
    units: FloatArray
    room: FloatArray
    kinds: Kinds

    @classmethod
    def of_many(cls, sides: Sequence[Marks], there: BoolArray, lengths: IntArray, rows: Rows) -> "UnitSums":
        """Of any number of annotators, gaps allowed: `there` (annotators, items) says who annotated what.

        With V characters of all that were annotated, each as often as it was, mL of the formulas is V, and a pair of
        the m_u annotators of an item counts 1 / (m_u - 1): where all annotated everything that is the formula for m of
        them. What is kept is half of it, as of two: `length` V / 2, `apart` the sum over unordered pairs.
        """
        characters = [np.where(own, lengths, 0) for own in there]
        units = [Units.of(marks, own) for marks, own in zip(sides, characters, strict=True)]
        weight = 1.0 / np.maximum(1, there.sum(axis=0) - 1)
        apart = np.zeros(rows.number)
        for (one, own), (other, others) in combinations(zip(units, there, strict=True), 2):
            both = own & others
            apart += _apart(Outcomes.of(one.marks.within(both), other.marks.within(both)), rows, weight)
        kinds = Kinds.of([one.marks for one in units])
        count, room = np.zeros((2, rows.number, len(kinds)))
        for one, own, places in zip(units, characters, kinds.places, strict=True):
            mine = rows.add_up_by(one.marks.item, places, len(kinds))
            count += mine
            room += room_in_gaps([one], mine, own, rows, kinds)
        return cls(apart, rows.add_up(np.arange(len(lengths)), lengths * there.sum(axis=0) / 2), count, room, kinds)

    @classmethod
    def of(cls, outcomes: Outcomes, lengths: IntArray, rows: Rows) -> "UnitSums":
        units = [Units.of(marks, lengths) for marks in (outcomes.reference, outcomes.candidate)]
        sides = [side.marks for side in units]
        if sides[0] is not outcomes.reference or sides[1] is not outcomes.candidate:
            outcomes = Outcomes.of(sides[0], sides[1])
        kinds = Kinds.of(sides)
        counts = (rows.add_up_by(*one, len(kinds)) for one in zip((s.item for s in sides), kinds.places, strict=True))
        count = np.asarray(sum(counts))
        room = room_in_gaps(units, count, lengths, rows, kinds)
        return cls(_apart(outcomes, rows), rows.add_up(np.arange(len(lengths)), lengths), count, room, kinds)

    def value(self) -> float:
        """NaN where nobody marked anything, and where all is marked, so that nothing else can be expected."""
        return float(
            self._alpha(np.concatenate([self._ends.sum(axis=0), self.units.sum(axis=0), self.room.sum(axis=0)]))
        )

    def drawn(self, rows: Rows) -> FloatArray:
        """Alphas of other samples of items. The unseen item is one of average length, units and gaps."""
        own = np.concatenate([self._ends, self.units, self.room], axis=1)
        draws = max(FEWEST, min(RESAMPLES, _BUDGET // own.size // 100 * 100))
        agreed = own.sum(axis=0) / len(rows.row)
        apart = agreed.copy()
        agreed[0] = 0.0
        apart[0] = agreed[2 : 2 + len(self.kinds)] @ self.kinds.size.astype(np.float64) ** 2
        return self._alpha(rows.draw(own, agreed, apart, draws))

    @property
    def _ends(self) -> FloatArray:
        return np.stack([self.apart, self.length], axis=1)

    def _alpha(self, sums: FloatArray) -> FloatArray:
        """From `apart`, `length`, `units` and `room` side by side, (..., 2 + 2 P), to (...)."""
        apart, both = sums[..., 0], 2.0 * sums[..., 1, np.newaxis]
        units, room = np.split(sums[..., 2:], 2, axis=-1)
        size = self.kinds.size.astype(np.float64)
        heads = np.flatnonzero(np.diff(self.kinds.label, prepend=-1))
        if not len(heads):
            return np.full(np.shape(apart), np.nan)

        def by_label(columns: FloatArray) -> FloatArray:
            return np.asarray(np.add.reduceat(columns, heads, axis=-1))

        among_units = np.maximum(0.0, by_label(units) - 1) / 3 * by_label(units * (2 * size**3 - 3 * size**2 + size))
        in_gaps = by_label(units * room * size**2)
        ways = both * (both - 1) - by_label(units * size * (size - 1))
        with np.errstate(divide="ignore", invalid="ignore"):
            expected = (4 / both * (among_units + in_gaps) / ways).sum(axis=-1)
            return np.where(expected > 0, 1.0 - apart / np.square(sums[..., 1]) / expected, np.nan)


def _apart(outcomes: Outcomes, rows: Rows, weight: FloatArray | None = None) -> FloatArray:
    """Squared distances between the units of both, in each row: 0 for those that are equal. `weight` (items,) is how
    much those of an item count, 1 where it is None."""
    pairs = outcomes.others.where(outcomes.others.same_label)
    reference, candidate = outcomes.reference, outcomes.candidate
    begins = reference.start[pairs.reference] - candidate.start[pairs.candidate]
    stops = reference.end[pairs.reference] - candidate.end[pairs.candidate]
    met = ((outcomes.equal.reference, pairs.reference), (outcomes.equal.candidate, pairs.candidate))
    total = np.zeros(rows.number)
    parts = [(reference.item[pairs.reference], begins**2 + stops**2)]
    for marks, positions in zip((reference, candidate), met, strict=True):
        alone = unmarked(len(marks), *positions)
        parts.append((marks.item[alone], (marks.end[alone] - marks.start[alone]) ** 2))
    for items, apart in parts:
        total += rows.add_up(items, apart if weight is None else apart * weight[items])
    return total

"""Krippendorff's unitised alpha of any number of annotators; see `unitised` for what it is."""

from collections.abc import Sequence

import numpy as np

from core.metrics.arrays import BoolArray, IntArray
from core.metrics.metric import few_for_coefficient
from core.metrics.posterior import credible_estimate
from core.metrics.rows import Rows
from core.metrics.several import NO_PAIRS
from core.metrics.spans.marks import Marks
from core.metrics.spans.unitised import UnitSums
from core.model import Estimate

NOTHING_ELSE = "nobody marked anything, or all text is marked, so nothing else can be expected"


def unitised_alpha_of_many(sides: Sequence[Marks], there: BoolArray, lengths: IntArray) -> Estimate:
    """Over the items that two or more annotated; `there` (annotators, items) says who did, `sides` hold what each
    marked, `lengths` the characters of the items.

    Undefined without such items, and where nothing else than what was marked can be expected. What somebody marked in
    an item that is not `there` for them is left out. `n` counts the items.
    """
    shared = there.sum(axis=0) > 1
    n = int(shared.sum())
    if not n:
        return Estimate(None, 0, undefined=NO_PAIRS)
    number = np.cumsum(shared) - 1
    mine = [side.within(shared & own) for side, own in zip(sides, there, strict=True)]
    moved = [Marks(n, number[side.item], side.start, side.end, side.label) for side in mine]
    rows = Rows.of(n)
    sums = UnitSums.of_many(moved, there[:, shared], lengths[shared], rows)
    value = sums.value()
    if np.isnan(value):
        return Estimate(None, n, undefined=NOTHING_ELSE)
    return credible_estimate(value, n, sums.drawn(rows), few_for_coefficient(n))

"""Differences of two raters against their means: whether one rates higher, and whether that depends on the level.

Bland & Altman 1986 (Lancet 327:307): the mean difference, and the limits of agreement at 1.96 standard deviations
either side of it, within which 95 % of differences lie where they are normal. Levels are few, so points are counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.metrics.contingency import Contingency
from core.metrics.intervals import Z


@dataclass(frozen=True)
class Differences:
    """`points` are `(mean, candidate - reference, items)`, by mean and difference, in units of the scores; `n` items in
    all. `mean` is the mean difference and `low`, `high` the limits of agreement: None where there are no items, and the
    limits also where there is one only."""

    points: tuple[tuple[float, float, int], ...]
    n: int
    mean: float | None = None
    low: float | None = None
    high: float | None = None


def differences(table: Contingency, scores: Sequence[float | None]) -> Differences:
    """Of a table whose labels have these scores; items on which either gave a label without one are left out."""
    found: dict[tuple[float, float], int] = {}
    for row, own in enumerate(scores):
        for column, other in enumerate(scores):
            number = int(table.counts[row, column])
            if own is not None and other is not None and number:
                point = ((own + other) / 2, other - own)
                found[point] = found.get(point, 0) + number
    points = tuple((mean, by, number) for (mean, by), number in sorted(found.items()))
    n = sum(number for *_, number in points)
    if not n:
        return Differences((), 0)
    by, weights = (np.array([one[at] for one in points], dtype=np.float64) for at in (1, 2))
    mean = float(np.average(by, weights=weights))
    if n == 1:
        return Differences(points, n, mean)
    reach = Z * float(np.sqrt((weights * (by - mean) ** 2).sum() / (n - 1)))
    return Differences(points, n, mean, mean - reach, mean + reach)

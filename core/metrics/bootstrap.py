"""The bootstrap of a table: resampling n items with replacement is one multinomial draw over its cells.

The cost depends on the number of different cells, not on the number of items.
Efron & Tibshirani, An Introduction to the Bootstrap (1993).
"""

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from core.metrics.arrays import FloatArray, IntArray

Summary = TypeVar("Summary", IntArray, FloatArray)

RESAMPLES = 2_000
SEED = 0
# A draw costs about 0.1 microseconds. Tables with more different cells than this budget allows get fewer resamples
# (never fewer than FEWEST), which the name of the interval then says.
DRAW_BUDGET = 6_000_000
FEWEST = 200
CHUNK_BYTES = 32_000_000


def resamples_for(cells: int) -> int:
    """How many resamples a table with this many non-empty cells gets: 2,000 up to 3,000 cells, then fewer hundreds."""
    affordable = DRAW_BUDGET // max(1, cells) // 100 * 100
    return min(RESAMPLES, max(FEWEST, affordable))


def resample(
    counts: IntArray | FloatArray, summarise: Callable[[IntArray], Summary], total: int | None = None
) -> Summary:
    """Draw tables of `total` items (by default as many as in `counts`) with the shares of `counts` (shape (C,)) and
    keep only their summaries.

    `summarise` gets draws of shape (b, C) and returns an array of shape (b, ...); the result is (resamples, ...).
    The seed is fixed, so the same counts give the same draws. Raises ValueError when there is nothing to draw from.
    """
    total = int(counts.sum()) if total is None else total
    if total == 0:
        raise ValueError("A table without items cannot be resampled.")
    generator = np.random.default_rng(SEED)
    shares = counts / counts.sum()
    left = resamples_for(len(counts))
    size = max(1, CHUNK_BYTES // (8 * len(counts)))
    parts = []
    while left > 0:
        parts.append(summarise(generator.multinomial(total, shares, size=min(size, left))))
        left -= size
    return np.concatenate(parts)


def label_sums(index: IntArray, k: int) -> Callable[[Summary], Summary]:
    """A function that adds up draws of shape (b, C) into (b, K): cell c counts for label `index[c]`, or for none if -1.

    `index` is ordered once here, so that each chunk costs one gather and one pass.
    """
    order = np.argsort(index, kind="stable")
    order = order[index[order] >= 0]
    present, starts = np.unique(index[order], return_index=True)

    def sums(draws: Summary) -> Summary:
        totals = np.zeros((len(draws), k), dtype=draws.dtype)
        if len(order):
            totals[:, present] = np.add.reduceat(draws[:, order], starts, axis=1)
        return totals

    return sums

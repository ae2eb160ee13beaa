"""Krippendorff's alpha of sets that any number of annotators gave, gaps allowed, with 1 - MASI as the distance.

Krippendorff 2011 (Computing Krippendorff's Alpha-Reliability), part C to E with a distance of one's own: of N values of
items that two or more annotated, m_u of them of item u,

    observed = 1 / N  sum_u  1 / (m_u - 1)  sum of the distances of all ordered pairs within u
    expected = 1 / (N (N - 1))  sum of the distances of all ordered pairs of values
    alpha    = 1 - observed / expected
"""

from collections.abc import Sequence

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray, whole_counts
from core.metrics.metric import few_for_coefficient
from core.metrics.posterior import credible_estimate
from core.metrics.rows import Rows
from core.metrics.sets.distances import masi_distance, mean_distances
from core.metrics.several import NO_PAIRS
from core.metrics.sums import Sums
from core.model import Estimate

ONE_SET = "all annotators gave one and the same set throughout, so chance agreement is 1"


def masi_alpha_of_many(sets: BoolArray, given: Sequence[Sequence[int]], items: Sequence[int]) -> Estimate:
    """Alpha over `given`: of each pattern the sets that its annotators gave, as rows of `sets` (D, K), all different;
    `items` says how many items show each pattern.

    Patterns of fewer than two annotators are ignored. Undefined without others, and where all sets are the same. The
    interval is as that of two annotators: how far apart sets are by chance moves in it to first order only.
    Raises ValueError for numbers of items that are negative or not whole.
    """
    counts = whole_counts(list(items))
    kept = [place for place, one in enumerate(given) if len(one) > 1 and counts[place]]
    n = int(counts[kept].sum()) if kept else 0
    if not n:
        return Estimate(None, 0, undefined=NO_PAIRS)
    patterns, counts = [np.asarray(given[place], dtype=np.int64) for place in kept], counts[kept]
    sizes = np.array([len(one) for one in patterns], dtype=np.float64)
    flat, owner = np.concatenate(patterns), np.repeat(np.arange(len(patterns)), sizes.astype(np.int64))
    values = float(sizes @ counts)
    shares = np.bincount(flat, weights=counts[owner], minlength=len(sets)) / values
    means = mean_distances(sets, shares, masi_distance)
    expected = float(shares @ means)
    if expected <= 0:
        return Estimate(None, n, undefined=ONE_SET)
    own = np.stack([_within(sets, patterns), sizes, np.bincount(owner, weights=means[flat])], axis=1)
    rows, pattern = Rows.of(n), np.repeat(np.arange(len(patterns)), counts)
    columns = np.stack([rows.add_up(np.arange(n), column[pattern]) for column in own.T], axis=1)
    each = values / n
    usual = np.array([0.0, each, each * expected])

    def alpha(sums: FloatArray) -> FloatArray:
        """To first order in how often each set is given; with all items as they are it is alpha but for N - 1."""
        chance = 2 * sums[..., 2] / sums[..., 1] - expected
        return np.asarray(1.0 - sums[..., 0] / sums[..., 1] / np.maximum(1e-12, chance))

    drawn = Sums(rows, columns, usual, usual + np.array([each, 0.0, 0.0]), alpha)
    correction = (values - 1) / values
    value = 1.0 - correction * float(own[:, 0] @ counts) / values / expected
    return credible_estimate(value, n, drawn.drawn(), few_for_coefficient(n))


def _within(sets: BoolArray, patterns: Sequence[IntArray]) -> FloatArray:
    """Of each pattern the distances of all ordered pairs of its sets, divided by one less than its annotators."""
    found = np.zeros(len(patterns))
    sizes = np.array([len(one) for one in patterns])
    members = sets.sum(axis=1)
    for m in np.unique(sizes):
        places = np.flatnonzero(sizes == m)
        block = np.stack([patterns[int(place)] for place in places])
        for one in range(m):
            for other in range(one + 1, m):
                a, b = block[:, one], block[:, other]
                hits = (sets[a] & sets[b]).sum(axis=1)
                found[places] += 2 * masi_distance(hits, members[a], members[b]) / (m - 1)
    return found

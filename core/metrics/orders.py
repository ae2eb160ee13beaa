"""Agreement on rankings: how alike two orders of the same candidates are, and how far several annotators concur.

A ranking is groups of candidates, best first; those of one group are tied. Candidates count from 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from core.metrics.arrays import FloatArray, IntArray
from core.metrics.intervals import share
from core.metrics.metric import few_for_coefficient
from core.metrics.posterior import UNSEEN, Cells, credible_estimate, draw
from core.model import Estimate

Ranking = Sequence[Sequence[int]]

NO_ITEMS = "no item was ranked by both"
ALL_TIED = "on each item an annotator tied all candidates, so there is no order to agree with"


@dataclass(frozen=True)
class Alike:
    """How alike two rankings are. `tau` is None where one of them ties all; `reversed_pairs` counts pairs of candidates
    that one puts the other way round, `half_tied` those that one of them alone ties, of `pairs` in all."""

    tau: float | None
    reversed_pairs: int
    half_tied: int
    pairs: int
    same_first: bool


def alike(reference: Ranking, candidate: Ranking) -> Alike:
    """Kendall's tau-b (Kendall 1945, Biometrika 33:239) of two rankings of the same candidates, and what it is made of.

    (concordant - discordant) / sqrt(pairs untied in one x pairs untied in the other). `same_first`: they put the same
    candidates first. Raises ValueError where a candidate is ranked twice, or by one of them alone.
    """
    own, other = ranks(reference), ranks(candidate)
    if len(own) != len(other):
        raise ValueError(f"One ranking has {len(own)} candidates, the other {len(other)}.")
    first, second = np.triu_indices(len(own), 1)
    here, there = np.sign(own[second] - own[first]), np.sign(other[second] - other[first])
    product = here * there
    untied = int((here != 0).sum()), int((there != 0).sum())
    return Alike(
        tau=float(product.sum() / sqrt(untied[0] * untied[1])) if min(untied) else None,
        reversed_pairs=int((product < 0).sum()),
        half_tied=int(((here == 0) != (there == 0)).sum()),
        pairs=len(first),
        same_first=set(reference[0]) == set(candidate[0]) if len(own) else True,
    )


def ranks(ranking: Ranking) -> FloatArray:
    """Of each candidate its rank, from 1; tied ones share the mean of theirs. Shape (candidates,).

    Raises ValueError where the groups do not name each of 0 ... m - 1 once, or one is empty.
    """
    flat = [candidate for group in ranking for candidate in group]
    if sorted(flat) != list(range(len(flat))) or not all(len(group) for group in ranking):
        raise ValueError("A ranking names each candidate once, and no place in it is empty.")
    found = np.zeros(len(flat))
    before = 0
    for group in ranking:
        found[list(group)] = before + (len(group) + 1) / 2
        before += len(group)
    return found


def mean_tau(pairs: Sequence[Alike], items: Sequence[int]) -> Estimate:
    """Tau-b, averaged over the items on which it is defined, `n` of them; `items` says how many show each pair.

    The interval is drawn from the posterior of the pairs, one unseen item's worth of prior at either end of the scale.
    Undefined without items, and where all candidates are tied on each.
    """
    defined = [(pair.tau, number) for pair, number in zip(pairs, items, strict=True) if pair.tau is not None and number]
    if not defined:
        return Estimate(None, 0, undefined=ALL_TIED if sum(items) else NO_ITEMS)
    scores, counts = np.array([tau for tau, _ in defined]), np.array([number for _, number in defined])
    n = int(counts.sum())
    whole = np.r_[scores, 1.0, -1.0]
    cells = Cells(np.empty((0, len(whole)), dtype=np.int64), np.r_[counts.astype(np.float64), [UNSEEN / 2] * 2])
    draws = draw(cells, lambda drawn: (drawn @ whole) / drawn.sum(axis=1))
    return credible_estimate(float(scores @ counts / n), n, draws, few_for_coefficient(n))


def first_place(pairs: Sequence[Alike], items: Sequence[int]) -> Estimate:
    """The share of items on which both put the same candidates first, with a Wilson interval."""
    same = sum(number for pair, number in zip(pairs, items, strict=True) if pair.same_first)
    return share(same, sum(items), NO_ITEMS)


def concordance(rankings: FloatArray | IntArray) -> float | None:
    """Kendall's W of m annotators' ranks or scores of k candidates, (m, k): 1 where all have one order, 0 where none.

    Corrected for ties (Kendall & Gibbons 1990, Rank Correlation Methods, section 6.10): 12 S / (m^2 (k^3 - k) - m T)
    with T the sum of t^3 - t over the ties of each. None where an annotator is alone or all tie all candidates. Raises
    ValueError for a table that is not two-dimensional.
    """
    given = np.asarray(rankings, dtype=np.float64)
    if given.ndim != 2:
        raise ValueError("Rankings must have one row per annotator and one column per candidate.")
    m, k = given.shape
    if m < 2:
        return None
    placed = np.array([_mean_ranks(row) for row in given])
    sums = placed.sum(axis=0)
    ties = sum(int((sizes**3 - sizes).sum()) for sizes in (np.unique(row, return_counts=True)[1] for row in given))
    most = m * m * (k**3 - k) - m * ties
    return float(12 * ((sums - sums.mean()) ** 2).sum() / most) if most > 0 else None


def _mean_ranks(row: FloatArray) -> FloatArray:
    _, which, sizes = np.unique(row, return_inverse=True, return_counts=True)
    ends = np.cumsum(sizes)
    return np.asarray((ends - (sizes - 1) / 2)[which], dtype=np.float64)

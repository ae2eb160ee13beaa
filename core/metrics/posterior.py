"""What the whole table may look like, given the items counted: draws from a Dirichlet posterior.

A bootstrap of a table with an empty cell never fills it, so agreement that is perfect or constant on a few items would
get an interval of no width, and 0 where it is nearly so. Here each label that was used adds a little of what was not
seen: in all one item, half of it agreement and half confusion with the next label, spread evenly (with two labels that
is Perks' prior, 1/4 in each of four cells). Perks 1947 (Journal of the Institute of Actuaries 73:285); Gelman et al.,
Bayesian Data Analysis (2013), section 3.4.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import FloatArray, IntArray
from core.metrics.bootstrap import CHUNK_BYTES, SEED, resamples_for
from core.model import Estimate

UNSEEN = 1.0
"""How many items the prior adds in all."""


@dataclass(frozen=True, eq=False)
class Cells:
    """A table by its cells: `weights` (C,) items, not all of them whole, at `index` (width, C) labels."""

    index: IntArray
    weights: FloatArray

    @property
    def n(self) -> float:
        return float(self.weights.sum())


def with_unseen(index: IntArray, counts: IntArray, *, is_scale: bool = False) -> Cells:
    """The cells of `counts` (C,) at `index` (width, C) and, behind them, those of the prior.

    The first row of `index` is the reference. For each label that anyone used, the prior has a cell in which all
    choose it, and for each other annotator (and for all of them together) one in which they choose the next label in
    use instead. A label nobody used adds nothing, so that it changes no figure. Behind the last comes the first; on a
    scale, where those two are farthest apart, the last but one.
    """
    used = np.unique(index)
    following = np.roll(used, -1)
    if is_scale and len(used) > 1:
        following[-1] = used[-2]
    width = len(index)
    kinds = [np.tile(used, (width, 1))]
    if len(used) > 1:
        kinds += [_apart(used, following, width, who) for who in _who_may_differ(width - 1)]
    # Half of the prior agrees; the other half is shared by the ways to differ.
    halves = [0.5] + [0.5 / (len(kinds) - 1)] * (len(kinds) - 1) if len(kinds) > 1 else [1.0]
    prior = np.repeat(halves, len(used)) * UNSEEN / max(1, len(used))
    return Cells(np.concatenate([index, *kinds], axis=1), np.concatenate([counts.astype(np.float64), prior]))


def _who_may_differ(others: int) -> list[tuple[int, ...]]:
    """Who differs from the reference: each of the others alone and, where there are several, all of them."""
    alone: list[tuple[int, ...]] = [(i + 1,) for i in range(others)]
    return alone if others == 1 else [*alone, tuple(range(1, others + 1))]


def _apart(used: IntArray, following: IntArray, width: int, who: tuple[int, ...]) -> IntArray:
    return np.stack([following if row in who else used for row in range(width)])


def draw(cells: Cells, summarise: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """Tables drawn from the posterior, summarised: `summarise` gets (b, C) items, adding up to `cells.n`, not whole.

    As many draws as the bootstrap would make of a table with as many cells, seed 0.
    """
    generator = np.random.default_rng(SEED)
    left = resamples_for(len(cells.weights))
    size = max(1, CHUNK_BYTES // (8 * len(cells.weights)))
    parts = []
    while left > 0:
        drawn = generator.standard_gamma(cells.weights, size=(min(size, left), len(cells.weights)))
        parts.append(summarise(drawn * (cells.n / drawn.sum(axis=1, keepdims=True))))
        left -= size
    return np.concatenate(parts)


def credible_estimate(value: float, n: int, draws: FloatArray, rough: str = "") -> Estimate:
    """`value` with the middle 95 % of `draws`, widened to hold the value: a perfect score is above every draw."""
    low, high = np.nanquantile(draws, (0.025, 0.975))
    name = f"Dirichlet posterior, {len(draws):,} draws, seed {SEED}"
    return Estimate(value, n, min(float(low), value), max(float(high), value), name, rough=rough)

"""How a score grows with the number of examples, and what more of them would bring."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from core.model import Estimate

Floats = NDArray[np.float64]

MIN_SIZES, MIN_DEALS = 3, 2
FAR = 10.0
"""Beyond so many times the examples there are, a curve says nothing any more."""
_DRAWS = 2000
_SLOPES = np.geomspace(0.05, 2.0, 60)
_LEAST_NOISE = 1e-3


@dataclass(frozen=True)
class Size:
    """What fine-tunes on so many examples scored, one a deal."""

    n: int
    scores: tuple[float, ...]

    @property
    def mean(self) -> float:
        return float(np.mean(self.scores))

    def interval(self, noise: float | None) -> tuple[float, float] | None:
        """95 % of the mean over deals: Student's t where the deals of this size tell how they spread, with `noise`
        (the spread pooled over sizes) in its place where there is one deal alone; None where nothing tells."""
        k = len(self.scores)
        if k > 1:
            half = _T[min(k - 1, len(_T) - 1)] * float(np.std(self.scores, ddof=1)) / sqrt(k)
        elif noise is not None:
            half = 1.96 * noise
        else:
            return None
        return self.mean - half, self.mean + half


_T = (0.0, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)
"""The 97.5th percentile of Student's t by degrees of freedom."""


@dataclass(frozen=True)
class PowerLaw:
    """`top - drop * n ** -slope`, fitted, and many curves that fit as well within what chance does to the points.

    The inverse power law of learning curves: Cortes et al. 1993 (Learning Curves: Asymptotic Values and Rate of
    Convergence, NIPS 6), used to foresee sample sizes by Figueroa et al. 2012 (BMC Medical Informatics and Decision
    Making 12:8). Weighted least squares over a grid of slopes, `drop` not below 0 and `top` not above 1. Its
    uncertainty is a parametric bootstrap: the means over deals are drawn anew with the spread of the deals, pooled
    over sizes (widened where the points lie further from the law than that explains), and as few degrees of freedom as
    that has. `shift` is how far all of a drawn curve may lie off because
    it was measured on so many validation items: it moves levels, and leaves gains as they are.
    """

    top: float
    drop: float
    slope: float
    largest: int
    tops: Floats
    drops: Floats
    slopes: Floats
    shift: Floats

    def at(self, n: float) -> float:
        return float(self.top - self.drop * n**-self.slope)

    def band(self, n: float) -> tuple[float, float]:
        """95 % of the curve at so many examples, as measured on these validation items."""
        return _middle(self._drawn(n))

    def gain(self, n: float, more: float) -> Estimate:
        """What going from `n` to `more` examples adds."""
        low, high = _middle(self._drawn(more) - self._drawn(n))
        value = self.at(more) - self.at(n)
        return Estimate(value, self.largest, min(low, value), max(high, value), "parametric bootstrap of the fit")

    def levels_off(self) -> tuple[float, float, float]:
        """Where it ends however many examples there are: low, best guess, high."""
        low, high = _middle(np.minimum(self.tops + self.shift, 1.0))
        return min(low, self.top), self.top, max(high, self.top)

    def examples_for(self, score: float) -> tuple[float, float, float]:
        """How many examples reach the score: low, best guess, high; infinity where none do."""
        found = _needed(self.tops + self.shift, self.drops, self.slopes, score)
        low, high = np.quantile(found, [0.025, 0.975], method="nearest")
        best = _needed(np.array([self.top]), np.array([self.drop]), np.array([self.slope]), score)[0]
        return float(min(low, best)), float(best), float(max(high, best))

    def _drawn(self, n: float) -> Floats:
        return self.tops - self.drops * n**-self.slopes


def sizes_of(scores: Mapping[int, Sequence[float]]) -> list[Size]:
    """Smallest first; those without a score are left out."""
    return [Size(n, tuple(found)) for n, found in sorted(scores.items()) if found]


def pooled_noise(sizes: Sequence[Size], whole: int) -> tuple[float, int] | None:
    """The standard deviation of one deal about the mean of its size, and its degrees of freedom; None where no size
    has two deals. At `whole`, all the examples there are, deals do not differ, so that size says nothing of it."""
    several = [one for one in sizes if one.n < whole and len(one.scores) > 1]
    spread = [(float(np.var(one.scores, ddof=1)), len(one.scores) - 1) for one in several]
    degrees = sum(free for _, free in spread)
    if not degrees:
        return None
    return max(_LEAST_NOISE, sqrt(sum(variance * free for variance, free in spread) / degrees)), degrees


def fit(sizes: Sequence[Size], whole: int, *, measured: float = 0.0, seed: int = 0) -> PowerLaw | None:
    """None where there are fewer than three sizes, or no size has two deals. `whole` is how many examples there are;
    `measured` the standard error of a score by its validation items."""
    noise = pooled_noise(sizes, whole)
    if len(sizes) < MIN_SIZES or noise is None:
        return None
    sd, degrees = noise
    n = np.array([one.n for one in sizes], dtype=np.float64)
    means = np.array([one.mean for one in sizes])
    # All the examples are one deal, however often they were taught.
    deals = np.array([1 if one.n >= whole else len(one.scores) for one in sizes], dtype=np.float64)
    (top, drop, slope) = _fitted(n, deals, means[None, :])
    sd *= _widened(means - (top - drop * n**-slope), sd / np.sqrt(deals))
    rng = np.random.default_rng(seed)
    heavy = np.sqrt(degrees / rng.chisquare(degrees, _DRAWS))[:, None]
    drawn = means + sd * heavy * rng.standard_normal((_DRAWS, len(sizes))) / np.sqrt(deals)
    shift = measured * rng.standard_normal(_DRAWS)
    many = _fitted(n, deals, drawn)
    return PowerLaw(float(top[0]), float(drop[0]), float(slope[0]), int(n[-1]), *many, shift)


def _widened(residuals: Floats, errors: Floats) -> float:
    """How many times further from the law the points lie than how deals differ explains, at least 1 (Birge's ratio):
    then no law of this kind is quite right, and what it foresees is less sure."""
    free = len(residuals) - 3
    return max(1.0, sqrt(float(np.sum((residuals / errors) ** 2)) / free)) if free > 0 else 1.0


def _fitted(n: Floats, weights: Floats, y: Floats) -> tuple[Floats, Floats, Floats]:
    """Best `top`, `drop` and `slope` for each row of `y`."""
    w = weights / weights.sum()
    found: list[tuple[Floats, Floats, Floats]] = []
    for slope in _SLOPES:
        x = -(n**-slope)
        mean_x, mean_y = float(w @ x), y @ w
        drop = ((y - mean_y[:, None]) @ (w * (x - mean_x))) / float(w @ (x - mean_x) ** 2)
        drop = np.maximum(drop, 0.0)
        top = mean_y - drop * mean_x
        over = top > 1.0
        if over.any():
            # Through the ceiling: the best line with its end at 1.
            drop[over] = np.maximum(((y[over] - 1.0) @ (w * x)) / float(w @ x**2), 0.0)
            top[over] = 1.0
        lost = ((y - top[:, None] - drop[:, None] * x) ** 2) @ w
        found.append((lost, top, drop))
    lost, tops, drops = (np.stack(part) for part in zip(*found, strict=True))
    best = lost.argmin(axis=0)
    rows = np.arange(y.shape[0])
    return tops[best, rows], drops[best, rows], _SLOPES[best]


def _needed(tops: Floats, drops: Floats, slopes: Floats, score: float) -> Floats:
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        needed = (drops / (tops - score)) ** (1 / slopes)
    return np.where(tops > score, np.where(drops > 0, needed, 1.0), np.inf)


def _middle(values: Floats) -> tuple[float, float]:
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)

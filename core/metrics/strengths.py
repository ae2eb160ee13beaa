"""How strong candidates are, from which of two was preferred how often: the model of Bradley & Terry.

Bradley & Terry 1952 (Biometrika 39:324): i is preferred to j with probability exp(s_i) / (exp(s_i) + exp(s_j)). A tie
counts half for each. Only differences of strengths mean something, so they add up to 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray
from core.metrics.intervals import Z
from core.model import Estimate

_STEPS, _CLOSE = 100, 1e-12
NEVER_COMPARED = "it was never compared"
ALWAYS = "it and those level with it were preferred to all others each time, so no strength is too great"
NEVER = "it and those level with it were never preferred to any other, so no strength is too small"
APART = "no chain of comparisons leads from it to all others and back"


@dataclass(frozen=True)
class Strength:
    """A candidate by its name: `strength` on the log-odds scale, its `n` the comparisons the candidate was in."""

    name: str
    strength: Estimate


def bradley_terry(names: Sequence[str], wins: FloatArray) -> tuple[Strength, ...]:
    """Strengths that add up to 0, with their 95 % intervals, in the order of `names`.

    `wins` is K x K, row preferred to column, halves allowed; the diagonal is ignored. The interval is Wald's, from the
    inverse of Fisher's information. Strengths exist where a chain of preferences leads from each to each (Ford 1957,
    American Mathematical Monthly 64:28): of groups that do not hang together so, the largest gets them, and the others
    are undefined, each with why. Raises ValueError for a shape that is not K x K and for negative counts.
    """
    counts = np.array(wins, dtype=np.float64)
    if counts.shape != (len(names), len(names)) or not np.isfinite(counts).all() or (counts < 0).any():
        raise ValueError(f"{len(names)} candidates need {len(names)} x {len(names)} counts, none of them negative.")
    np.fill_diagonal(counts, 0.0)
    reach = _reaches(counts > 0)
    group = _largest_group(reach & reach.T)
    strengths = np.full(len(names), np.nan)
    errors = np.full(len(names), np.nan)
    if group.sum() > 1:
        strengths[group], errors[group] = _fitted(counts[np.ix_(group, group)])
    played = counts.sum(axis=0) + counts.sum(axis=1)
    return tuple(
        Strength(name, _estimate(strengths[k], errors[k], round(played[k]), _why(reach, group, k, played[k] > 0)))
        for k, name in enumerate(names)
    )


def wins_in(ranks: FloatArray, items: IntArray) -> FloatArray:
    """How often each candidate goes before each other, K x K, a tie half to each: of the rankings `ranks` (P, K), from
    1 for the best and NaN for those not ranked, each of `items` (P,) items."""
    one, other = ranks[:, :, np.newaxis], ranks[:, np.newaxis]
    wins = np.tensordot(items.astype(np.float64), (one < other) + 0.5 * (one == other), axes=1)
    np.fill_diagonal(wins, 0.0)
    return np.asarray(wins)


def wins_by_score(scores: Sequence[float | None], items: IntArray) -> FloatArray:
    """The same of two candidates, from how many items (`items`, one number a score) were given an outcome of each
    score: above 0 the first goes before the second, below 0 the second, 0 is a tie, None no outcome."""
    wins = np.zeros((2, 2))
    for score, number in zip(scores, items.tolist(), strict=True):
        if score is not None:
            wins[0, 1] += number * (1.0 if score > 0 else 0.5 * (score == 0))
            wins[1, 0] += number * (1.0 if score < 0 else 0.5 * (score == 0))
    return wins


def preferred(first: float, second: float) -> float:
    """The probability that a candidate of strength `first` is preferred to one of strength `second`."""
    return float(1.0 / (1.0 + np.exp(second - first)))


def _fitted(wins: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The most likely strengths and their standard errors, by Newton's method on a concave likelihood."""
    k, both = len(wins), wins + wins.T
    centre = np.full((k, k), 1.0 / k)
    strengths = np.zeros(k)
    for _ in range(_STEPS):
        chance = 1.0 / (1.0 + np.exp(strengths[np.newaxis] - strengths[:, np.newaxis]))
        slope = (wins - both * chance).sum(axis=1)
        information = _information(both * chance * (1.0 - chance))
        # Along "all the same stronger" there is no information; the centre fills that direction and changes no other.
        step = np.linalg.solve(information + centre, slope)
        strengths += step * min(1.0, 2.0 / max(1e-300, float(np.abs(step).max())))
        if np.abs(step).max() < _CLOSE:
            break
    covariance = np.linalg.inv(information + centre) - centre
    return strengths - strengths.mean(), np.sqrt(np.diagonal(covariance))


def _information(weights: FloatArray) -> FloatArray:
    information = -weights
    np.fill_diagonal(information, 0.0)
    np.fill_diagonal(information, -information.sum(axis=1))
    return information


def _reaches(beats: BoolArray) -> BoolArray:
    """Whether a chain of preferences leads from one to another, K x K, each reaching itself (Warshall 1962)."""
    reach = beats | np.eye(len(beats), dtype=np.bool_)
    for middle in range(len(beats)):
        reach |= reach[:, middle : middle + 1] & reach[middle]
    return reach


def _largest_group(together: BoolArray) -> BoolArray:
    """Of the groups in which each reaches each, the one with most candidates, the first of several."""
    sizes = together.sum(axis=1)
    return together[int(np.argmax(sizes))] if len(sizes) else np.zeros(0, dtype=np.bool_)


def _why(reach: BoolArray, group: BoolArray, k: int, is_compared: bool) -> str:
    """Why a candidate outside the group has no strength."""
    if not is_compared:
        return NEVER_COMPARED
    above, below = reach[k].all(), reach[:, k].all()
    return ALWAYS if above and not below else NEVER if below and not above else APART


def _estimate(strength: float, error: float, n: int, undefined: str) -> Estimate:
    if np.isnan(strength):
        return Estimate(None, n, undefined=undefined)
    return Estimate(
        float(strength), n, float(strength - Z * error), float(strength + Z * error), "Wald, Fisher's information"
    )

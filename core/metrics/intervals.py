"""Closed-form 95 % intervals for shares and for the difference of two paired shares."""

from math import sqrt
from statistics import NormalDist

from core.model import Estimate

Z = NormalDist().inv_cdf(0.975)
_POISSON = {1: 0.05129, 2: 0.35536, 3: 0.81769}
"""Half the 5th percentile of chi-square with twice so many degrees: the Poisson limit below so few."""


def wilson_interval(successes: float, n: int) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927, JASA 22:209); `n` must be positive. Never leaves [0, 1]."""
    share = successes / n
    centre = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == n else min(1.0, centre + half)
    return low, high


def share(successes: int, n: int, undefined: str) -> Estimate:
    """`successes / n` with its Wilson interval; undefined, for the given reason, when n is 0.

    With one to three successes, or failures, the limit that lies next to them is put further out: Wilson's alone holds
    as little as 84 % of the time there (Brown, Cai & DasGupta 2001, Statistical Science 16:101, section 4.1.1).
    """
    if n == 0:
        return Estimate(None, 0, undefined=undefined)
    low, high = wilson_interval(successes, n)
    near, far = (_POISSON.get(number, 0.0) / n if 2 * number <= n else 0.0 for number in (successes, n - successes))
    name = "Wilson, modified near the edge" if near or far else "Wilson"
    return Estimate(successes / n, n, min(low, near) if near else low, max(high, 1 - far) if far else high, name)


def paired_difference(both: int, only_first: int, only_second: int, neither: int, undefined: str) -> Estimate:
    """Share of the second minus share of the first, on the same items, each item a success of one, both or neither.

    Newcombe 1998 (Statistics in Medicine 17:2635), method 10: the two Wilson intervals combined with the correlation
    phi of the pairs, whose numerator is shrunk by n / 2 towards 0 when positive; phi is 0 where a margin is empty.
    Undefined, for the given reason, when there are no items.
    """
    n = both + only_first + only_second + neither
    if n == 0:
        return Estimate(None, 0, undefined=undefined)
    first, second = both + only_first, both + only_second
    phi = _corrected_phi(both, only_first, only_second, neither)
    (low1, high1), (low2, high2) = wilson_interval(first, n), wilson_interval(second, n)
    p1, p2 = first / n, second / n
    difference = (only_second - only_first) / n
    return Estimate(
        difference,
        n,
        max(-1.0, difference - _combine(p2 - low2, high1 - p1, phi)),
        min(1.0, difference + _combine(high2 - p2, p1 - low1, phi)),
        "Newcombe paired (method 10)",
    )


def _combine(a: float, b: float, phi: float) -> float:
    # The radicand is a quadratic form that is never negative for |phi| <= 1; rounding can still make it -1e-18.
    return sqrt(max(0.0, a * a - 2 * phi * a * b + b * b))


def _corrected_phi(both: int, only_first: int, only_second: int, neither: int) -> float:
    n = both + only_first + only_second + neither
    margins = (both + only_first) * (only_second + neither) * (both + only_second) * (only_first + neither)
    if margins == 0:
        return 0.0
    covariance = float(both * neither - only_first * only_second)
    if covariance > 0:
        covariance = max(0.0, covariance - n / 2)
    return covariance / sqrt(margins)

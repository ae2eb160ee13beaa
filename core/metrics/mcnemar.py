"""McNemar's test: were two annotators right equally often on the same items? And how many items would tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, erfc, sqrt
from statistics import NormalDist
from typing import Literal

from core.metrics.intervals import Z

Method = Literal["exact", "corrected", "uncorrected"]

SAME_ITEMS = "they were right and wrong on exactly the same items"
MOST_EXACT = 10_000
# Two-sided, 1 against 0 out of five discordant items is at best 2 / 2^5 = 0.0625; six are the fewest that can tell.
FEWEST_DISCORDANT = 6
_TITLES: dict[Method, str] = {
    "exact": "McNemar, exact binomial",
    "corrected": "McNemar, chi-square with continuity correction",
    "uncorrected": "McNemar, chi-square",
}


@dataclass(frozen=True)
class McNemar:
    """The two-sided test. `statistic` is the smaller discordant count (exact) or the chi-square with one degree.

    `p` and `statistic` are None without discordant items; `undefined` then says why. `title` names the test.
    """

    p: float | None
    statistic: float | None
    discordant: int
    title: str
    undefined: str = ""


def mcnemar(table: Sequence[Sequence[int]], method: Method | None = None) -> McNemar:
    """McNemar 1947 (Psychometrika 12:153) on a 2 x 2 table of paired outcomes; only the two off-diagonal counts matter.

    With discordant counts b and c: "exact" doubles the smaller tail of Binomial(b + c, 1/2), at most 1; "uncorrected"
    is (b - c)^2 / (b + c); "corrected" (Edwards 1948) is (|b - c| - 1)^2 / (b + c), and 0 where b = c.
    Without a `method`: exact up to 10,000 discordant items, corrected above. Raises ValueError for negative counts.
    """
    (_, b), (c, _) = table
    if b < 0 or c < 0:
        raise ValueError("Counts must not be negative.")
    method = method or ("exact" if b + c <= MOST_EXACT else "corrected")
    if b + c == 0:
        return McNemar(None, None, 0, _TITLES[method], SAME_ITEMS)
    if method == "exact":
        return McNemar(_binomial_p(b, c), float(min(b, c)), b + c, _TITLES[method])
    distance = abs(b - c) if method == "uncorrected" else max(0, abs(b - c) - 1)
    chi_square = distance * distance / (b + c)
    return McNemar(erfc(sqrt(chi_square / 2)), chi_square, b + c, _TITLES[method])


def _binomial_p(b: int, c: int) -> float:
    """2 P(X <= min(b, c)) for X ~ Binomial(b + c, 1/2), at most 1; summed in whole numbers, so nothing underflows."""
    n = b + c
    term = tail = 1
    for i in range(min(b, c)):
        term = term * (n - i) // (i + 1)
        tail += term
    return min(1.0, 2 * tail / (1 << n))


def items_to_tell(only_first: int, only_second: int, n: int, power: float = 0.8) -> int | None:
    """How many items of this kind in total would show a difference of the observed size at 5 %, two-sided.

    Connor 1987 (Biometrics 43:207), who builds on Miettinen 1968: with the discordant share psi and the difference d,
    (z_0.975 sqrt(psi) + z_power sqrt(psi - d^2))^2 / d^2; and at least enough for six discordant items, below which
    the exact test cannot reach 5 %. None when the observed difference is 0: no number of items would show it.
    """
    if only_first == only_second:
        return None
    psi = (only_first + only_second) / n
    d = abs(only_second - only_first) / n
    root = Z * sqrt(psi) + NormalDist().inv_cdf(power) * sqrt(max(0.0, psi - d * d))
    return max(ceil(root * root / (d * d)), ceil(FEWEST_DISCORDANT / psi))

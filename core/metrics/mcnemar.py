"""McNemar's test: were two annotators right equally often on the same items? And what so many items can tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, erfc, sqrt
from statistics import NormalDist
from typing import Literal

from core.metrics.intervals import Z
from core.plural import count

Method = Literal["exact", "corrected", "uncorrected"]

SAME_ITEMS = "they were right and wrong on exactly the same items"
MOST_EXACT = 10_000
ROUGH_BELOW = 25
# Two-sided, five discordant items that all speak for one have mid-p 2^-5 = .031; four have .063.
FEWEST_DISCORDANT = 5
_TITLES: dict[Method, str] = {
    "exact": "McNemar, exact binomial",
    "corrected": "McNemar, chi-square with continuity correction",
    "uncorrected": "McNemar, chi-square",
}


@dataclass(frozen=True)
class McNemar:
    """The two-sided test. `statistic` is the smaller discordant count (exact) or the chi-square with one degree.

    `mid_p` is the exact p less half of what exactly this outcome has: it keeps the level where the exact test, which
    can only take steps, stays far below it (Fagerland, Lydersen & Laake 2013, BMC Medical Research Methodology 13:91).
    By a chi-square it is the same as `p`. All are None without discordant items; `undefined` then says why.
    `title` names the test.
    """

    p: float | None
    mid_p: float | None
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
    (_, b), (c, _) = ((int(x) for x in row) for row in table)  # whole numbers of Python's, which never overflow
    if b < 0 or c < 0:
        raise ValueError("Counts must not be negative.")
    method = method or ("exact" if b + c <= MOST_EXACT else "corrected")
    if b + c == 0:
        return McNemar(None, None, None, 0, _TITLES[method], SAME_ITEMS)
    if method == "exact":
        return McNemar(*_binomial_p(b, c), float(min(b, c)), b + c, _TITLES[method])
    distance = abs(b - c) if method == "uncorrected" else max(0, abs(b - c) - 1)
    chi_square = distance * distance / (b + c)
    p = erfc(sqrt(chi_square / 2))
    return McNemar(p, p, chi_square, b + c, _TITLES[method])


def _binomial_p(b: int, c: int) -> tuple[float, float]:
    """`(p, mid-p)`: 2 P(X <= min(b, c)) for X ~ Binomial(b + c, 1/2), at most 1, and that less P(X = min(b, c)).

    Where b = c, mid-p is 1 less half of P(X = b). Summed in whole numbers, so that nothing underflows.
    """
    n = b + c
    term = tail = 1
    for i in range(min(b, c)):
        term = term * (n - i) // (i + 1)
        tail += term
    mid = 2 * tail - term if b != c else (1 << n) - term // 2
    return min(1.0, 2 * tail / (1 << n)), mid / (1 << n)


def few_discordant(discordant: int) -> str:
    """Why a difference that is not one of shares is a rough guide with so few discordant items; "" from 25 on."""
    if discordant >= ROUGH_BELOW:
        return ""
    return f"only {count(discordant, 'discordant item')}" if discordant else "no discordant items"


def items_to_tell(discordant_share: float, difference: float, power: float = 0.8) -> int | None:
    """How many items in all show a difference of this size at 5 %, two-sided, in `power` of the tries.

    Connor 1987 (Biometrics 43:207), who builds on Miettinen 1968: with the discordant share psi and the difference d,
    (z_0.975 sqrt(psi) + z_power sqrt(psi - d^2))^2 / d^2; and at least enough for five discordant items, below which
    the test cannot reach 5 %. None for a difference of 0: no number of items would show it.
    """
    if not difference:
        return None
    return max(ceil(_items(discordant_share, abs(difference), power)), ceil(FEWEST_DISCORDANT / discordant_share))


def smallest_difference(discordant: int, n: int, power: float = 0.8) -> float | None:
    """The smallest difference that `n` items with so many discordant ones show at 5 % in `power` of the tries.

    The difference d at which Connor's number of items (see `items_to_tell`) is n, psi the discordant share. None where
    even all discordant items on one side would not do: then these items can show nothing.
    """
    psi = discordant / n if n else 0.0
    if discordant < FEWEST_DISCORDANT or _items(psi, psi, power) > n:
        return None
    low, high = 0.0, psi
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if middle > 0 and _items(psi, middle, power) <= n else (middle, high)
    return high


def _items(psi: float, d: float, power: float) -> float:
    root = Z * sqrt(psi) + NormalDist().inv_cdf(power) * sqrt(max(0.0, psi - d * d))
    return root * root / (d * d)

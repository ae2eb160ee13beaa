"""A gate: whether B is not worse than A by more than a margin.

A test of non-inferiority by the interval (ICH E9, 1998, 3.3.2; Wellek 2010, "Testing Statistical Hypotheses of
Equivalence and Noninferiority"): passed where all of the two-sided 95 % interval of B - A lies above minus the margin,
which is a one-sided test at 2.5 %; failed where all of it lies below; between them these items do not decide.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

from core.model import Estimate


class Verdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    OPEN = "open"


@dataclass(frozen=True)
class Gate:
    """`items` are how many in all it would take to decide, the difference staying as it is and its interval narrowing
    with the root of their number; None where it is decided, and where no number would."""

    margin: float
    difference: Estimate
    verdict: Verdict
    items: int | None = None


def gate(difference: Estimate, margin: float) -> Gate:
    """Of B minus A, where more is better. Undefined or without an interval it stays open.

    Raises ValueError for a margin that is no number from 0 to 1.
    """
    if not 0 <= margin <= 1:
        raise ValueError(f"a margin is from 0 to 1, not {margin}")
    value, low, high = difference.value, difference.low, difference.high
    if value is None or low is None or high is None:
        return Gate(margin, difference, Verdict.OPEN)
    if low > -margin:
        return Gate(margin, difference, Verdict.PASSED)
    if high < -margin:
        return Gate(margin, difference, Verdict.FAILED)
    to_decide = value + margin
    half = value - low if to_decide > 0 else high - value
    if abs(to_decide) < 1e-9 or half <= 0:
        return Gate(margin, difference, Verdict.OPEN)
    return Gate(margin, difference, Verdict.OPEN, math.ceil(difference.n * (half / to_decide) ** 2))

"""A figure as a function of sums over items: its value, what it may be with others, and two candidates compared."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import FloatArray
from core.metrics.bootstrap import SEED
from core.metrics.posterior import credible_estimate
from core.metrics.rows import Rows
from core.model import Estimate

SWAPS = 9_999
_AT_ONCE = 1_111


@dataclass(frozen=True, eq=False)
class Sums:
    """Columns of `own` (rows, C) are added up over items, and `kernel` makes the figure of the sums: (..., C) to (...),
    NaN where it is undefined. `agreed` and `apart` (C,) are what the two halves of the unseen item would add."""

    rows: Rows
    own: FloatArray
    agreed: FloatArray
    apart: FloatArray
    kernel: Callable[[FloatArray], FloatArray]

    @property
    def n(self) -> int:
        """Over how many items it is added up."""
        return len(self.rows.row)

    @property
    def total(self) -> FloatArray:
        return np.asarray(self.own.sum(axis=0))

    @property
    def value(self) -> float:
        return float(self.kernel(self.total))

    def drawn(self, *, turned: bool = False) -> FloatArray:
        """The figure for other samples of items, (draws,). `turned` takes the unseen item the other way round, so that
        of two candidates with the same items one has it right where the other has not."""
        unseen = (self.apart, self.agreed) if turned else (self.agreed, self.apart)
        return self.kernel(self.rows.draw(self.own, *unseen))

    def estimate(self, n: int, undefined: str, rough: str = "") -> Estimate:
        """The value with its interval; `undefined` is the reason for NaN."""
        value = self.value
        if np.isnan(value):
            return Estimate(None, n, undefined=undefined)
        return credible_estimate(value, n, self.drawn(), rough)


@dataclass(frozen=True)
class Paired:
    """B minus A on the same items, and how often a difference as large comes of dealing their answers out at random: an
    approximate randomisation test (Noreen 1989; for F1 see Yeh 2000, COLING), two-sided, None where undefined."""

    difference: Estimate
    p: float | None = None


def paired(a: Sums, b: Sums, n: int, undefined: str, rough: str = "") -> Paired:
    """Of two candidates' sums of the same items, made into one figure by the same kernel."""
    value = b.value - a.value
    if np.isnan(value):
        return Paired(Estimate(None, n, undefined=undefined))
    return Paired(credible_estimate(value, n, b.drawn(turned=True) - a.drawn(), rough), _swapped(a, b, abs(value)))


def _swapped(a: Sums, b: Sums, seen: float) -> float:
    """Rows are swapped between the two at random: A's sums are then the middle of both plus half of what differs."""
    middle, apart = (a.total + b.total) / 2, (a.own - b.own) / 2
    is_same = ~apart.any(axis=1)
    apart = apart[~is_same]
    generator = np.random.default_rng(SEED)
    as_large = 0
    for _ in range(SWAPS // _AT_ONCE):
        signs = 1.0 - 2.0 * generator.integers(0, 2, (_AT_ONCE, len(apart)), dtype=np.int8)
        moved = signs @ apart
        difference = np.abs(np.nan_to_num(a.kernel(middle + moved) - b.kernel(middle - moved)))
        as_large += int((difference >= seen - 1e-12).sum())
    return (1 + as_large) / (1 + SWAPS)

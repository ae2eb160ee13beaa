"""Two candidates against one reference on the same items: what got fixed, what broke, and can it be told from luck."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.metrics.arrays import FloatArray, IntArray, gather_cells
from core.metrics.bootstrap import label_sums
from core.metrics.by_label import LabelDifference, label_differences
from core.metrics.chance import ONE_LABEL, kappa_kernel
from core.metrics.contingency import Margins
from core.metrics.intervals import paired_difference, share, wilson_interval
from core.metrics.macro import few_items, macro_f1_kernel
from core.metrics.mcnemar import McNemar, few_discordant, items_to_tell, mcnemar, smallest_difference
from core.metrics.metric import Kernel
from core.metrics.posterior import credible_estimate, draw, with_unseen
from core.metrics.spending import level_at
from core.model import Estimate

NO_SHARED_ITEMS = "no item was annotated by all three"
TOO_WIDE = 10
"""Where the most items it may take are more than ten times the fewest, the range says nothing."""


@dataclass(frozen=True)
class Comparison:
    """Candidate A and candidate B on the same n items; every difference is B minus A.

    `fixed` items only B got right, `broken` only A; the four counts add up to n. `a` and `b` are accuracies (Wilson),
    `difference` is theirs (Newcombe's paired interval), `test` is McNemar's. `distinguishable` is test.mid_p below
    `level`, which a second look at the same two lowers (see `level_at`). The interval is at 95 % whatever the level,
    so it may exclude 0 without it. Kappa and macro-F1 of both are over the same labels of the same reference.
    `shows_from` is the smallest difference, from and to, that so many items show in four of five tries, by how often
    the two may differ; None where they are too few to say. `items_in_all` is how many items in all a difference as
    large as the interval's far end takes, and as small as its near end; None where told already, where the interval
    holds 0 (no number of items is enough then, for all these items say) and where it is not one and the same sign.
    `by_label` has every label, in their order.
    """

    n: int
    a: Estimate
    b: Estimate
    fixed: int
    broken: int
    still_wrong: int
    both_right: int
    difference: Estimate
    differences: Mapping[str, Estimate]
    test: McNemar
    level: float
    distinguishable: bool
    shows_from: tuple[float, float] | None
    items_in_all: tuple[int, int] | None
    by_label: tuple[LabelDifference, ...] = ()
    headline_p: float | None = None

    @property
    def at_odds(self) -> bool:
        """The interval of the difference and the test say different things: one of them alone tells A and B apart."""
        low, high = self.difference.low, self.difference.high
        return low is not None and high is not None and (low > 0 or high < 0) != self.distinguishable


def compare(cells: Iterable[tuple[str, str, str, int]], labels: Sequence[str], look: int = 1) -> Comparison:
    """Compare from `(reference, A's label, B's label, number of items)` cells; equal cells add up.

    `look` counts how often these two have been compared on such items, this time included.

    Raises ValueError for a label that is not among `labels` and for a negative count. On no items every estimate and
    the test are undefined, each with its reason.
    """
    index, counts = gather_cells((((ref, a, b), count) for ref, a, b, count in cells), labels, 3)
    reference, a, b = index
    outcomes = Outcomes(
        fixed=int(counts[(a != reference) & (b == reference)].sum()),
        broken=int(counts[(a == reference) & (b != reference)].sum()),
        still_wrong=int(counts[(a != reference) & (b != reference)].sum()),
        both_right=int(counts[(a == reference) & (b == reference)].sum()),
    )
    compared = compare_outcomes(outcomes, look)
    kappa, macro_f1, by_label = _differences(index, counts, labels, outcomes.discordant, compared.level)
    return replace(compared, differences={"kappa": kappa, "macro_f1": macro_f1}, by_label=by_label)


@dataclass(frozen=True)
class Outcomes:
    """How many items became what from A to B."""

    fixed: int
    broken: int
    still_wrong: int
    both_right: int

    @property
    def discordant(self) -> int:
        return self.fixed + self.broken


def compare_outcomes(outcomes: Outcomes, look: int) -> Comparison:
    """The comparison of right and wrong alone."""
    fixed, broken = outcomes.fixed, outcomes.broken
    still_wrong, both_right = outcomes.still_wrong, outcomes.both_right
    n = fixed + broken + still_wrong + both_right
    test = mcnemar([[both_right, broken], [fixed, still_wrong]])
    if n == 0:
        test = replace(test, undefined=NO_SHARED_ITEMS)
    level = level_at(look)
    distinguishable = test.mid_p is not None and test.mid_p < level
    difference = paired_difference(both_right, broken, fixed, still_wrong, NO_SHARED_ITEMS)
    return Comparison(
        n=n,
        a=share(both_right + broken, n, NO_SHARED_ITEMS),
        b=share(both_right + fixed, n, NO_SHARED_ITEMS),
        fixed=fixed,
        broken=broken,
        still_wrong=still_wrong,
        both_right=both_right,
        difference=difference,
        differences={},
        test=test,
        level=level,
        distinguishable=distinguishable,
        shows_from=_shows_from(broken + fixed, n),
        items_in_all=None if distinguishable else _items_in_all(difference, broken + fixed, n),
    )


def _differences(
    index: IntArray, counts: IntArray, labels: Sequence[str], discordant: int, level: float
) -> tuple[Estimate, Estimate, tuple[LabelDifference, ...]]:
    """Kappa, macro-F1 and each label's F1, B minus A, from draws of whole tables: each holds the labels of all three.

    So A and B meet the same reference in each draw, and their macro-F1 is over the same labels there too. Both are
    rough where fewer than 25 items are discordant.
    """
    if not len(counts):
        undefined = Estimate(None, 0, undefined=NO_SHARED_ITEMS)
        nothing = tuple(LabelDifference(label, undefined) for label in labels)
        return undefined, undefined, nothing
    k = len(labels)
    observed = _paired_sums(index, k)(counts[np.newaxis].astype(np.float64))
    cells = with_unseen(index, counts)
    drawn = draw(cells, _paired_sums(cells.index, k))
    macro_f1 = _difference(macro_f1_kernel, observed, drawn, NO_SHARED_ITEMS)
    kappa = _difference(kappa_kernel, observed, drawn, f"kappa is undefined for one of them: {ONE_LABEL}")
    few = few_discordant(discordant)
    rare = few_items(observed[0, 2][observed[0, 2] > 0])
    by_label = label_differences(labels, index, counts, observed, drawn, level)
    return replace(kappa, rough=few), replace(macro_f1, rough="; ".join(filter(None, (few, rare)))), by_label


def _paired_sums(index: IntArray, k: int) -> Callable[[FloatArray], FloatArray]:
    """From tables (b, C), whose cells are at `index` (3, C), to hits of A and B, and the margins of all three."""
    reference, a, b = index
    groups = (np.where(a == reference, a, -1), np.where(b == reference, b, -1), reference, a, b)
    sums = [label_sums(group, k) for group in groups]
    return lambda tables: np.stack([each(tables) for each in sums], axis=1)


def _difference(kernel: Kernel, observed: FloatArray, drawn: FloatArray, undefined: str) -> Estimate:
    n = round(float(observed[0, 2].sum()))
    value = float(_second_minus_first(kernel, observed)[0])
    if np.isnan(value):
        return Estimate(None, n, undefined=undefined)
    return credible_estimate(value, n, _second_minus_first(kernel, drawn))


def _second_minus_first(kernel: Kernel, sums: FloatArray) -> FloatArray:
    hits_a, hits_b, reference, a, b = (sums[:, i] for i in range(5))
    return kernel(Margins(hits_b, reference, b)) - kernel(Margins(hits_a, reference, a))


def _shows_from(discordant: int, n: int) -> tuple[float, float] | None:
    """The smallest difference that shows, where the discordant share is at either end of its interval."""
    if not n:
        return None
    ends = [smallest_difference(round(share * n), n) for share in wilson_interval(discordant, n)]
    low, high = ends
    return None if low is None or high is None else (low, high)


def _items_in_all(difference: Estimate, discordant: int, n: int) -> tuple[int, int] | None:
    low, high = difference.low, difference.high
    if low is None or high is None or low <= 0 <= high:
        return None
    near, far = sorted((abs(low), abs(high)))
    fewest, most = (items_to_tell(max(discordant / n, d), d) for d in (far, near))
    return (fewest, most) if fewest and most and most <= TOO_WIDE * fewest else None

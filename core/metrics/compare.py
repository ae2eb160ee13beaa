"""Two candidates against one reference on the same items: what got fixed, what broke, and can it be told from luck."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.metrics.arrays import FloatArray, IntArray, gather_cells
from core.metrics.bootstrap import label_sums, percentile_estimate, resample
from core.metrics.chance import ONE_LABEL, kappa_kernel
from core.metrics.contingency import Margins
from core.metrics.intervals import paired_difference, share
from core.metrics.labels import macro_f1_kernel
from core.metrics.mcnemar import McNemar, items_to_tell, mcnemar
from core.metrics.metric import Kernel
from core.model import Estimate

NO_SHARED_ITEMS = "no item was annotated by all three"
SIGNIFICANCE = 0.05
ROUGH_BELOW = 25


@dataclass(frozen=True)
class Comparison:
    """Candidate A and candidate B on the same n items; every difference is B minus A.

    `fixed` items only B got right, `broken` only A; the four counts add up to n. `a` and `b` are accuracies (Wilson),
    `difference` is theirs (Newcombe's paired interval), `test` is McNemar's. `distinguishable` is test.p < 0.05; with
    few discordant items the exact test is stricter than the interval, so the interval may exclude 0 without it.
    Kappa and macro-F1 of both are over the same labels of the same reference.
    `more_items_needed` is about how many items beyond these n would tell a difference of this size with 80 % power; it
    is None when told already or when there is no difference to tell, and `more_items_note` says which.
    """

    n: int
    a: Estimate
    b: Estimate
    fixed: int
    broken: int
    still_wrong: int
    both_right: int
    difference: Estimate
    kappa_difference: Estimate
    macro_f1_difference: Estimate
    test: McNemar
    distinguishable: bool
    more_items_needed: int | None
    more_items_note: str

    @property
    def at_odds(self) -> bool:
        """The interval of the difference and the test say different things: one of them alone tells A and B apart."""
        low, high = self.difference.low, self.difference.high
        return low is not None and high is not None and (low > 0 or high < 0) != self.distinguishable

    @property
    def rough(self) -> bool:
        """With so few discordant items the bootstrap intervals of kappa and macro-F1 are a rough guide at best."""
        return self.n > 0 and self.test.discordant < ROUGH_BELOW


def compare(cells: Iterable[tuple[str, str, str, int]], labels: Sequence[str]) -> Comparison:
    """Compare from `(reference, A's label, B's label, number of items)` cells; equal cells add up.

    Raises ValueError for a label that is not among `labels` and for a negative count. On no items every estimate and
    the test are undefined, each with its reason.
    """
    index, counts = gather_cells((((ref, a, b), count) for ref, a, b, count in cells), labels, 3)
    reference, a, b = index
    both_right = int(counts[(a == reference) & (b == reference)].sum())
    broken = int(counts[(a == reference) & (b != reference)].sum())
    fixed = int(counts[(a != reference) & (b == reference)].sum())
    n = int(counts.sum())
    still_wrong = n - both_right - broken - fixed
    kappa_difference, macro_f1_difference = _differences(index, counts, len(labels))
    test = mcnemar([[both_right, broken], [fixed, still_wrong]])
    if n == 0:
        test = replace(test, undefined=NO_SHARED_ITEMS)
    distinguishable = test.p is not None and test.p < SIGNIFICANCE
    needed, note = _more_items(broken, fixed, n, distinguishable)
    return Comparison(
        n=n,
        a=share(both_right + broken, n, NO_SHARED_ITEMS),
        b=share(both_right + fixed, n, NO_SHARED_ITEMS),
        fixed=fixed,
        broken=broken,
        still_wrong=still_wrong,
        both_right=both_right,
        difference=paired_difference(both_right, broken, fixed, still_wrong, NO_SHARED_ITEMS),
        kappa_difference=kappa_difference,
        macro_f1_difference=macro_f1_difference,
        test=test,
        distinguishable=distinguishable,
        more_items_needed=needed,
        more_items_note=note,
    )


def _differences(index: IntArray, counts: IntArray, k: int) -> tuple[Estimate, Estimate]:
    """Kappa and macro-F1 of B minus A with the paired bootstrap: each resample draws items with both their labels.

    So A and B meet the same reference in each draw, and their macro-F1 is over the same labels there too.
    """
    if not len(counts):
        undefined = Estimate(None, 0, undefined=NO_SHARED_ITEMS)
        return undefined, undefined
    reference, a, b = index
    groups = (np.where(a == reference, a, -1), np.where(b == reference, b, -1), reference, a, b)
    sums = [label_sums(group, k) for group in groups]

    def summarise(draws: IntArray) -> IntArray:
        return np.stack([each(draws) for each in sums], axis=1)

    observed, drawn = summarise(counts[np.newaxis]), resample(counts, summarise)
    return (
        _difference(kappa_kernel, observed, drawn, f"kappa is undefined for one of them: {ONE_LABEL}"),
        _difference(macro_f1_kernel, observed, drawn, NO_SHARED_ITEMS),
    )


def _difference(kernel: Kernel, observed: IntArray, drawn: IntArray, undefined: str) -> Estimate:
    n = int(observed[0, 2].sum())
    value = float(_second_minus_first(kernel, observed)[0])
    if np.isnan(value):
        return Estimate(None, n, undefined=undefined)
    return percentile_estimate(value, n, _second_minus_first(kernel, drawn))


def _second_minus_first(kernel: Kernel, sums: IntArray) -> FloatArray:
    hits_a, hits_b, reference, a, b = (sums[:, i] for i in range(5))
    return kernel(Margins(hits_b, reference, b)) - kernel(Margins(hits_a, reference, a))


def _more_items(broken: int, fixed: int, n: int, distinguishable: bool) -> tuple[int | None, str]:
    if n == 0:
        return None, NO_SHARED_ITEMS
    if distinguishable:
        return None, "these items already tell the two apart"
    total = items_to_tell(broken, fixed, n)
    if total is None:
        return None, "there is no difference to tell: they were right equally often"
    return max(1, total - n), "to tell a difference of this size with 80 % power at 5 % (Connor 1987)"

"""The metrics of sets by name, each with its interval and, where it has none, the reason in words."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, ratio
from core.metrics.contingency import NO_ITEMS
from core.metrics.intervals import share
from core.metrics.macro import few_items
from core.metrics.metric import Unit, few_for_coefficient
from core.metrics.posterior import credible_estimate
from core.metrics.rows import Rows
from core.metrics.sets.distances import Pooled, masi_distance
from core.metrics.sets.table import SetTable, jaccard
from core.model import Estimate

NO_LABELS = "neither annotator gave a label"
NONE_OF_REFERENCE = "the reference gave no label"
ONE_SET = "both annotators gave one and the same set throughout, so chance agreement is 1"


class SetSums:
    """All sums over items of one table, and their draws: each is computed when the first metric asks for it."""

    def __init__(self, table: SetTable) -> None:
        self.table = table
        self.rows = Rows.of(table.n)
        self._pair = np.repeat(np.arange(len(table.items)), table.items)
        self._item = np.arange(table.n)

    def drawn(self, of_pairs: FloatArray, agreed: float, apart: float) -> tuple[float, FloatArray]:
        """The mean over items of a figure of their pair, (P,), and its draws; what it is of the two unseen items."""
        sums = self.rows.add_up(self._item, of_pairs[self._pair])[:, np.newaxis]
        draws = self.rows.draw(sums, np.array([agreed]), np.array([apart]))[:, 0]
        return float(sums.sum()) / self.table.n, draws / self.table.n

    @cached_property
    def sizes(self) -> tuple[FloatArray, FloatArray]:
        """Labels both gave, the reference, the candidate: in all (3,), and drawn (draws, 3)."""
        hits, own, other = (sizes.astype(np.float64) for sizes in self.table.sizes)
        sums = np.stack([self.rows.add_up(self._item, one[self._pair]) for one in (hits, own, other)], axis=1)
        total = sums.sum(axis=0)
        usual = float(total[1:].mean()) / self.table.n
        return total, self.rows.draw(sums, np.full(3, usual), np.array([0.0, usual, usual]))

    @cached_property
    def by_label(self) -> tuple[FloatArray, FloatArray]:
        """The same of each label: (3, K) in all, and (draws, 3, K)."""
        k = len(self.table.labels)
        sets = (self.table.both, self.table.reference, self.table.candidate)
        sums = np.concatenate([self._of_labels(one) for one in sets], axis=1)
        total = sums.sum(axis=0).reshape(3, k)
        usual = total[1:].mean(axis=0) / max(1, self.table.n)
        agreed, apart = np.tile(usual, 3), np.r_[np.zeros(k), usual, usual]
        return total, self.rows.draw(sums, agreed, apart).reshape(-1, 3, k)

    def _of_labels(self, sets: BoolArray) -> FloatArray:
        """How often each label is in the sets of a row's items, (rows, K)."""
        pairs, labels = np.nonzero(sets)
        starts = np.searchsorted(pairs, np.arange(len(self.table.items) + 1))
        each = np.diff(starts)[self._pair]
        items = np.repeat(self._item, each)
        within = np.arange(len(items)) - np.repeat(np.cumsum(each) - each, each)
        found = labels[np.repeat(starts[self._pair], each) + within]
        return self.rows.add_up_by(items, found, sets.shape[1])


@dataclass(frozen=True)
class SetMetric:
    """One way to score how far two annotators give the same sets. Fields as in `Metric`.

    `estimate` never raises on a valid table.
    """

    key: str
    title: str
    unit: Unit
    about: str
    estimate: Callable[[SetSums], Estimate]


def estimate_sets(sums: SetSums, keys: Iterable[str] | None = None) -> dict[str, Estimate]:
    """The metrics named by `keys` (all by default), by key, in the order given. All see the same draws.

    Raises KeyError for an unknown key.
    """
    return {key: SET_METRICS[key].estimate(sums) for key in (SET_METRICS if keys is None else keys)}


def mean_jaccard(sums: SetSums) -> Estimate:
    """The mean over items of labels both gave / labels either gave; two empty sets count 1. Undefined on no items."""
    if sums.table.n == 0:
        return Estimate(None, 0, undefined=NO_ITEMS)
    value, draws = sums.drawn(jaccard(*sums.table.sizes), 1.0, 0.0)
    return credible_estimate(value, sums.table.n, draws)


def exact_set(sums: SetSums) -> Estimate:
    """Items with the same set / items, with a Wilson interval. Undefined on no items."""
    return share(sums.table.agreements, sums.table.n, NO_ITEMS)


def micro_f1(sums: SetSums) -> Estimate:
    """2 labels both gave / labels of both, all items together. Undefined where nobody gave any."""
    if sums.table.n == 0:
        return Estimate(None, 0, undefined=NO_ITEMS)
    total, drawn = sums.sizes
    value = float(_f1(*total))
    if np.isnan(value):
        return Estimate(None, sums.table.n, undefined=NO_LABELS)
    return credible_estimate(value, sums.table.n, _f1(*drawn.T), few_for_coefficient(sums.table.n))


def macro_f1(sums: SetSums) -> Estimate:
    """The mean of F1 over the labels the reference gave (see `macro_f1_kernel` for why those). Undefined without any.

    `rough` where one of them has fewer than ten items.
    """
    if sums.table.n == 0:
        return Estimate(None, 0, undefined=NO_ITEMS)
    total, drawn = sums.by_label
    occurs = total[1] > 0
    if not occurs.any():
        return Estimate(None, sums.table.n, undefined=NONE_OF_REFERENCE)
    value = float(np.nan_to_num(_f1(*total[:, occurs])).mean())
    draws = np.nan_to_num(_f1(*np.moveaxis(drawn[:, :, occurs], 1, 0))).mean(axis=-1)
    return credible_estimate(value, sums.table.n, draws, few_items(total[1][occurs]))


def masi_alpha(sums: SetSums) -> Estimate:
    """Krippendorff's alpha with 1 - MASI as the distance: 1 - (N - 1) observed / (N expected) for N values.

    Undefined on no items, and where all sets are the same. The interval is of what alpha comes to with all items; how
    far apart sets are by chance moves in it to first order only, which is less than can be seen from 30 items on.
    """
    n = sums.table.n
    if n == 0:
        return Estimate(None, 0, undefined=NO_ITEMS)
    pooled = Pooled(sums.table)
    means = pooled.mean_distances(masi_distance)
    expected = float(pooled.shares @ means)
    if expected <= 0:
        return Estimate(None, n, undefined=ONE_SET)
    observed, apart = sums.drawn(masi_distance(*sums.table.sizes), 0.0, 1.0)
    # Half of twice the mean distance of both sets: what an item adds to the distance of any two values.
    _, chance = sums.drawn(means[pooled.own] + means[pooled.other], 2 * expected, 2 * expected)
    value = 1.0 - (2 * n - 1) / (2 * n) * observed / expected
    return credible_estimate(value, n, 1.0 - apart / np.maximum(1e-12, chance - expected), few_for_coefficient(n))


def _f1(hits: FloatArray, reference: FloatArray, candidate: FloatArray) -> FloatArray:
    """2 both / (reference + candidate); NaN where neither gave any."""
    return ratio(2 * hits, reference + candidate, reference + candidate > 0)


SET_METRICS: dict[str, SetMetric] = {
    metric.key: metric
    for metric in (
        SetMetric(
            "mean_jaccard",
            "Jaccard (IoU)",
            "share",
            "Labels both gave divided by labels either gave, averaged over the items; two empty sets agree. "
            "It credits what is right in a set that is not quite the same, which the exact set does not.",
            mean_jaccard,
        ),
        SetMetric(
            "exact_set",
            "Same set",
            "share",
            "The share of items that got exactly the same labels from both annotators. "
            "One label too many counts as much as all of them wrong.",
            exact_set,
        ),
        SetMetric(
            "micro_f1",
            "Micro-F1",
            "share",
            "F1 over all labels of all items together: it balances finding labels against giving too many. "
            "Frequent labels decide it; macro-F1 weighs each label the same.",
            micro_f1,
        ),
        SetMetric(
            "set_macro_f1",
            "Macro-F1",
            "share",
            "The mean of F1 over the labels the reference gave. "
            "Each of them weighs the same however rare it is, so trouble with rare labels shows here.",
            macro_f1,
        ),
        SetMetric(
            "masi_alpha",
            "Krippendorff's alpha (MASI)",
            "coefficient",
            "Agreement beyond chance, where sets are the nearer the more they share and the less one adds to the other "
            "(MASI as Passonneau gave it in 2006). "
            "It knows how often each set is given, which Jaccard does not.",
            masi_alpha,
        ),
    )
}

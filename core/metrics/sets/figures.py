"""The metrics of sets by name, each with its interval and, where it has none, the reason in words."""

from dataclasses import replace
from functools import cached_property

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, ratio
from core.metrics.contingency import NO_ITEMS
from core.metrics.intervals import share
from core.metrics.labels import LabelScore, label_score
from core.metrics.macro import few_items
from core.metrics.metric import Metric, few_for_coefficient
from core.metrics.posterior import credible_estimate
from core.metrics.rows import Rows
from core.metrics.sets.distances import Pooled, masi_distance
from core.metrics.sets.table import SetTable, jaccard
from core.metrics.sums import Sums
from core.model import Estimate

NO_LABELS = "neither annotator gave a label"
NONE_OF_REFERENCE = "the reference gave no label"
ONE_SET = "both annotators gave one and the same set throughout, so chance agreement is 1"


class SetSums:
    """All sums over items of one table: each is computed when the first metric asks for it."""

    def __init__(self, table: SetTable) -> None:
        self.table = table
        self.rows = Rows.of(table.n)
        self._pair = np.repeat(np.arange(len(table.items)), table.items)
        self._item = np.arange(table.n)

    @property
    def n(self) -> int:
        """Items both annotated."""
        return self.table.n

    @property
    def labels(self) -> tuple[str, ...]:
        return self.table.labels

    @property
    def agreements(self) -> int:
        """Items on which both gave the same set."""
        return self.table.agreements

    def mean(self, of_pairs: FloatArray, agreed: float, apart: float) -> Sums:
        """The mean over items of a figure of their pair, (P,); what it is of the two unseen items."""
        own = self.rows.add_up(self._item, of_pairs[self._pair])[:, np.newaxis]
        return Sums(self.rows, own, np.array([agreed]), np.array([apart]), lambda sums: sums[..., 0] / self.n)

    @cached_property
    def jaccard(self) -> Sums:
        return self.mean(jaccard(*self.table.sizes), 1.0, 0.0)

    @cached_property
    def micro(self) -> Sums:
        """Of labels both gave, the reference, the candidate."""
        sizes = (sizes.astype(np.float64) for sizes in self.table.sizes)
        own = np.stack([self.rows.add_up(self._item, one[self._pair]) for one in sizes], axis=1)
        usual = float(own[:, 1:].sum()) / (2 * self.n)
        kernel = lambda sums: _f1(*np.moveaxis(sums, -1, 0))  # noqa: E731
        return Sums(self.rows, own, np.full(3, usual), np.array([0.0, usual, usual]), kernel)

    @cached_property
    def macro(self) -> Sums:
        """The mean of F1 over the labels the reference gave."""
        occurs = self.by_label.total.reshape(3, -1)[1] > 0

        def kernel(sums: FloatArray) -> FloatArray:
            return np.asarray(np.nan_to_num(_f1_by_label(sums)[..., occurs]).mean(axis=-1))

        return replace(self.by_label, kernel=kernel)

    def of_label(self, label: int) -> Sums:
        """F1 of one label."""
        k = len(self.table.labels)
        columns = np.array([label, k + label, 2 * k + label])
        every = self.by_label
        kernel = lambda sums: _f1(*np.moveaxis(sums, -1, 0))  # noqa: E731
        return Sums(self.rows, every.own[:, columns], every.agreed[columns], every.apart[columns], kernel)

    @cached_property
    def by_label(self) -> Sums:
        """F1 of each label, (..., K), of how often both gave it, the reference, the candidate."""
        sets = (self.table.both, self.table.reference, self.table.candidate)
        own = np.concatenate([self._of_labels(one) for one in sets], axis=1)
        usual = own.sum(axis=0).reshape(3, -1)[1:].mean(axis=0) / max(1, self.n)
        return Sums(self.rows, own, np.tile(usual, 3), np.r_[np.zeros(len(usual)), usual, usual], _f1_by_label)

    def _of_labels(self, sets: BoolArray) -> FloatArray:
        """How often each label is in the sets of a row's items, (rows, K)."""
        pairs, labels = np.nonzero(sets)
        starts = np.searchsorted(pairs, np.arange(len(self.table.items) + 1))
        each = np.diff(starts)[self._pair]
        items = np.repeat(self._item, each)
        within = np.arange(len(items)) - np.repeat(np.cumsum(each) - each, each)
        found = labels[np.repeat(starts[self._pair], each) + within]
        return self.rows.add_up_by(items, found, sets.shape[1])


def mean_jaccard(sums: SetSums) -> Estimate:
    """The mean over items of labels both gave / labels either gave; two empty sets count 1. Undefined on no items."""
    return sums.jaccard.estimate(sums.n, "") if sums.n else Estimate(None, 0, undefined=NO_ITEMS)


def exact_set(sums: SetSums) -> Estimate:
    """Items with the same set / items, with a Wilson interval. Undefined on no items."""
    return share(sums.table.agreements, sums.n, NO_ITEMS)


def micro_f1(sums: SetSums) -> Estimate:
    """2 labels both gave / labels of both, all items together. Undefined where nobody gave any."""
    if sums.n == 0:
        return Estimate(None, 0, undefined=NO_ITEMS)
    return sums.micro.estimate(sums.n, NO_LABELS, few_for_coefficient(sums.n))


def macro_f1(sums: SetSums) -> Estimate:
    """The mean of F1 over the labels the reference gave (see `macro_f1_kernel` for why those). Undefined without any.

    `rough` where one of them has fewer than ten items.
    """
    if sums.n == 0:
        return Estimate(None, 0, undefined=NO_ITEMS)
    support = sums.by_label.total.reshape(3, -1)[1]
    if not support.any():
        return Estimate(None, sums.n, undefined=NONE_OF_REFERENCE)
    return sums.macro.estimate(sums.n, NONE_OF_REFERENCE, few_items(support[support > 0]))


def masi_alpha(sums: SetSums) -> Estimate:
    """Krippendorff's alpha with 1 - MASI as the distance: 1 - (N - 1) observed / (N expected) for N values.

    Undefined on no items, and where all sets are the same. The interval is of what alpha comes to with all items; how
    far apart sets are by chance moves in it to first order only, which is less than can be seen from 30 items on.
    """
    n = sums.n
    if n == 0:
        return Estimate(None, 0, undefined=NO_ITEMS)
    pooled = Pooled(sums.table)
    means = pooled.mean_distances(masi_distance)
    expected = float(pooled.shares @ means)
    if expected <= 0:
        return Estimate(None, n, undefined=ONE_SET)
    observed = sums.mean(masi_distance(*sums.table.sizes), 0.0, 1.0)
    # Half of twice the mean distance of both sets: what an item adds to the distance of any two values.
    chance = sums.mean(means[pooled.own] + means[pooled.other], 2 * expected, 2 * expected).drawn()
    value = 1.0 - (2 * n - 1) / (2 * n) * observed.value / expected
    draws = 1.0 - observed.drawn() / np.maximum(1e-12, chance - expected)
    return credible_estimate(value, n, draws, few_for_coefficient(n))


def _f1(hits: FloatArray, reference: FloatArray, candidate: FloatArray) -> FloatArray:
    """2 both / (reference + candidate); NaN where neither gave any."""
    return ratio(2 * hits, reference + candidate, reference + candidate > 0)


def _f1_by_label(sums: FloatArray) -> FloatArray:
    return _f1(*np.moveaxis(sums.reshape(*sums.shape[:-1], 3, -1), -2, 0))


def label_scores(sums: SetSums) -> tuple[LabelScore, ...]:
    """Every label's scores, of the items with it in either set."""
    hits, own, other = sums.by_label.total.reshape(3, -1).astype(np.int64).tolist()
    return tuple(label_score(label, hits[k], own[k], other[k]) for k, label in enumerate(sums.table.labels))


SET_METRICS: dict[str, Metric[SetSums]] = {
    metric.key: metric
    for metric in (
        Metric(
            "mean_jaccard",
            "Jaccard (IoU)",
            "share",
            "Labels both gave divided by labels either gave, averaged over the items; two empty sets agree. "
            "It credits what is right in a set that is not quite the same, which the exact set does not.",
            mean_jaccard,
            "sets",
            lambda sums: sums.jaccard,
        ),
        Metric(
            "exact_set",
            "Same set",
            "share",
            "The share of items that got exactly the same labels from both annotators. "
            "One label too many counts as much as all of them wrong.",
            exact_set,
            "sets",
        ),
        Metric(
            "micro_f1",
            "Micro-F1",
            "share",
            "F1 over all labels of all items together: it balances finding labels against giving too many. "
            "Frequent labels decide it; macro-F1 weighs each label the same.",
            micro_f1,
            "sets",
            lambda sums: sums.micro,
        ),
        Metric(
            "set_macro_f1",
            "Macro-F1",
            "share",
            "The mean of F1 over the labels the reference gave. "
            "Each of them weighs the same however rare it is, so trouble with rare labels shows here.",
            macro_f1,
            "sets",
            lambda sums: sums.macro,
        ),
        Metric(
            "masi_alpha",
            "Krippendorff's alpha (MASI)",
            "coefficient",
            "Agreement beyond chance, where sets are the nearer the more they share and the less one adds to the other "
            "(MASI as Passonneau gave it in 2006). "
            "It knows how often each set is given, which Jaccard does not.",
            masi_alpha,
            "sets",
        ),
    )
}

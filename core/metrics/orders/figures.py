"""The metrics of rankings by name, each with its interval and, where it has none, the reason in words."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from core.metrics.arrays import FloatArray, ratio
from core.metrics.contingency import NO_ITEMS
from core.metrics.intervals import share
from core.metrics.metric import Metric, few_for_coefficient
from core.metrics.orders.table import OrderTable, concordance
from core.metrics.rows import Rows
from core.metrics.sets.figures import SetSums
from core.metrics.sets.table import SetTable
from core.metrics.sums import Sums
from core.model import Estimate

NO_ORDER = "on no item did both put the same candidates in an order, so there is none to agree with"


class OrderSums:
    """All sums over items of one table: each is computed when the first metric asks for it."""

    def __init__(self, table: OrderTable) -> None:
        self.table = table
        self.rows = Rows.of(table.n)
        self._pair = np.repeat(np.arange(len(table.items)), table.items)

    @property
    def n(self) -> int:
        """Items both annotated."""
        return self.table.n

    @property
    def labels(self) -> tuple[str, ...]:
        return self.table.labels

    @property
    def agreements(self) -> int:
        """Items on which both gave the same ranking."""
        return self.table.agreements

    @cached_property
    def first(self) -> SetSums:
        """Who stands first, as sets: label by label a ranking is right where both put the same candidate there."""
        return SetSums(SetTable(self.labels, *self.table.first, self.table.items))

    def of_label(self, label: int) -> Sums:
        """F1 of one candidate at the first place."""
        return self.first.of_label(label)

    @cached_property
    def tau(self) -> Sums:
        return self._mean(self.table.tau, apart=-1.0)

    @cached_property
    def concordance(self) -> Sums:
        return self._mean(self.table.concordance, apart=0.0)

    @cached_property
    def same_first(self) -> Sums:
        return self._mean(self.table.same_first.astype(np.float64), apart=0.0)

    @cached_property
    def pairs(self) -> Sums:
        """Of two candidates that both put in an order: how many in the same one, of how many."""
        same, turned = (one.astype(np.float64) for one in self.table.concordant)
        ordered = same + turned
        usual = float(ordered @ self.table.items) / max(1, self.n)
        return self._ratio(same, ordered, np.array([usual, usual]), np.array([0.0, usual]))

    def _mean(self, of_pairs: FloatArray, apart: float) -> Sums:
        """The mean over the items on which a figure of their pair of rankings is defined; `apart` is its lower end."""
        is_there = ~np.isnan(of_pairs)
        return self._ratio(
            np.nan_to_num(of_pairs), is_there.astype(np.float64), np.array([1.0, 1.0]), np.array([apart, 1.0])
        )

    def _ratio(self, top: FloatArray, bottom: FloatArray, agreed: FloatArray, apart: FloatArray) -> Sums:
        items = np.arange(self.n)
        own = np.stack([self.rows.add_up(items, one[self._pair]) for one in (top, bottom)], axis=1)
        return Sums(self.rows, own, agreed, apart, _quotient)


def _quotient(sums: FloatArray) -> FloatArray:
    return ratio(sums[..., 0], sums[..., 1], sums[..., 1] > 0)


def _over_ordered(sums: OrderSums, of: Sums) -> Estimate:
    """Of a mean over those items on which it is defined."""
    if sums.n == 0:
        return Estimate(None, 0, undefined=NO_ITEMS)
    n = int(of.total[1])
    return of.estimate(n, NO_ORDER, few_for_coefficient(n))


def tau_b(sums: OrderSums) -> Estimate:
    """Tau-b averaged over the items on which it is defined, `n` of them. Undefined without any."""
    return _over_ordered(sums, sums.tau)


def kendall_w(sums: OrderSums) -> Estimate:
    """W of the two averaged over the items on which it is defined. Undefined without any."""
    return _over_ordered(sums, sums.concordance)


def same_first(sums: OrderSums) -> Estimate:
    """Items on which both put the same candidates first / items, with a Wilson interval."""
    return share(int(sums.table.items[sums.table.same_first].sum()), sums.n, NO_ITEMS)


def pairs_in_order(sums: OrderSums) -> Estimate:
    """Twos of candidates that both put in the same order / twos that both order, of all items together."""
    if sums.n == 0:
        return Estimate(None, 0, undefined=NO_ITEMS)
    return sums.pairs.estimate(sums.n, NO_ORDER, few_for_coefficient(sums.n))


def mean_concordance(rankings: Sequence[FloatArray], items: Sequence[int]) -> Estimate:
    """Kendall's W of several annotators, averaged over items: each of `rankings` (m, k) stands for so many `items`.

    Undefined where nobody shares an item, and where all tie all.
    """
    found = [(w, n) for one, n in zip(rankings, items, strict=True) if (w := concordance(one)) is not None and n]
    if not found:
        return Estimate(None, 0, undefined=NO_ORDER if sum(items) else NO_ITEMS)
    values = np.repeat([w for w, _ in found], [n for _, n in found])
    rows = Rows.of(len(values))
    own = np.stack([rows.add_up(np.arange(len(values)), one) for one in (values, np.ones(len(values)))], axis=1)
    mean = Sums(rows, own, np.array([1.0, 1.0]), np.array([0.0, 1.0]), _quotient)
    return mean.estimate(len(values), NO_ORDER, few_for_coefficient(len(values)))


ORDER_METRICS: dict[str, Metric[OrderSums]] = {
    metric.key: metric
    for metric in (
        Metric(
            "tau_b",
            "Kendall's tau-b",
            "coefficient",
            "Pairs of candidates in the same order less those reversed, in proportion to those that are not tied, "
            "averaged over the items: 1 is the same order, 0 no relation, -1 the opposite. "
            "Items on which one of the two ties all candidates have none, and are left out.",
            tau_b,
            "orders",
            lambda sums: sums.tau,
        ),
        Metric(
            "same_first",
            "Same first place",
            "share",
            "The share of items on which both put the same candidates first. "
            "What stands behind the first place makes no difference.",
            same_first,
            "orders",
            lambda sums: sums.same_first,
        ),
        Metric(
            "pairs_in_order",
            "Pairs in order",
            "share",
            "Of all pairs of candidates that both put in an order, the share in the same one. "
            "Ties are left out; a half is what guessing gives.",
            pairs_in_order,
            "orders",
            lambda sums: sums.pairs,
        ),
        Metric(
            "kendall_w",
            "Kendall's W",
            "coefficient",
            "How far the ranks of both add up to one order, corrected for ties, averaged over the items. "
            "It runs from 0 to 1, and of two annotators is a half where their orders have no relation.",
            kendall_w,
            "orders",
            lambda sums: sums.concordance,
        ),
    )
}

"""Any number of annotators, from counts: how many of them gave each item each label.

`counts` has one row per item (or per pattern, with `weights` the number of items showing it) and one column per label.
Everything reduces to sums over items, so equal rows are merged first and intervals draw how many items have a pattern.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.metrics.arrays import FloatArray, IntArray, ratio, whole_counts
from core.metrics.metric import few_for_coefficient
from core.metrics.posterior import UNSEEN, Cells, credible_estimate, draw
from core.model import Estimate

Counts = IntArray | Sequence[Sequence[int]]
Weights = IntArray | Sequence[int]

NO_PAIRS = "no item was annotated by two"
ONE_LABEL = "all annotators used one label only, so chance agreement is 1"
_ALL = 1e6
UNEVEN = "the items do not all have the same number of annotations"


@dataclass(frozen=True, eq=False)
class _Patterns:
    """Different rows of at least one annotation, `counts` P x K, with the number of items showing each, `weights` P."""

    counts: IntArray
    weights: IntArray

    @property
    def n(self) -> int:
        return int(self.weights.sum())

    @property
    def annotations(self) -> IntArray:
        """Annotations per item of each pattern, shape (P,)."""
        return np.asarray(self.counts.sum(axis=1), dtype=np.int64)

    def pairable(self) -> "_Patterns":
        kept = self.annotations > 1
        return _Patterns(self.counts[kept], self.weights[kept])


def alpha_from_counts(counts: Counts, weights: Weights | None = None) -> Estimate:
    """Krippendorff's nominal alpha (Krippendorff 2011); items with fewer than two annotations are ignored.

    1 - (N - 1)(N - sum o_cc) / (N^2 - sum n_c^2), where an item with m annotations, n_c of them c, adds
    n_c (n_c - 1) / (m - 1) to o_cc. Gaps are fine. `n` counts pairable items; the interval is drawn from the posterior.
    Undefined without pairable items, and when all annotations are the same label.
    Raises ValueError for counts or weights that are negative, fractional or of the wrong shape.
    """

    def alpha(items: FloatArray, patterns: _Patterns) -> FloatArray:
        matched = _matched_pairs(patterns) / np.maximum(1, patterns.annotations - 1)
        values = items @ patterns.annotations
        squares = _label_squares(items, patterns)
        expected = values * values - squares
        return 1.0 - ratio((values - 1.0) * (values - items @ matched), expected, expected > 0)

    return _estimate(_patterns(counts, weights).pairable(), alpha)


def percent_pairwise_agreement(counts: Counts, weights: Weights | None = None) -> Estimate:
    """Of all pairs of annotations of the same item, the share that is the same label; no correction for chance.

    Pairs are pooled over items, so an item with more annotations weighs more; with equally many on each item this is
    the mean over items. Items with fewer than two annotations are ignored, and without others it is undefined.
    """

    def agreement(items: FloatArray, patterns: _Patterns) -> FloatArray:
        pairs = items @ (patterns.annotations * (patterns.annotations - 1))
        return ratio(items @ _matched_pairs(patterns), pairs, pairs > 0)

    return replace(_estimate(_patterns(counts, weights).pairable(), agreement), rough="")


def against_rest(counts: Counts, own: Sequence[int], weights: Weights | None = None) -> Estimate:
    """How often one annotator's label is another's: of all pairs of theirs and another's label of an item, the share
    that is the same. `own` is their label (column) on each row, whose counts hold theirs too.

    Rows with nobody else's are ignored, and without others it is undefined. `n` counts the items.
    """
    rows, items = whole_counts(counts), whole_counts(np.ones(len(own)) if weights is None else weights)
    others = rows.sum(axis=1) - 1 if rows.size else np.zeros(0, dtype=np.int64)
    kept = (others > 0) & (items > 0)
    if not kept.any():
        return Estimate(None, 0, undefined=NO_PAIRS)
    same, others, items = rows[kept, np.asarray(own)[kept]] - 1, others[kept], items[kept]
    value = float((items @ same) / (items @ others))
    most = int(others[np.argmax(items)])
    same, others = np.r_[same, most, 0], np.r_[others, most, most]
    cells = Cells(np.empty((0, len(same)), dtype=np.int64), np.r_[items.astype(np.float64), [UNSEEN / 2] * 2])
    draws = draw(cells, lambda drawn: (drawn @ same) / (drawn @ others))
    return credible_estimate(value, int(items.sum()), draws)


def fleiss_kappa(counts: Counts, weights: Weights | None = None) -> Estimate:
    """Fleiss 1971 (Psychological Bulletin 76:378): pairwise agreement beyond chance from the pooled label shares.

    Defined only when every annotated item has the same number of annotations, at least two, and more than one label
    occurs; items without any annotation are ignored. The interval is drawn from the posterior.
    """

    def chance(items: FloatArray, patterns: _Patterns) -> FloatArray:
        values = items @ patterns.annotations
        return ratio(_label_squares(items, patterns), values * values, values > 0)

    return _even_kappa(counts, weights, chance)


def randolph_kappa(counts: Counts, weights: Weights | None = None) -> Estimate:
    """Randolph 2005, free-marginal kappa: as Fleiss, with chance 1 / K for K labels (columns), used or not.

    Defined as `fleiss_kappa` is, except that one label in use is fine as long as there are two to choose from.
    """

    def chance(items: FloatArray, patterns: _Patterns) -> FloatArray:
        return np.full(items.shape[:-1], 1.0 / patterns.counts.shape[1])

    return _even_kappa(counts, weights, chance)


def _even_kappa(
    counts: Counts, weights: Weights | None, chance: Callable[[FloatArray, _Patterns], FloatArray]
) -> Estimate:
    patterns = _patterns(counts, weights)
    sizes = np.unique(patterns.annotations)
    if len(sizes) > 1:
        return Estimate(None, patterns.n, undefined=UNEVEN)

    def kappa(items: FloatArray, patterns: _Patterns) -> FloatArray:
        observed = (items @ _matched_pairs(patterns)) / (items @ (patterns.annotations * (patterns.annotations - 1)))
        expected = chance(items, patterns)
        return ratio(observed - expected, 1.0 - expected, expected < 1.0)

    return _estimate(patterns.pairable(), kappa)


def _patterns(counts: Counts, weights: Weights | None) -> _Patterns:
    rows = whole_counts(counts)
    if rows.size == 0:
        rows = rows.reshape(0, rows.shape[1] if rows.ndim == 2 else 0)
    if rows.ndim != 2:
        raise ValueError("Counts must have one row per item and one column per label.")
    items = np.ones(len(rows), dtype=np.int64) if weights is None else whole_counts(weights)
    if items.shape != (len(rows),):
        raise ValueError(f"{len(rows)} rows need {len(rows)} weights.")
    kept = (rows.sum(axis=1) > 0) & (items > 0)
    different, which = np.unique(rows[kept], axis=0, return_inverse=True)
    totals = np.zeros(len(different), dtype=np.int64)
    np.add.at(totals, which.reshape(-1), items[kept])
    return _Patterns(different, totals)


def _matched_pairs(patterns: _Patterns) -> IntArray:
    """Ordered pairs of equal annotations in an item of each pattern, shape (P,)."""
    return np.asarray((patterns.counts * (patterns.counts - 1)).sum(axis=1), dtype=np.int64)


def _label_squares(items: FloatArray, patterns: _Patterns) -> FloatArray:
    """Sum over labels of the squared number of annotations, for `items` of each pattern: shape (..., P) to (...)."""
    totals = items @ patterns.counts.astype(np.float64)
    return np.asarray((totals * totals).sum(axis=-1))


def _estimate(patterns: _Patterns, kernel: Callable[[FloatArray, _Patterns], FloatArray]) -> Estimate:
    if patterns.n == 0:
        return Estimate(None, 0, undefined=NO_PAIRS)
    value = float(kernel(patterns.weights.astype(np.float64), patterns))
    if np.isnan(value):
        return Estimate(None, patterns.n, undefined=ONE_LABEL)
    whole, weights = _with_unseen(patterns)
    # As many items as there might ever be: what corrects for how few were counted has no part in the interval.
    draws = draw(Cells(np.empty((0, len(weights)), dtype=np.int64), weights), lambda items: kernel(_ALL * items, whole))
    return credible_estimate(value, patterns.n, draws, few_for_coefficient(patterns.n))


def _with_unseen(patterns: _Patterns) -> tuple[_Patterns, FloatArray]:
    """The patterns with those of the prior behind them (see `posterior`), and the items of each, not all whole.

    For each label in use one pattern in which all give it, and one in which one of them gives the next label instead;
    as many annotations as most items have.
    """
    counts, used = patterns.counts, np.flatnonzero(patterns.counts.sum(axis=0))
    each = int(patterns.annotations[np.argmax(patterns.weights)])
    alike = np.zeros((len(used), counts.shape[1]), dtype=np.int64)
    alike[np.arange(len(used)), used] = each
    apart = alike.copy()
    apart[np.arange(len(used)), used] -= 1
    apart[np.arange(len(used)), np.roll(used, -1)] += 1
    prior = np.full(2 * len(used), UNSEEN / (2 * len(used)))
    whole = np.concatenate([counts, alike, apart])
    items = np.concatenate([patterns.weights.astype(np.float64), prior])
    return _Patterns(whole, np.zeros(len(whole), dtype=np.int64)), items

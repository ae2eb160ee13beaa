"""Macro-F1: the mean of F1 over the labels of the reference, and the interval it needs.

No single interval holds everywhere. Rare labels bias the bootstrap twice, so it is turned round the value; near 0 and
1 it knows no errors it has not seen, where the Wilson intervals of the labels, put together, still do. The interval is
the wider of the two on either side: never far from 95 % where labels have ten items, a rough guide where they have not.
"""

from math import sqrt

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray, ratio
from core.metrics.bootstrap import RESAMPLES, SEED, resample
from core.metrics.contingency import NO_ITEMS, Contingency, Margins, margin_sums
from core.metrics.intervals import wilson_interval
from core.metrics.metric import Metric
from core.metrics.posterior import with_unseen
from core.model import Estimate

ONE_ONLY = "the reference gave one label only"
FEW = 10
"""With fewer items of the reference than this, a label's F1 hangs on so few answers that no interval holds well."""


def f1_kernel(margins: Margins) -> FloatArray:
    """F1 of every label, shape (..., K): 2 hits / (reference + candidate); NaN where neither annotator chose it."""
    chosen = margins.reference + margins.candidate
    return ratio(2.0 * margins.hits.astype(np.float64), chosen.astype(np.float64), chosen > 0)


def macro_f1_kernel(margins: Margins) -> FloatArray:
    """The plain mean of F1 over the labels the reference uses; NaN when it uses none.

    That is scikit-learn's f1_score(average="macro", labels=...) with the labels that occur in the reference. The set
    depends on the reference alone, so that candidates are averaged over the same labels: a candidate that answers the
    fallback, which the reference never does, loses recall on what it missed and is not charged a label of its own.
    """
    occurs = margins.reference > 0
    total = np.sum(np.where(occurs, np.nan_to_num(f1_kernel(margins)), 0.0), axis=-1)
    number = occurs.sum(axis=-1)
    return ratio(total, number.astype(np.float64), number > 0)


def f1_from_iou(iou: float) -> float:
    """F1 = 2 IoU / (1 + IoU), which rises with it: an interval of one is an interval of the other."""
    return 2 * iou / (1 + iou)


def macro_f1(table: Contingency) -> Estimate:
    """Macro-F1 with its interval (see this module). Undefined on no items. See `macro_f1_kernel` for the convention.

    The interval never reaches above what a candidate can get that never says the labels it did not say here.
    `rough` where a label of the reference has fewer than ten items, and where it gave but one.
    """
    if table.n == 0:
        return Estimate(None, 0, undefined=NO_ITEMS)
    occurs = np.asarray(table.margins.reference > 0)
    value = float(macro_f1_kernel(table.margins))
    ends = (from_labels(table, occurs), turned_bootstrap(table, occurs, value))
    within = float((table.margins.candidate[occurs] > 0).mean())
    return Estimate(
        value,
        table.n,
        max(0.0, min(low for low, _ in ends)),
        min(within, max(high for _, high in ends)),
        f"the wider of MOVER over the labels and the reflected bootstrap, {RESAMPLES:,} resamples, seed {SEED}",
        rough=few_items(table.margins.reference[occurs]) or (ONE_ONLY if occurs.sum() == 1 else ""),
    )


def few_items(support: IntArray | FloatArray, alone: str = "its one label") -> str:
    """Why a mean over labels with this many items each is a rough guide, or "" where all have ten.

    `alone` is what a single one is called.
    """
    few = int((support < FEW).sum())
    if not few:
        return ""
    which = (
        f"{alone} has" if len(support) == 1 else f"{few} of its {len(support)} labels {'has' if few == 1 else 'have'}"
    )
    return f"{which} fewer than {FEW} items"


def from_labels(table: Contingency, occurs: BoolArray) -> tuple[float, float]:
    """The interval put together from the Wilson intervals of the labels (mapped from IoU to F1).

    MOVER, Zou & Donner 2008 (Statistics in Medicine 27:1693): each side is the root of d' R d, d the distances of the
    labels' limits from their F1, R the correlations of the F1s.
    """
    margins, k = table.margins, int(occurs.sum())
    either = margins.reference + margins.candidate - margins.hits
    f1 = f1_kernel(margins)[occurs]
    limits = [wilson_interval(int(h), int(n)) for h, n in zip(margins.hits[occurs], either[occurs], strict=True)]
    low, high = (np.array([f1_from_iou(side[i]) for side in limits]) for i in (0, 1))
    correlation = f1_correlation(table)[np.ix_(occurs, occurs)]
    below, above = (f1 - low) / k, (high - f1) / k
    value = float(f1.mean())
    return value - sqrt(below @ correlation @ below), value + sqrt(above @ correlation @ above)


def f1_correlation(table: Contingency) -> FloatArray:
    """How the labels' F1s move together, K x K, by the delta method on the table with the prior's items added.

    An item taken for another label lowers the F1 of both, so none are negative. 0 for a label nobody used.
    """
    k = len(table.labels)
    cells = with_unseen(*table.cells)
    tables = np.zeros((k, k))
    np.add.at(tables, (cells.index[0], cells.index[1]), cells.weights)
    hits, chosen = np.diagonal(tables), tables.sum(axis=0) + tables.sum(axis=1)
    f1 = ratio(2 * hits, chosen, chosen > 0)
    pull = np.nan_to_num(ratio(f1, chosen, chosen > 0))
    shared = (tables + tables.T) * np.outer(pull, pull)
    np.fill_diagonal(shared, 0.0)
    missed = chosen - 2 * hits
    variance = ratio(hits * (2 - 2 * f1) ** 2 + missed * f1**2, chosen * chosen, chosen > 0)
    scale = np.outer(np.sqrt(variance), np.sqrt(variance))
    correlation = np.nan_to_num(ratio(shared, scale, scale > 0))
    np.fill_diagonal(correlation, 1.0)
    return correlation


def turned_bootstrap(table: Contingency, occurs: BoolArray, value: float) -> tuple[float, float]:
    """The interval of the bootstrap turned round the value, drawn from the table with the prior's items added.

    Efron & Tibshirani 1993, section 13.7 on the sign of a bias; a label that a resample has no item of counts there
    as it does in the value.
    """
    cells = with_unseen(*table.cells)
    sums = margin_sums(cells.index, len(table.labels))
    draws = resample(cells.weights, lambda tables: sums(tables.astype(np.float64)), table.n)
    centre = float(f1_kernel(Margins(*sums(cells.weights[np.newaxis])[0]))[occurs].mean())
    drawn = Margins(*np.moveaxis(draws, 1, 0))
    f1 = np.where(drawn.reference > 0, f1_kernel(drawn), f1_kernel(table.margins))[:, occurs].mean(axis=1)
    low, high = np.quantile(f1, (0.025, 0.975))
    return value + centre - float(high), value + centre - float(low)


MACRO_F1 = Metric(
    "macro_f1",
    "Macro-F1",
    "share",
    "The mean of F1 (which balances finding a label's items against naming too many) over the labels the reference "
    "gave, the same for every candidate. Each of them weighs the same however rare it is, so trouble with rare labels "
    "shows here and hides in accuracy.",
    macro_f1,
)

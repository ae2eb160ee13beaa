"""Label by label: precision, recall, F1, IoU, their macro mean, and which labels are taken for which."""

from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import FloatArray, ratio
from core.metrics.bootstrap import percentile_estimate
from core.metrics.contingency import NO_ITEMS, Contingency, Margins
from core.metrics.intervals import share
from core.metrics.metric import Metric, bootstrapped
from core.model import Estimate

NEITHER_CHOSE = "neither annotator chose this label"
REFERENCE_NEVER = "the reference never chose this label"
CANDIDATE_NEVER = "the candidate never chose this label"


@dataclass(frozen=True)
class LabelScore:
    """How the candidate did on one label. Each Estimate's `n` is its own denominator.

    precision = both / candidate chose it, recall = both / reference chose it, IoU = both / either chose it,
    f1 = 2 both / (reference + candidate). `support` counts the reference's items, `predicted` the candidate's.
    """

    label: str
    support: int
    predicted: int
    precision: Estimate
    recall: Estimate
    f1: Estimate
    iou: Estimate


@dataclass(frozen=True)
class Confusion:
    """`count` items the reference calls `reference` and the candidate calls `candidate`."""

    reference: str
    candidate: str
    count: int


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


def macro_f1(table: Contingency) -> Estimate:
    """Macro-F1 with a percentile bootstrap interval. Undefined on no items. See `macro_f1_kernel` for the convention.

    A label of the reference that a resample drew no item of is left out of that draw. Counted as 0 it would pull the
    interval down, with rare labels below the value itself; kept at its observed F1 it would make it too narrow.
    """
    return bootstrapped(table, macro_f1_kernel, NO_ITEMS)


def per_label(table: Contingency) -> tuple[LabelScore, ...]:
    """Every label's scores, in the table's order; labels nobody chose are listed as undefined.

    Precision, recall and IoU carry Wilson intervals, F1 the percentile bootstrap.
    """
    f1 = _f1_estimates(table)
    hits, support, predicted = table.margins.hits, table.margins.reference, table.margins.candidate
    return tuple(
        _label_score(label, int(hits[k]), int(support[k]), int(predicted[k]), f1[k])
        for k, label in enumerate(table.labels)
    )


def _label_score(label: str, hits: int, support: int, predicted: int, f1: Estimate) -> LabelScore:
    return LabelScore(
        label=label,
        support=support,
        predicted=predicted,
        precision=share(hits, predicted, CANDIDATE_NEVER),
        recall=share(hits, support, REFERENCE_NEVER),
        f1=f1,
        iou=share(hits, support + predicted - hits, NEITHER_CHOSE),
    )


def _f1_estimates(table: Contingency) -> list[Estimate]:
    missing = Estimate(None, 0, undefined=NEITHER_CHOSE)
    if table.n == 0:
        return [missing] * len(table.labels)
    values, draws = f1_kernel(table.margins), f1_kernel(table.resampled)
    either = table.margins.reference + table.margins.candidate - table.margins.hits
    return [
        missing if np.isnan(value) else percentile_estimate(float(value), int(n), draws[:, k])
        for k, (value, n) in enumerate(zip(values, either, strict=True))
    ]


def confusions(table: Contingency, top: int = 5) -> tuple[Confusion, ...]:
    """The `top` most frequent disagreements, most frequent first, ties in the table's order; fewer if fewer exist."""
    rows, columns = np.nonzero(table.counts)
    apart = rows != columns
    rows, columns = rows[apart], columns[apart]
    counts = table.counts[rows, columns]
    order = np.argsort(-counts, kind="stable")[: max(0, top)]
    return tuple(Confusion(table.labels[rows[i]], table.labels[columns[i]], int(counts[i])) for i in order)


MACRO_F1 = Metric(
    "macro_f1",
    "Macro-F1",
    "share",
    "The mean of F1 (which balances finding a label's items against naming too many) over the labels the reference "
    "gave, the same for every candidate. Each of them weighs the same however rare it is, so trouble with rare labels "
    "shows here and hides in accuracy.",
    macro_f1,
)

"""Label by label: precision, recall, F1, IoU, and which labels are taken for which."""

from dataclasses import dataclass

import numpy as np

from core.metrics.contingency import Contingency
from core.metrics.intervals import share
from core.metrics.macro import f1_from_iou
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


def per_label(table: Contingency) -> tuple[LabelScore, ...]:
    """Every label's scores, in the table's order; labels nobody chose are listed as undefined.

    Precision, recall and IoU carry Wilson intervals, F1 that of IoU, of which it is a function.
    """
    hits, support, predicted = table.margins.hits, table.margins.reference, table.margins.candidate
    return tuple(
        label_score(label, int(hits[k]), int(support[k]), int(predicted[k])) for k, label in enumerate(table.labels)
    )


def label_score(label: str, hits: int, support: int, predicted: int) -> LabelScore:
    """One label's scores, of how often both gave it, the reference, the candidate."""
    iou = share(hits, support + predicted - hits, NEITHER_CHOSE)
    return LabelScore(
        label=label,
        support=support,
        predicted=predicted,
        precision=share(hits, predicted, CANDIDATE_NEVER),
        recall=share(hits, support, REFERENCE_NEVER),
        f1=_f1(iou),
        iou=iou,
    )


def _f1(iou: Estimate) -> Estimate:
    """F1 from IoU: it rises with it, so their intervals are one."""
    if iou.value is None or iou.low is None or iou.high is None:
        return iou
    low, high = f1_from_iou(iou.low), f1_from_iou(iou.high)
    return Estimate(f1_from_iou(iou.value), iou.n, low, high, "Wilson, mapped from IoU by 2x / (1 + x)")


def confusions(table: Contingency, top: int = 5) -> tuple[Confusion, ...]:
    """The `top` most frequent disagreements, most frequent first, ties in the table's order; fewer if fewer exist."""
    rows, columns = np.nonzero(table.counts)
    apart = rows != columns
    rows, columns = rows[apart], columns[apart]
    counts = table.counts[rows, columns]
    order = np.argsort(-counts, kind="stable")[: max(0, top)]
    return tuple(Confusion(table.labels[rows[i]], table.labels[columns[i]], int(counts[i])) for i in order)

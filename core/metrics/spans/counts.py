"""Spans counted: what precision, recall and F1 of every scheme, and the IoU of matched spans, are made of."""

from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, ratio
from core.metrics.rows import Rows
from core.metrics.spans.outcomes import Outcomes

SCHEMES = ("strict", "exact", "partial", "type")
"""In this order in `SpanCounts.correct`. See `Outcomes` for what they ask."""


@dataclass(frozen=True, eq=False)
class SpanCounts:
    """Sums of spans, of shape (...) each and (..., 4) by scheme.

    `reference` and `candidate`: spans of each. `correct` by scheme, where a partial match counts 1/2; `met` by scheme:
    the candidate's spans that were matched with one of the reference's, rightly or not. `iou`: the sum over spans of
    one label matched one to one, `matched` how many pairs those are.
    """

    reference: FloatArray
    candidate: FloatArray
    correct: FloatArray
    met: FloatArray
    iou: FloatArray
    matched: FloatArray

    @classmethod
    def of(cls, outcomes: Outcomes, rows: Rows) -> "SpanCounts":
        """The sums in each row."""
        equal = rows.add_up(outcomes.candidate.item[outcomes.equal.candidate])
        pairs, item = outcomes.others, outcomes.item

        def pairs_where(kept: BoolArray) -> FloatArray:
            return equal + rows.add_up(item[kept])

        met, by_label, same = outcomes.met, outcomes.met_by_label, outcomes.same_label
        exact, touched, named = (pairs_where(mask) for mask in (met & pairs.same_extent, met, by_label))
        return cls(
            rows.add_up(outcomes.reference.item),
            rows.add_up(outcomes.candidate.item),
            np.stack([equal, exact, (exact + touched) / 2, pairs_where(by_label & pairs.same_label)], axis=-1),
            np.stack([touched, touched, touched, named], axis=-1),
            equal + rows.add_up(item[same], outcomes.ious[same]),
            pairs_where(same),
        )

    @property
    def columns(self) -> FloatArray:
        """All sums side by side, (..., 12): see `from_columns`."""
        ends = [sums[..., np.newaxis] for sums in (self.reference, self.candidate, self.iou, self.matched)]
        return np.concatenate([*ends, self.correct, self.met], axis=-1)

    @classmethod
    def from_columns(cls, columns: FloatArray) -> "SpanCounts":
        reference, candidate, iou, matched = (columns[..., i] for i in range(4))
        return cls(reference, candidate, columns[..., 4:8], columns[..., 8:12], iou, matched)

    def total(self) -> "SpanCounts":
        """Over all rows."""
        return SpanCounts.from_columns(self.columns.sum(axis=0))

    def unseen(self, n: int) -> tuple[FloatArray, FloatArray]:
        """Columns of the unseen item that agrees and of the one that does not, with as many spans as one of the `n` has
        on average."""
        spans = float((self.reference + self.candidate).sum()) / (2 * max(1, n))
        return np.full(12, spans), np.array([spans, spans] + [0.0] * 10)

    def drawn(self, rows: Rows) -> "SpanCounts":
        """Sums of other samples of items, (draws,)."""
        return SpanCounts.from_columns(rows.draw(self.columns, *self.unseen(len(rows.row))))


def precision(counts: SpanCounts, scheme: str) -> FloatArray:
    """Correct / the candidate's spans; NaN where it has none."""
    return ratio(_correct(counts, scheme), counts.candidate, counts.candidate > 0)


def recall(counts: SpanCounts, scheme: str) -> FloatArray:
    """Correct / the reference's spans; NaN where it has none."""
    return ratio(_correct(counts, scheme), counts.reference, counts.reference > 0)


def f1(counts: SpanCounts, scheme: str) -> FloatArray:
    """2 correct / all spans of both, the harmonic mean of precision and recall; NaN where nobody marked anything."""
    spans = counts.reference + counts.candidate
    return ratio(2 * _correct(counts, scheme), spans, spans > 0)


def mean_iou(counts: SpanCounts) -> FloatArray:
    """The mean IoU over matched pairs, missed and spurious spans, which count 0; NaN where nobody marked anything."""
    spans = counts.reference + counts.candidate
    return ratio(counts.iou, spans - counts.matched, spans > 0)


def _correct(counts: SpanCounts, scheme: str) -> FloatArray:
    return np.asarray(counts.correct[..., SCHEMES.index(scheme)])

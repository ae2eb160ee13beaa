"""The span metrics by name, each with its interval and, where it has none, the reason in words."""

from collections.abc import Callable, Iterable
from functools import cached_property, partial

import numpy as np

from core.metrics.arrays import FloatArray, ratio
from core.metrics.chance import ONE_LABEL
from core.metrics.contingency import NO_ITEMS
from core.metrics.labels import LabelScore, label_score
from core.metrics.metric import FEW_ITEMS, Metric, few_for_coefficient
from core.metrics.posterior import credible_estimate
from core.metrics.rows import Rows
from core.metrics.spans.counts import SCHEMES, SpanCounts, f1, mean_iou, precision, recall
from core.metrics.spans.marks import SpanTable
from core.metrics.spans.outcomes import Outcomes
from core.metrics.spans.unitised import UnitSums
from core.metrics.spans.word_labels import WordSums
from core.metrics.sums import Sums
from core.model import Estimate

NO_SPANS = "neither annotator marked anything"
NONE_MARKED = "the candidate marked nothing"
NONE_TO_FIND = "the reference marked nothing"
NOTHING_ELSE = "neither annotator marked anything, or all text is marked, so nothing else can be expected"


class SpanSums:
    """All sums over items of one table, and their draws: each is computed when the first metric asks for it."""

    def __init__(self, table: SpanTable) -> None:
        self.table = table
        self.rows = Rows.of(table.n)

    @property
    def n(self) -> int:
        """Items both annotated."""
        return self.table.n

    @property
    def labels(self) -> tuple[str, ...]:
        return self.table.labels

    @cached_property
    def agreements(self) -> int:
        """Items on which both marked exactly the same, nothing included."""
        table, equal = self.table, self.outcomes.equal.candidate
        number = [np.bincount(item, minlength=self.n) for item in (table.reference.item, table.candidate.item)]
        same = np.bincount(table.candidate.item[equal], minlength=self.n)
        return int(((number[0] == same) & (number[1] == same)).sum())

    @cached_property
    def outcomes(self) -> Outcomes:
        return Outcomes.of(self.table.reference, self.table.candidate)

    @cached_property
    def counts(self) -> SpanCounts:
        return SpanCounts.of(self.outcomes, self.rows)

    @cached_property
    def drawn_counts(self) -> SpanCounts:
        return self.counts.drawn(self.rows)

    def of_counts(self, kernel: Callable[[SpanCounts], FloatArray]) -> Sums:
        """A figure of the counts, as a function of their sums."""
        own, agreed, apart = self.counts.columns, *self.counts.unseen(self.n)
        return Sums(self.rows, own, agreed, apart, lambda columns: kernel(SpanCounts.from_columns(columns)))

    @cached_property
    def by_label(self) -> FloatArray:
        """How often each label stands at a place where both have it, the reference, the candidate: (rows, 3, K)."""
        table, k = self.table, len(self.table.labels)
        equal = self.outcomes.equal.candidate
        both = (table.candidate.item[equal], table.candidate.label[equal])
        sides = (both, (table.reference.item, table.reference.label), (table.candidate.item, table.candidate.label))
        return np.stack([self.rows.add_up_by(item, label, k) for item, label in sides], axis=1)

    def of_label(self, label: int) -> Sums:
        """Strict F1 of one label."""
        own = self.by_label[:, :, label]
        usual = float(own[:, 1:].sum()) / (2 * max(1, self.n))
        agreed, apart = np.full(3, usual), np.array([0.0, usual, usual])
        return Sums(self.rows, own, agreed, apart, _f1_of_label)

    @cached_property
    def words(self) -> WordSums:
        return WordSums.of(self.table, self.rows, self.outcomes.equal)

    @cached_property
    def units(self) -> UnitSums:
        return UnitSums.of(self.outcomes, self.table.lengths, self.rows)


def _share(sums: SpanSums, kernel: Callable[[SpanCounts], FloatArray], undefined: str) -> Estimate:
    if sums.n == 0:
        return Estimate(None, 0, undefined=NO_ITEMS)
    value = float(kernel(sums.counts.total()))
    if np.isnan(value):
        return Estimate(None, sums.n, undefined=undefined)
    return credible_estimate(value, sums.n, kernel(sums.drawn_counts), few_with_spans(sums))


def few_with_spans(sums: SpanSums) -> str:
    """Why figures of so few items with spans are a rough guide; "" where they are enough."""
    few = sums.table.items_with_spans
    return f"fewer than {FEW_ITEMS} items have a span" if few < FEW_ITEMS else ""


def _coefficient(sums: SpanSums, of: Callable[[SpanSums], WordSums | UnitSums], undefined: str) -> Estimate:
    if sums.n == 0:
        return Estimate(None, 0, undefined=NO_ITEMS)
    own = of(sums)
    value = own.value()
    if np.isnan(value):
        return Estimate(None, sums.n, undefined=undefined)
    return credible_estimate(value, sums.n, own.drawn(sums.rows), few_for_coefficient(sums.n))


def label_scores(sums: SpanSums) -> tuple[LabelScore, ...]:
    """Every label's scores of spans, which count as found where extent and label are the same."""
    hits, own, other = sums.by_label.sum(axis=0).astype(np.int64).tolist()
    return tuple(label_score(label, hits[k], own[k], other[k]) for k, label in enumerate(sums.table.labels))


def _f1_of_label(sums: FloatArray) -> FloatArray:
    spans = sums[..., 1] + sums[..., 2]
    return ratio(2 * sums[..., 0], spans, spans > 0)


_ASKS = {
    "strict": "A span counts as found where the candidate has one of the same extent and label.",
    "exact": "A span counts as found where the candidate has one of the same extent, whatever its label.",
    "partial": "A span counts as found where the candidate has one of the same extent, and half where it has one that "
    "overlaps, whatever the labels.",
    "type": "A span counts as found where one of the candidate's with the same label overlaps it.",
}
_NEIGHBOURS = {
    "strict": "It is the score of shared tasks; the others forgive the label or the edges.",
    "exact": "What it is above strict F1 is lost to labels alone.",
    "partial": "What it is above exact F1 is lost to edges that differ.",
    "type": "What it is above strict F1 is lost to edges alone.",
}


def _of_counts(
    key: str, title: str, about: str, kernel: Callable[[SpanCounts], FloatArray], undefined: str
) -> Metric[SpanSums]:
    share = partial(_share, kernel=kernel, undefined=undefined)
    return Metric(key, title, "share", about, share, "spans", lambda sums: sums.of_counts(kernel))


def _of_scheme(scheme: str) -> Iterable[Metric[SpanSums]]:
    named = scheme.capitalize()
    asks = _ASKS[scheme]
    parts = (
        ("f1", "F1", f1, NO_SPANS, f"{asks} {_NEIGHBOURS[scheme]}"),
        ("precision", "precision", precision, NONE_MARKED, f"{asks} Of the candidate's spans, the share so found."),
        ("recall", "recall", recall, NONE_TO_FIND, f"{asks} Of the reference's spans, the share so found."),
    )
    for key, title, kernel, undefined, about in parts:
        yield _of_counts(f"{scheme}_{key}", f"{named} {title}", about, partial(kernel, scheme=scheme), undefined)


SPAN_METRICS: dict[str, Metric[SpanSums]] = {
    metric.key: metric
    for metric in (
        *(metric for scheme in SCHEMES for metric in _of_scheme(scheme)),
        _of_counts(
            "span_iou",
            "Span IoU",
            "Spans of one label are matched one to one; each pair scores the characters both cover divided by those "
            "either covers, and a span without a partner scores 0. "
            "It sees how far edges are apart, where F1 sees only whether.",
            mean_iou,
            NO_SPANS,
        ),
        Metric(
            "word_kappa",
            "Kappa by word",
            "coefficient",
            "Cohen's kappa over the words of all texts, with what no span covers as one more label. "
            "Long spans weigh more than short ones, and a span cut in two loses nothing.",
            partial(_coefficient, of=lambda sums: sums.words, undefined=ONE_LABEL),
            "spans",
        ),
        Metric(
            "unitised_alpha",
            "Krippendorff's unitised alpha",
            "coefficient",
            "Agreement on where spans begin and end, beyond what spans of these lengths at any place would reach. "
            "It grows milder the nearer the edges are, and unlike kappa it knows where one span ends and another "
            "begins.",
            partial(_coefficient, of=lambda sums: sums.units, undefined=NOTHING_ELSE),
            "spans",
        ),
    )
}

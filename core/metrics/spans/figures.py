"""The span metrics by name, each with its interval and, where it has none, the reason in words."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from core.metrics.arrays import FloatArray
from core.metrics.chance import ONE_LABEL
from core.metrics.contingency import NO_ITEMS
from core.metrics.metric import FEW_ITEMS, Unit, few_for_coefficient
from core.metrics.posterior import credible_estimate
from core.metrics.rows import Rows
from core.metrics.spans.counts import SCHEMES, SpanCounts, f1, mean_iou, precision, recall
from core.metrics.spans.marks import SpanTable
from core.metrics.spans.outcomes import Outcomes
from core.metrics.spans.unitised import UnitSums
from core.metrics.spans.word_labels import WordSums
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

    @cached_property
    def outcomes(self) -> Outcomes:
        return Outcomes.of(self.table.reference, self.table.candidate)

    @cached_property
    def counts(self) -> SpanCounts:
        return SpanCounts.of(self.outcomes, self.rows)

    @cached_property
    def drawn_counts(self) -> SpanCounts:
        return self.counts.drawn(self.rows)

    @cached_property
    def words(self) -> WordSums:
        return WordSums.of(self.table, self.rows)

    @cached_property
    def units(self) -> UnitSums:
        return UnitSums.of(self.outcomes, self.table.lengths, self.rows)


@dataclass(frozen=True)
class SpanMetric:
    """One way to score how far two annotators mark the same spans. Fields as in `Metric`.

    `estimate` never raises on a valid table.
    """

    key: str
    title: str
    unit: Unit
    about: str
    estimate: Callable[[SpanSums], Estimate]


def estimate_spans(sums: SpanSums, keys: Iterable[str] | None = None) -> dict[str, Estimate]:
    """The metrics named by `keys` (all by default), by key, in the order given.

    All see the same draws. `n` is the number of items both annotated. Raises KeyError for an unknown key.
    """
    chosen = SPAN_METRICS if keys is None else keys
    return {key: SPAN_METRICS[key].estimate(sums) for key in chosen}


def _share(sums: SpanSums, kernel: Callable[[SpanCounts], FloatArray], undefined: str) -> Estimate:
    if sums.table.n == 0:
        return Estimate(None, 0, undefined=NO_ITEMS)
    value = float(kernel(sums.counts.total()))
    if np.isnan(value):
        return Estimate(None, sums.table.n, undefined=undefined)
    few = sums.table.items_with_spans
    rough = f"fewer than {FEW_ITEMS} items have a span" if few < FEW_ITEMS else ""
    return credible_estimate(value, sums.table.n, kernel(sums.drawn_counts), rough)


def _coefficient(sums: SpanSums, of: Callable[[SpanSums], WordSums | UnitSums], undefined: str) -> Estimate:
    if sums.table.n == 0:
        return Estimate(None, 0, undefined=NO_ITEMS)
    own = of(sums)
    value = own.value()
    if np.isnan(value):
        return Estimate(None, sums.table.n, undefined=undefined)
    return credible_estimate(value, sums.table.n, own.drawn(sums.rows), few_for_coefficient(sums.table.n))


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


def _of_scheme(scheme: str) -> Iterable[SpanMetric]:
    named = scheme.capitalize()
    asks = _ASKS[scheme]
    parts = (
        ("f1", "F1", f1, NO_SPANS, f"{asks} {_NEIGHBOURS[scheme]}"),
        ("precision", "precision", precision, NONE_MARKED, f"{asks} Of the candidate's spans, the share so found."),
        ("recall", "recall", recall, NONE_TO_FIND, f"{asks} Of the reference's spans, the share so found."),
    )
    for key, title, kernel, undefined, about in parts:
        own = partial(kernel, scheme=scheme)
        yield SpanMetric(
            f"{scheme}_{key}", f"{named} {title}", "share", about, partial(_share, kernel=own, undefined=undefined)
        )


SPAN_METRICS: dict[str, SpanMetric] = {
    metric.key: metric
    for metric in (
        *(metric for scheme in SCHEMES for metric in _of_scheme(scheme)),
        SpanMetric(
            "span_iou",
            "Span IoU",
            "share",
            "Spans of one label are matched one to one; each pair scores the characters both cover divided by those "
            "either covers, and a span without a partner scores 0. "
            "It sees how far edges are apart, where F1 sees only whether.",
            partial(_share, kernel=mean_iou, undefined=NO_SPANS),
        ),
        SpanMetric(
            "word_kappa",
            "Kappa by word",
            "coefficient",
            "Cohen's kappa over the words of all texts, with what no span covers as one more label. "
            "Long spans weigh more than short ones, and a span cut in two loses nothing.",
            partial(_coefficient, of=lambda sums: sums.words, undefined=ONE_LABEL),
        ),
        SpanMetric(
            "unitised_alpha",
            "Krippendorff's unitised alpha",
            "coefficient",
            "Agreement on where spans begin and end, beyond what spans of these lengths at any place would reach. "
            "It grows milder the nearer the edges are, and unlike kappa it knows where one span ends and another "
            "begins.",
            partial(_coefficient, of=lambda sums: sums.units, undefined=NOTHING_ELSE),
        ),
    )
}

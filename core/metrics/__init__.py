"""Agreement between annotators, each score with its interval and, where it has none, the reason in words.

Two annotators: build what the metrics need (one of NEEDS), then `estimate_all`, `per_label`, `confusions`. Two
candidates against one reference: `compare`, or `compare_sums` where what they say is open. Any number of annotators:
`alpha_from_counts` and its neighbours.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from core.metrics.by_label import LabelDifference
from core.metrics.chance import ALPHA, KAPPA, PI, verbal
from core.metrics.compare import Comparison, Outcomes, compare
from core.metrics.compare_sums import compare_sums
from core.metrics.contingency import Contingency, Margins
from core.metrics.labels import Confusion, LabelScore, confusions, per_label
from core.metrics.macro import MACRO_F1
from core.metrics.mcnemar import McNemar, items_to_tell, mcnemar
from core.metrics.metric import Metric, Need
from core.metrics.observed import ACCURACY, JACCARD, TUTORIAL_IOU
from core.metrics.orders.figures import ORDER_METRICS, OrderSums
from core.metrics.scale import SCALE_METRICS, Scale
from core.metrics.sets.figures import SET_METRICS, SetSums
from core.metrics.several import (
    against_rest,
    alpha_from_counts,
    fleiss_kappa,
    percent_pairwise_agreement,
    randolph_kappa,
)
from core.metrics.spans.figures import SPAN_METRICS, SpanSums
from core.metrics.texts.figures import TEXT_METRICS, TextSums
from core.model import Estimate

Source = Contingency | Scale | SetSums | SpanSums | OrderSums | TextSums
"""What two annotators said of the same items, in the form that metrics are estimated from."""

NEEDS: Mapping[type, Need] = {
    Contingency: "table",
    Scale: "scale",
    SetSums: "sets",
    SpanSums: "spans",
    OrderSums: "orders",
    TextSums: "texts",
}

METRICS: dict[str, Metric[Any]] = {
    metric.key: metric for metric in (ACCURACY, JACCARD, TUTORIAL_IOU, KAPPA, ALPHA, MACRO_F1, PI)
}
METRICS |= {**SCALE_METRICS, **SET_METRICS, **SPAN_METRICS, **ORDER_METRICS, **TEXT_METRICS}


def estimate_all(source: Source, keys: Iterable[str] | None = None) -> dict[str, Estimate]:
    """The metrics named by `keys` (all that can be estimated from it by default), by key, in the order given.

    What is drawn is drawn once and kept with the source, so every metric sees the same. A scale has a table, for
    metrics that need that. Raises KeyError for a key that is not in METRICS.
    """
    if keys is None:
        keys = [key for key, metric in METRICS.items() if metric.needs == NEEDS[type(source)]]
    return {key: METRICS[key].estimate(_needed(source, METRICS[key].needs)) for key in keys}


def _needed(source: Source, need: Need) -> Source:
    return source.table if need == "table" and isinstance(source, Scale) else source


__all__ = [
    "METRICS",
    "NEEDS",
    "Comparison",
    "Confusion",
    "Contingency",
    "LabelDifference",
    "LabelScore",
    "Margins",
    "McNemar",
    "Metric",
    "OrderSums",
    "Outcomes",
    "Scale",
    "SetSums",
    "Source",
    "SpanSums",
    "TextSums",
    "against_rest",
    "alpha_from_counts",
    "compare",
    "compare_sums",
    "confusions",
    "estimate_all",
    "fleiss_kappa",
    "items_to_tell",
    "mcnemar",
    "per_label",
    "percent_pairwise_agreement",
    "randolph_kappa",
    "verbal",
]

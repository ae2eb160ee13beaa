"""Agreement between annotators, each score with its interval and, where it has none, the reason in words.

Two annotators: build a `Contingency`, then `estimate_all`, `per_label`, `confusions`. Two candidates against one
reference: `compare`. Any number of annotators: `alpha_from_counts` and its neighbours.
"""

from collections.abc import Iterable

from core.metrics.by_label import LabelDifference
from core.metrics.chance import ALPHA, KAPPA, PI, verbal
from core.metrics.compare import Comparison, compare
from core.metrics.contingency import Contingency, Margins
from core.metrics.labels import Confusion, LabelScore, confusions, per_label
from core.metrics.macro import MACRO_F1
from core.metrics.mcnemar import McNemar, items_to_tell, mcnemar
from core.metrics.metric import Metric
from core.metrics.observed import ACCURACY, JACCARD, TUTORIAL_IOU
from core.metrics.several import (
    against_rest,
    alpha_from_counts,
    fleiss_kappa,
    percent_pairwise_agreement,
    randolph_kappa,
)
from core.model import Estimate

METRICS: dict[str, Metric] = {
    metric.key: metric for metric in (ACCURACY, JACCARD, TUTORIAL_IOU, KAPPA, ALPHA, MACRO_F1, PI)
}


def estimate_all(table: Contingency, keys: Iterable[str] | None = None) -> dict[str, Estimate]:
    """The metrics named by `keys` (all by default), by key, in the order given.

    The bootstrap is drawn once and kept with the table, so every metric sees the same resamples. Raises KeyError for
    a key that is not in METRICS.
    """
    return {key: METRICS[key].estimate(table) for key in (METRICS if keys is None else keys)}


__all__ = [
    "METRICS",
    "Comparison",
    "Confusion",
    "Contingency",
    "LabelDifference",
    "LabelScore",
    "Margins",
    "McNemar",
    "Metric",
    "against_rest",
    "alpha_from_counts",
    "compare",
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

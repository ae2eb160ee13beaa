"""Two candidates against one reference where what they say is open: sets of labels, spans, rankings, texts."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from core.metrics.by_label import LabelDifference
from core.metrics.compare import NO_SHARED_ITEMS, Comparison, Outcomes, compare_outcomes
from core.metrics.holm import adjusted
from core.metrics.labels import REFERENCE_NEVER
from core.metrics.macro import few_items
from core.metrics.metric import Metric, few_for_coefficient
from core.metrics.orders.figures import OrderSums
from core.metrics.sets.figures import SetSums
from core.metrics.spans.figures import SpanSums
from core.metrics.sums import Paired, Sums, paired
from core.metrics.texts.figures import TextSums
from core.model import Estimate

Open = TypeVar("Open", SetSums, SpanSums, OrderSums, TextSums)


def compare_sums(outcomes: Outcomes, a: Open, b: Open, metrics: Mapping[str, Metric[Any]], look: int = 1) -> Comparison:
    """`a` and `b` are of the same items in one order, with the same reference; `metrics`, the headline first, are those
    whose differences are told. Right is what says exactly the same as the reference."""
    compared = compare_outcomes(outcomes, look)
    found = {key: _difference(metric, a, b) for key, metric in metrics.items() if metric.sums is not None}
    return replace(
        compared,
        differences={key: one.difference for key, one in found.items()},
        headline_p=next((one.p for one in found.values()), None),
        by_label=_label_differences(a, b, compared.level),
    )


def _difference(metric: Metric[Any], a: Open, b: Open) -> Paired:
    if not a.n:
        return Paired(Estimate(None, 0, undefined=NO_SHARED_ITEMS))
    assert metric.sums is not None
    undefined = f"{metric.title} is undefined for one of them"
    one, other = metric.sums(a), metric.sums(b)
    return paired(one, other, one.n, undefined, few_for_coefficient(one.n))


def _label_differences(a: Open, b: Open, level: float) -> tuple[LabelDifference, ...]:
    if isinstance(a, TextSums) or isinstance(b, TextSums):
        return ()
    labels, found = a.table.labels, {}
    for k in range(len(labels)):
        one, other = a.of_label(k), b.of_label(k)
        if support := _support(one):
            rough = few_items(one.total[1:2], "it")
            found[k] = paired(one, other, support, REFERENCE_NEVER, rough)
    p_values = adjusted({k: one.p for k, one in found.items() if one.p is not None})
    never = Paired(Estimate(None, 0, undefined=REFERENCE_NEVER))
    return tuple(
        LabelDifference(label, found.get(k, never).difference, p_values.get(k), p_values.get(k, 1.0) < level)
        for k, label in enumerate(labels)
    )


def _support(of_label: Sums) -> int:
    return round(float(of_label.total[1]))

"""Two candidates beside one reference, counted: in the form that the metrics of the question's kind need."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from core.metrics import (
    METRICS,
    Comparison,
    Contingency,
    LabelScore,
    Metric,
    OrderSums,
    Outcomes,
    SetSums,
    SpanSums,
    compare,
    compare_sums,
    estimate_all,
    per_label,
)
from core.metrics.orders import OrderTable
from core.metrics.sets.figures import label_scores as of_sets
from core.metrics.sets.table import SetTable
from core.metrics.spans.figures import label_scores as of_spans
from core.model import Estimate, Split
from core.services.agreement.triples import Three, on_split, triples_of
from core.services.common.sources import Vocabulary
from core.services.common.tables import source_of
from core.services.common.taught import left_out
from core.services.common.values import counting_as, of_one_name
from core.storage.aligned import Triple
from core.storage.engine import Connection
from core.storage.kept import until_news

_REMEMBERED = 64
_TOLD = 3
"""So many figures of an open kind are told beside how often the same is said."""
SAME = "Exactly the same"

Named = tuple[tuple[str, str, str, int], ...]


@dataclass(frozen=True)
class OneSide:
    """Of one candidate: `n` items, on `right` of which it says exactly what the reference says."""

    n: int
    right: int
    labels: tuple[LabelScore, ...]
    figures: Mapping[str, Estimate]


@dataclass(frozen=True)
class Compared:
    """`right` is what the share of items with exactly the same value is called."""

    comparison: Comparison
    a: OneSide
    b: OneSide
    right: str


def compared(
    conn: Connection,
    project_id: int,
    three: Three,
    split: Split | None,
    look: int,
    beside: frozenset[int] = frozenset(),
) -> Compared:
    """Over the items that all three have labelled and none was taught, without those in `beside`."""
    but = left_out(conn, three, split) | beside
    triples = on_split(split, triples_of(conn, project_id, three, but))
    words = Vocabulary(conn, project_id)
    if words.need in ("table", "scale"):
        place = words.places()
        named = tuple((*(words.labels[place(said)[0]] for said in triple[:3]), triple[3]) for triple in triples)
        used = {name for pair in named for name in pair[:3]} | {label.name for label in words.present}
        labels = tuple(label for label in words.labels if label in used)
        title = METRICS["accuracy"].title if words.need == "table" else SAME
        return _closed(named, labels, look, title)
    outcomes = _outcomes(triples, counting_as(conn, project_id, of_one_name(conn, project_id)))
    told = {key: METRICS[key] for key in words.kind.metrics if METRICS[key].sums is not None}
    told = dict(list(told.items())[:_TOLD])

    def ask() -> Compared:
        if words.need == "sets":
            return _of_sets(words, triples, outcomes, told, look)
        if words.need == "orders":
            return _of_orders(words, triples, outcomes, told, look)
        return _of_read(conn, project_id, three, split, but, outcomes, told, look)

    return until_news(conn, ("compared", *three, split, but, look, words.key), ask, dealt_in=project_id)


@lru_cache(_REMEMBERED)
def _closed(named: Named, labels: tuple[str, ...], look: int, title: str) -> Compared:
    sides = []
    for at in (1, 2):
        table = Contingency.from_pairs([(one[0], one[at], one[3]) for one in named], labels)  # type: ignore[misc]
        figures = estimate_all(table, ("kappa", "macro_f1"))
        sides.append(OneSide(table.n, table.agreements, per_label(table), figures))
    return Compared(compare(named, labels, look), sides[0], sides[1], title)


def _outcomes(triples: Sequence[Triple], same: Mapping[int, int]) -> Outcomes:
    """Whether each says exactly the same, by the values' ids."""
    found = dict.fromkeys(((a, b) for a in (True, False) for b in (True, False)), 0)
    for *three, n in triples:
        reference, a, b = (same.get(one, one) for one in three)
        found[a == reference, b == reference] += n
    return Outcomes(found[False, True], found[True, False], found[False, False], found[True, True])


def _of_sets(
    words: Vocabulary, triples: Sequence[Triple], outcomes: Outcomes, told: Mapping[str, Metric[SetSums]], look: int
) -> Compared:
    place = words.places()
    a, b = (
        SetSums(SetTable.from_pairs([(place(one[0]), place(one[at]), one[3]) for one in triples], words.labels))
        for at in (1, 2)
    )
    return _sides(outcomes, a, b, told, look, of_sets)


def _of_orders(
    words: Vocabulary, triples: Sequence[Triple], outcomes: Outcomes, told: Mapping[str, Metric[OrderSums]], look: int
) -> Compared:
    ranked = words.rankings()
    a, b = (
        OrderSums(OrderTable.from_pairs([(ranked(one[0]), ranked(one[at]), one[3]) for one in triples], words.labels))
        for at in (1, 2)
    )
    return _sides(outcomes, a, b, told, look, lambda sums: of_sets(sums.first))


def _of_read(
    conn: Connection,
    project_id: int,
    three: Three,
    split: Split | None,
    but: frozenset[int],
    outcomes: Outcomes,
    told: Mapping[str, Metric[Any]],
    look: int,
) -> Compared:
    """Of what is read item by item: spans, and texts, which have no labels."""
    reference, *two = three
    a, b = (source_of(conn, project_id, reference, own, split, (other,), but) for own, other in (two, two[::-1]))
    return _sides(outcomes, a, b, told, look, lambda sums: of_spans(sums) if isinstance(sums, SpanSums) else ())


def _sides(
    outcomes: Outcomes,
    a: Any,
    b: Any,
    told: Mapping[str, Metric[Any]],
    look: int,
    by_label: Callable[[Any], tuple[Any, ...]],
) -> Compared:
    """Both candidates by the figures that are told, from the sums of one kind."""
    one, other = (
        OneSide(sums.n, sums.agreements, by_label(sums), {key: metric.estimate(sums) for key, metric in told.items()})
        for sums in (a, b)
    )
    return Compared(compare_sums(outcomes, a, b, told, look), one, other, SAME)

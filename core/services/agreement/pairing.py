"""How one candidate stands against the reference: the figures of its kind of question, and what the charts show."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from core.metrics import (
    Contingency,
    LabelScore,
    OrderSums,
    Scale,
    SetSums,
    Source,
    SpanSums,
    TextSums,
    estimate_all,
    per_label,
)
from core.metrics.arrays import FloatArray
from core.metrics.orders import OrderError
from core.metrics.sets.figures import label_scores as of_sets
from core.metrics.sets.table import SetTable
from core.metrics.spans import SpanError, error_cells
from core.metrics.spans.figures import label_scores as of_spans
from core.metrics.strengths import wins_in
from core.model import Estimate

_REMEMBERED = 32
NO_TABLE = Contingency((), np.zeros((0, 0), dtype=np.int64))


@dataclass(frozen=True)
class ErrorCell:
    """Errors of one sort with the labels of both sides, by name; None on the side that marked nothing there. Of two
    candidates in a ranking: the one that the reference puts higher, or would if it did not tie them, and the other."""

    error: SpanError | OrderError
    reference: str | None
    candidate: str | None
    count: int


@dataclass(frozen=True, eq=False)
class Pairing:
    """`n` items both have labelled, on `agreements` of which they say exactly the same. What else there is depends on
    the kind of question: `table` of labels that stand alone, with their `scores` where they are levels; `sets`; or the
    `errors` of spans or rankings, the most frequent first."""

    n: int
    agreements: int
    figures: Mapping[str, Estimate]
    table: Contingency = NO_TABLE
    scores: tuple[float | None, ...] = ()
    sets: SetTable | None = None
    errors: tuple[ErrorCell, ...] | None = None
    of_labels: tuple[LabelScore, ...] = ()
    ranked: tuple[str, ...] = ()
    wins: tuple[FloatArray, FloatArray] | None = None
    """Of rankings: how often the reference puts each of the `ranked` before each other, and this annotator (K x K each,
    `strengths.wins_in`)."""

    def labels(self) -> tuple[LabelScore, ...]:
        """Precision, recall, F1 and IoU of every label."""
        return self.of_labels or _per_label(self.table)


def pairing(source: Source, metrics: tuple[str, ...]) -> Pairing:
    """Texts and marks are let go of: what is shown of them is counted here."""
    figures = _figures(source, metrics)
    stands = Pairing(source.n, source.agreements, figures)
    if isinstance(source, SetSums):
        return replace(stands, sets=source.table, of_labels=of_sets(source))
    if isinstance(source, SpanSums):
        return replace(stands, errors=_errors(source), of_labels=of_spans(source))
    if isinstance(source, OrderSums):
        wins = [wins_in(ranks, source.table.items) for ranks in (source.table.reference, source.table.candidate)]
        return replace(
            stands,
            errors=_order_errors(source),
            of_labels=of_sets(source.first),
            ranked=source.labels,
            wins=(wins[0], wins[1]),
        )
    if isinstance(source, TextSums):
        return stands
    if isinstance(source, Scale):
        return replace(stands, table=source.table, scores=source.scores)
    return replace(stands, table=source)


@lru_cache(_REMEMBERED)
def _figures_of_table(source: Contingency | Scale, metrics: tuple[str, ...]) -> Mapping[str, Estimate]:
    return estimate_all(source, metrics)


def _figures(source: Source, metrics: tuple[str, ...]) -> Mapping[str, Estimate]:
    is_small = isinstance(source, Contingency | Scale)
    return _figures_of_table(source, metrics) if is_small else estimate_all(source, metrics)


@lru_cache(_REMEMBERED)
def _per_label(table: Contingency) -> tuple[LabelScore, ...]:
    return per_label(table)


def _errors(source: SpanSums) -> tuple[ErrorCell, ...]:
    names = source.labels
    return tuple(
        ErrorCell(
            cell.error,
            None if cell.reference is None else names[cell.reference],
            None if cell.candidate is None else names[cell.candidate],
            number,
        )
        for cell, number in error_cells(source.outcomes).items()
    )


def _order_errors(source: OrderSums) -> tuple[ErrorCell, ...]:
    names, items = source.labels, source.table.items
    twos = list(zip(*(side.tolist() for side in source.table.twos), strict=True))
    found = []
    for error in OrderError:
        for differs, step in zip(source.table.differing(error), (1, -1), strict=True):
            for two, number in zip(twos, (items @ differs).tolist(), strict=True):
                higher, lower = two[::step]
                found.append(ErrorCell(error, names[higher], names[lower], number))
    return tuple(sorted((one for one in found if one.count), key=lambda one: -one.count))

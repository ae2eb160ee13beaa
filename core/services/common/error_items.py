"""The items behind an error cell: what the candidate missed, put in, called otherwise, marked elsewhere, or put in
another order."""

import numpy as np

from core.metrics.orders import OrderError, OrderTable
from core.metrics.spans import SpanError
from core.metrics.spans.errors import span_errors
from core.model import Split
from core.services.common.lookup import annotator_of
from core.services.common.sources import Vocabulary, of_spans
from core.services.common.taught import left_out
from core.storage import counts
from core.storage.engine import Connection
from core.storage.kept import until_news
from core.storage.queue_filter import ErrorCell
from core.text import known

_ERRORS: dict[str, SpanError | OrderError] = {str(one): one for one in (*SpanError, *OrderError)}
Each = list[tuple[int, str, str, str]]


def items_in(conn: Connection, cell: ErrorCell, split: Split | None) -> tuple[int, ...]:
    """Those with an error of this sort, ascending; without a label on a side, whatever stands there."""
    error, reference, candidate, *_ = cell
    known(error, _ERRORS, "sort of error")
    project_id = annotator_of(conn, reference).project_id
    words, but = Vocabulary(conn, project_id), left_out(conn, (reference, candidate), split)

    def ask() -> tuple[int, ...]:
        each = list(counts.each_said(conn, reference, candidate, split, but))
        of_kind = {"spans": _of_spans, "orders": _of_orders}.get(words.need, _of_labels)
        return of_kind(words, each, cell)

    return until_news(conn, ("error cell", cell, split, but, words.key), ask, dealt_in=project_id)


def _of_spans(words: Vocabulary, each: Each, cell: ErrorCell) -> tuple[int, ...]:
    error, _, _, own, other = cell
    outcomes = of_spans(words, (said for _, *said in each)).outcomes  # type: ignore[misc]
    errors = next((one for one in span_errors(outcomes) if one.error is _ERRORS[error]), None)
    if errors is None:
        return ()
    kept = [True] * len(errors.item)
    for label, marks, at in (
        (own, outcomes.reference, errors.reference),
        (other, outcomes.candidate, errors.candidate),
    ):
        if label is not None:
            wanted = words.place[label]
            kept = [keep and place >= 0 and marks.label[place] == wanted for keep, place in zip(kept, at, strict=True)]
    places = {int(item) for item, keep in zip(errors.item, kept, strict=True) if keep}
    return tuple(each[place][0] for place in sorted(places))


def _of_labels(words: Vocabulary, each: Each, cell: ErrorCell) -> tuple[int, ...]:
    """Missed: the reference alone gave the label; spurious: the candidate alone; wrong label: both, one instead of the
    other. Sets have no edges, so nothing is longer, shorter or shifted."""
    error, _, _, own, other = cell
    found = []
    for item, _, reference, candidate in each:
        missed, added = (set(words.parts(text)) for text in (reference, candidate))
        missed, added = missed - added, added - missed
        is_missed = bool(missed) if own is None else words.place[own] in missed
        is_added = bool(added) if other is None else words.place[other] in added
        holds: dict[SpanError | OrderError, bool] = {
            SpanError.MISSED: is_missed,
            SpanError.SPURIOUS: is_added,
            SpanError.WRONG_LABEL: is_missed and is_added,
        }
        if holds.get(_ERRORS[error], False):
            found.append(item)
    return tuple(found)


def _of_orders(words: Vocabulary, each: Each, cell: ErrorCell) -> tuple[int, ...]:
    """Where any two candidates stand so; with labels, these two, the one the reference puts higher first."""
    error, _, _, own, other = cell
    sort = _ERRORS[error]
    if not isinstance(sort, OrderError):
        return ()
    table = OrderTable.from_pairs([(words.groups(r), words.groups(c), 1) for _, _, r, c in each], words.labels)
    holds = np.zeros(len(each), dtype=np.bool_)
    for differs, twos in zip(table.differing(sort), (table.twos, table.twos[::-1]), strict=True):
        wanted = np.ones(len(twos[0]), dtype=np.bool_)
        for label, side in zip((own, other), twos, strict=True):
            if label is not None:
                wanted &= side == words.place[label]
        holds |= differs[:, wanted].any(axis=1)
    return tuple(each[place][0] for place in np.flatnonzero(holds))

"""What annotators say beside one another: how much of it there is, and what every figure of it is estimated from."""

from collections.abc import Sequence

from core.metrics import METRICS, Source, estimate_all
from core.metrics.metric import Metric
from core.model import Estimate, Split
from core.services.common.asked import not_asked
from core.services.common.lookup import run_of
from core.services.common.sources import Vocabulary, counts_pairs, of_each, of_pairs
from core.services.common.taught import left_out, taught_to_any
from core.storage import aligned, counts, run_figures, values
from core.storage.engine import Connection
from core.storage.kept import until_news
from core.tasks import TASKS


def headline(conn: Connection, project_id: int) -> Metric[Source]:
    """The one figure by which answers to the project's question are told first."""
    return METRICS[TASKS[values.question_of(conn, project_id).kind].metrics[0]]


def headline_of(conn: Connection, project_id: int, source: Source) -> Estimate:
    """That figure of what two said."""
    key = headline(conn, project_id).key
    return estimate_all(source, [key])[key]


def is_counted(conn: Connection, project_id: int) -> bool:
    """Whether figures of two annotators come from `pair_counts`; else what they said is read item by item."""
    return counts_pairs(TASKS[values.question_of(conn, project_id).kind])


def splits_of(conn: Connection, project_id: int, annotator_id: int) -> frozenset[Split]:
    """The splits in which the annotator has labelled anything."""
    question = ("splits", annotator_id)
    return until_news(conn, question, lambda: counts.splits_of(conn, annotator_id), dealt_in=project_id)


def source_of(
    conn: Connection,
    project_id: int,
    reference: int,
    candidate: int,
    split: Split | None,
    among: Sequence[int] = (),
    but: frozenset[int] | None = None,
) -> Source:
    """What figures of the two are estimated from, over the items both have labelled and neither was taught.

    Only items that each of `among` has labelled count, and none of `but`, where it is given.
    """
    but = left_out(conn, (reference, candidate), split) if but is None else but
    words = Vocabulary(conn, project_id)
    if not words.is_counted:
        rows = counts.each_said(conn, reference, candidate, split, but, among)
        return of_each(words, (said for _, *said in rows))  # type: ignore[misc]
    found = pair_counts(conn, project_id, reference, candidate, split, but, tuple(among))
    return of_pairs(words, [(r, c, n) for r, c, n in found if c is not None])


def lacking(
    conn: Connection, project_id: int, reference: int, candidate: int, split: Split | None, but: frozenset[int]
) -> tuple[int, int]:
    """`(items the reference has labelled, those of them the candidate has not)`, without those in `but`."""
    if is_counted(conn, project_id):
        found = pair_counts(conn, project_id, reference, candidate, split, but)
        return sum(n for *_, n in found), sum(n for _, given, n in found if given is None)
    whole, both = until_news(
        conn,
        ("in common", reference, candidate, split, but),
        lambda: aligned.in_common(conn, reference, candidate, split, but),
        dealt_in=project_id,
    )
    return whole, whole - both


def pair_counts(
    conn: Connection,
    project_id: int,
    reference: int,
    candidate: int,
    split: Split | None,
    but: frozenset[int],
    among: tuple[int, ...] = (),
) -> list[tuple[int, int | None, int]]:
    """How many items show which two values, kept until there is news: the one query that all figures of two come from.

    The candidate's value is None where it has not labelled what the reference has.
    """
    return until_news(
        conn,
        ("pairs", reference, candidate, split, but, among),
        lambda: aligned.pair_counts(conn, reference, candidate, split, but, among),
        dealt_in=project_id,
    )


def taught_among(conn: Connection, project_id: int, reference: int, candidate: int, split: Split | None) -> int:
    """How many of the items both have labelled are in no score of them, since one of them was taught them."""
    if not taught_to_any(conn, (reference, candidate), split):
        return 0
    every, kept = (
        whole - missing
        for gone in (not_asked(conn, (reference, candidate)), left_out(conn, (reference, candidate), split))
        for whole, missing in (lacking(conn, project_id, reference, candidate, split, gone),)
    )
    return every - kept


def source_of_runs(conn: Connection, project_id: int, run_ids: Sequence[int], reference: int | None) -> Source:
    """As `source_of`, of what these runs of one split said, test items left out; empty without a reference.

    A label that was merged away since counts as the one it was merged into, as it does for the reference.
    """
    words, but = Vocabulary(conn, project_id), taught_to(conn, run_ids)
    if reference is not None and (kept := not_asked(conn, (reference,))):
        but |= kept
    if not words.is_counted:
        each = () if reference is None else run_figures.each_said(conn, run_ids, reference, but)
        return of_each(words, each, merged=True)
    found = [] if reference is None else run_figures.pairs(conn, run_ids, reference, but)
    return of_pairs(words, found, merged=True)


def taught_to(conn: Connection, run_ids: Sequence[int]) -> frozenset[int]:
    its_runs = [run_of(conn, one) for one in run_ids]
    split = its_runs[0].config.get("split") if its_runs else None
    return left_out(conn, {run.annotator_id for run in its_runs}, Split(split) if split else None)

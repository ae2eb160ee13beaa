"""Contingency tables with label names: what every figure is computed from."""

from collections.abc import Sequence, Set
from typing import Any

from core.metrics import METRICS, Contingency, Metric
from core.model import Split
from core.services.common.lookup import run_of
from core.services.common.taught import left_out
from core.services.common.values import merged_labels, words_of
from core.storage import counts, run_figures, tasks, values
from core.storage.engine import Connection
from core.storage.kept import until_news
from core.tasks import TASKS


def labels_in_order(conn: Connection, project_id: int, used: Set[str]) -> tuple[str, ...]:
    """The names of the task's labels in their order, then those of archived ones that annotations still use.

    An archived label may share its name with a present one: it then counts as that one.
    """
    present = [label.name for label in tasks.all_labels(conn, project_id)]
    every = [name for _, name in sorted(tasks.label_names(conn, project_id).items())]
    return tuple(dict.fromkeys([*present, *(name for name in every if name in used)]))


def headline(conn: Connection, project_id: int) -> Metric[Any]:
    """The one figure by which answers to the project's question are told first."""
    return METRICS[TASKS[values.question_of(conn, project_id).kind].metrics[0]]


def splits_of(conn: Connection, project_id: int, annotator_id: int) -> frozenset[Split]:
    """The splits in which the annotator has labelled anything."""
    question = ("splits", annotator_id)
    return until_news(conn, question, lambda: counts.splits_of(conn, annotator_id), dealt_in=project_id)


PairCounts = tuple[tuple[str, str, int], ...]


def pairs_by_name(
    conn: Connection,
    project_id: int,
    reference: int,
    candidate: int,
    split: Split | None,
    among: Sequence[int] = (),
    but: frozenset[int] | None = None,
) -> tuple[PairCounts, tuple[str, ...], int]:
    """`(reference's label, candidate's label, items)` over the items both have labelled and neither was taught; all
    labels in order; and how many of the reference's items the candidate has not labelled.

    Only items that each of `among` has labelled count, and none of `but`, where it is given.
    """
    but = left_out(conn, (reference, candidate), split) if but is None else but
    found = _pair_counts(conn, project_id, reference, candidate, split, but, tuple(among))
    pairs = [(r, c, n) for r, c, n in found if c is not None]
    missing = sum(n for _, c, n in found if c is None)
    words = words_of(conn, project_id)
    named = tuple((words[r], words[c], n) for r, c, n in pairs)
    return named, labels_in_order(conn, project_id, {said for pair in named for said in pair[:2]}), missing


def _pair_counts(
    conn: Connection,
    project_id: int,
    reference: int,
    candidate: int,
    split: Split | None,
    but: frozenset[int],
    among: tuple[int, ...] = (),
) -> list[tuple[int, int | None, int]]:
    return until_news(
        conn,
        ("pairs", reference, candidate, split, but, among),
        lambda: counts.pair_counts(conn, reference, candidate, split, but, among),
        dealt_in=project_id,
    )


def taught_among(conn: Connection, project_id: int, reference: int, candidate: int, split: Split | None) -> int:
    """How many of the items both have labelled are in no score of them, since one of them was taught them."""
    but = left_out(conn, (reference, candidate), split)
    if not but:
        return 0
    every, kept = (
        sum(n for _, given, n in _pair_counts(conn, project_id, reference, candidate, split, gone) if given is not None)
        for gone in (frozenset[int](), but)
    )
    return every - kept


def contingency(conn: Connection, project_id: int, reference: int, candidate: int, split: Split | None) -> Contingency:
    """Rows are the reference's labels, columns the candidate's, over the items both have labelled and neither was
    taught."""
    pairs, labels, _ = pairs_by_name(conn, project_id, reference, candidate, split)
    return Contingency.from_pairs(pairs, labels)


def table_of_runs(conn: Connection, project_id: int, run_ids: Sequence[int], reference: int | None) -> Contingency:
    """As `contingency`, of the labels that these runs of one split gave, test items left out; empty without a
    reference.

    A label that was merged away since counts as the one it was merged into, as it does for the reference.
    """
    found = [] if reference is None else run_figures.pairs(conn, run_ids, reference, taught_to(conn, run_ids))
    words, merged = words_of(conn, project_id), words_of(conn, project_id, merged_labels(conn, project_id))
    pairs = [(words[right], merged[given], n) for right, given, n in found]
    return Contingency.from_pairs(pairs, labels_in_order(conn, project_id, {one for pair in pairs for one in pair[:2]}))


def taught_to(conn: Connection, run_ids: Sequence[int]) -> frozenset[int]:
    its_runs = [run_of(conn, one) for one in run_ids]
    split = its_runs[0].config.get("split") if its_runs else None
    return left_out(conn, {run.annotator_id for run in its_runs}, Split(split) if split else None)

"""Contingency tables with label names: what every figure is computed from."""

from collections.abc import Sequence

from core.metrics import Contingency
from core.model import Split
from core.services.common.lookup import run_of
from core.services.common.taught import left_out
from core.storage import counts, run_figures, tasks
from core.storage.engine import Connection
from core.storage.kept import until_news


def labels_in_order(conn: Connection, project_id: int, used: set[int]) -> dict[int, str]:
    """Label name by id: the task's labels in their order, then archived ones that annotations still use."""
    ordered = {label.id: label.name for label in tasks.all_labels(conn, project_id) if label.id is not None}
    every = tasks.label_names(conn, project_id)
    # An archived label may share its name with a present one: it then counts as that one.
    return ordered | {i: every[i] for i in sorted(used) if i not in ordered}


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
    names = labels_in_order(conn, project_id, {pair[0] for pair in pairs} | {pair[1] for pair in pairs})
    return tuple((names[r], names[c], n) for r, c, n in pairs), tuple(dict.fromkeys(names.values())), missing


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
    merged = tasks.successors(conn, project_id)
    found = [(right, merged.get(given) or given, n) for right, given, n in found]
    names = labels_in_order(conn, project_id, {label for pair in found for label in pair[:2]})
    pairs = [(names[right], names[given], n) for right, given, n in found]
    return Contingency.from_pairs(pairs, tuple(dict.fromkeys(names.values())))


def taught_to(conn: Connection, run_ids: Sequence[int]) -> frozenset[int]:
    its_runs = [run_of(conn, one) for one in run_ids]
    split = its_runs[0].config.get("split") if its_runs else None
    return left_out(conn, {run.annotator_id for run in its_runs}, Split(split) if split else None)

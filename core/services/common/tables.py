"""Contingency tables with label names: what every figure is computed from."""

from collections.abc import Sequence

from core.metrics import Contingency
from core.model import Split
from core.storage import annotations, run_figures, tasks
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
    return until_news(conn, question, lambda: annotations.splits_of(conn, annotator_id), dealt_in=project_id)


PairCounts = tuple[tuple[str, str, int], ...]


def pairs_by_name(
    conn: Connection, project_id: int, reference: int, candidate: int, split: Split | None
) -> tuple[PairCounts, tuple[str, ...], int]:
    """`(reference's label, candidate's label, items)` over the items both have labelled; all labels in order; and how
    many of the reference's items the candidate has not labelled."""
    question = ("pairs", reference, candidate, split)
    found = until_news(
        conn, question, lambda: annotations.pair_counts(conn, reference, candidate, split), dealt_in=project_id
    )
    pairs = [(r, c, n) for r, c, n in found if c is not None]
    missing = sum(n for _, c, n in found if c is None)
    names = labels_in_order(conn, project_id, {pair[0] for pair in pairs} | {pair[1] for pair in pairs})
    return tuple((names[r], names[c], n) for r, c, n in pairs), tuple(dict.fromkeys(names.values())), missing


def contingency(conn: Connection, project_id: int, reference: int, candidate: int, split: Split | None) -> Contingency:
    """Rows are the reference's labels, columns the candidate's, over the items both have labelled."""
    pairs, labels, _ = pairs_by_name(conn, project_id, reference, candidate, split)
    return Contingency.from_pairs(pairs, labels)


def table_of_runs(conn: Connection, project_id: int, run_ids: Sequence[int], reference: int | None) -> Contingency:
    """As `contingency`, of the labels that these runs gave, test items left out; empty without a reference.

    A label that was merged away since counts as the one it was merged into, as it does for the reference.
    """
    found = [] if reference is None else run_figures.pairs(conn, run_ids, reference)
    merged = tasks.successors(conn, project_id)
    found = [(right, merged.get(given) or given, n) for right, given, n in found]
    names = labels_in_order(conn, project_id, {label for pair in found for label in pair[:2]})
    pairs = [(names[right], names[given], n) for right, given, n in found]
    return Contingency.from_pairs(pairs, tuple(dict.fromkeys(names.values())))

"""Contingency tables with label names: what every figure is computed from."""

from core.metrics import Contingency
from core.model import Split
from core.storage import annotations, projects
from core.storage.engine import Connection
from core.storage.kept import until_news


def labels_in_order(conn: Connection, project_id: int, used: set[int]) -> dict[int, str]:
    """Label name by id: the task's labels in their order, then archived ones that annotations still use."""
    ordered = {label.id: label.name for label in projects.all_labels(conn, project_id) if label.id is not None}
    every = projects.label_names(conn, project_id)
    # An archived label may share its name with a present one: it then counts as that one.
    return ordered | {i: every[i] for i in sorted(used) if i not in ordered}


Cells = tuple[tuple[str, str, int], ...]


def pair_cells(
    conn: Connection, project_id: int, reference: int, candidate: int, split: Split | None
) -> tuple[Cells, tuple[str, ...]]:
    """`(reference's label, candidate's label, items)` over the items both have labelled; and all labels in order."""
    question = ("pairs", reference, candidate, split)
    cells = until_news(
        conn, question, lambda: annotations.pair_counts(conn, reference, candidate, split), dealt_in=project_id
    )
    names = labels_in_order(conn, project_id, {cell[0] for cell in cells} | {cell[1] for cell in cells})
    return tuple((names[r], names[c], n) for r, c, n in cells), tuple(dict.fromkeys(names.values()))


def contingency(conn: Connection, project_id: int, reference: int, candidate: int, split: Split | None) -> Contingency:
    """Rows are the reference's labels, columns the candidate's, over the items both have labelled."""
    return Contingency.from_pairs(*pair_cells(conn, project_id, reference, candidate, split))

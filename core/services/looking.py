"""Counting looks at the test split: each one costs some of its worth."""

from collections.abc import Sequence

from core.storage import annotations, fine_tunes
from core.storage.engine import Database


def count_look(db: Database, project_id: int, page: str, annotator_ids: Sequence[int]) -> int:
    """Count one look at these annotators' scores; a redraw of the same figures is none. Returns the looks so far."""
    with db.read() as conn:
        stamp = annotations.newest_id(conn, annotator_ids)
        question = f"{page}:{','.join(map(str, annotator_ids))}@{stamp}"
        if fine_tunes.newest_look(conn, project_id) == question:
            return fine_tunes.look_count(conn, project_id)
    with db.write() as conn:
        fine_tunes.add_look(conn, project_id, question)
        return fine_tunes.look_count(conn, project_id)

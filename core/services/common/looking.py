"""Counting looks at the test split: each one costs some of its worth."""

from collections.abc import Sequence

from core.model import Split
from core.services.common.stamps import stamp
from core.storage import looks
from core.storage.engine import Database


def count_look(db: Database, project_id: int, page: str, split: Split | None, annotator_ids: Sequence[int]) -> int:
    """Count one look at these annotators' scores, who come in an order of no meaning or a fixed one.

    The same figures shown again, however much later, are none: only new labels or a new dealing make them news.
    Returns the how-manieth look it is at these annotators on this split, from 1.
    """
    beginning = f"{page}:{split or 'all'}:{','.join(map(str, annotator_ids))}@"
    with db.read() as conn:
        question = beginning + stamp(conn, project_id, annotator_ids)
        if looks.was_asked(conn, project_id, question):
            return looks.turn(conn, project_id, beginning, question)
    with db.write() as conn:
        if not looks.was_asked(conn, project_id, question):
            looks.add_look(conn, project_id, question)
        return looks.turn(conn, project_id, beginning, question)

"""Review queues: which items in which order, where else there are such items, and what a queue's length gives away."""

from dataclasses import replace

from core.model import Split
from core.services.common.looking import count_look
from core.services.common.taught import left_out
from core.storage import review
from core.storage.engine import Connection, Database
from core.storage.review import QueueFilter as QueueFilter


def queue(
    db: Database, project_id: int, where: QueueFilter, *, uncertain_first: bool = False, seed: int = 0
) -> list[int]:
    """Item ids in order; random orders repeat for the same seed. Where its length is a score on test, a look."""
    if where.split in (Split.TEST, None) and where.compares is not None:
        page, compared = where.compares
        count_look(db, project_id, page, where.split, compared)
    with db.read() as conn:
        where = as_scored(conn, where)
        # A queue about one model's confidence goes by that confidence, whoever else is shown.
        by = where if where.confidence_of is None else replace(where, shown=(where.confidence_of,))
        return review.queue(conn, project_id, by, uncertain_first=uncertain_first, seed=seed)


def count(conn: Connection, project_id: int, where: QueueFilter) -> int:
    """How many items the queue holds."""
    return review.count(conn, project_id, as_scored(conn, where))


def as_scored(conn: Connection, where: QueueFilter) -> QueueFilter:
    """The filter of items behind a figure without those that the figure leaves out; any other as it is."""
    page, compared = where.compares or ("", ())
    if page not in ("compare", "agreement"):
        return where
    return replace(where, but=left_out(conn, compared, where.split))


def elsewhere(conn: Connection, project_id: int, where: QueueFilter) -> dict[Split, int]:
    """How many items the same filter holds in each other split where it holds any; train and validation first.

    Test is left out where the number would be a look at its scores.
    """
    splits = [s for s in (Split.VALIDATION, Split.TRAIN, Split.TEST) if s is not where.split]
    if where.compares is not None and Split.TEST in splits:
        splits.remove(Split.TEST)
    found = {split: count(conn, project_id, replace(where, split=split)) for split in splits}
    return {split: number for split, number in found.items() if number}

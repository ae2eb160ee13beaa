"""Review queues: which items in which order, where else there are such items, and what a queue's length gives away."""

from dataclasses import replace

from core.model import Split
from core.services.common.looking import count_look
from core.storage import review
from core.storage.engine import Connection, Database
from core.storage.review import QueueFilter as QueueFilter


def queue(
    db: Database, project_id: int, where: QueueFilter, *, uncertain_first: bool = False, seed: int = 0
) -> list[int]:
    """Item ids in order; random orders repeat for the same seed. Where its length is a score on test, a look."""
    if where.split in (Split.TEST, None) and (compared := _compared(where)) is not None:
        count_look(db, project_id, compared[0], where.split, compared[1])
    with db.read() as conn:
        # A queue about one model's confidence goes by that confidence, whoever else is shown.
        by = where if where.confidence_of is None else replace(where, shown=(where.confidence_of,))
        return review.queue(conn, project_id, by, uncertain_first=uncertain_first, seed=seed)


def elsewhere(conn: Connection, project_id: int, where: QueueFilter) -> dict[Split, int]:
    """How many items the same filter holds in each other split where it holds any; train and validation first.

    Test is left out where the number would be a look at its scores.
    """
    splits = [s for s in (Split.VALIDATION, Split.TRAIN, Split.TEST) if s is not where.split]
    if _compared(where) is not None and Split.TEST in splits:
        splits.remove(Split.TEST)
    found = {split: review.count(conn, project_id, replace(where, split=split)) for split in splits}
    return {split: number for split, number in found.items() if number}


def in_doubt(where: QueueFilter) -> bool:
    """Whether such a queue picks its items because somebody may be wrong on them: disagreements, cells, outcomes."""
    return where.only_disagreements or where.labelled_by is not None or where.outcome is not None


def _compared(where: QueueFilter) -> tuple[str, tuple[int, ...]] | None:
    """The figures the length of such a queue gives away, as `count_look` takes them; None where it gives none away."""
    if where.outcome is not None:
        _, reference, a, b = where.outcome
        return "compare", (reference, *sorted((a, b)))
    if where.labelled_by is not None and where.also_by is not None:
        return "agreement", (where.labelled_by, where.also_by)
    if where.only_disagreements and len(where.shown) > 1:
        return "disagreements", tuple(sorted(where.shown))
    return None

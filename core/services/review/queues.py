"""Review queues: which items in which order, where else there are such items, and what a queue on test gives away."""

from dataclasses import replace

from core.model import Split
from core.services.common.asked import not_asked
from core.services.common.error_items import items_in
from core.services.common.looking import Pair, agreeing, beside, count_looks, told_by_number
from core.services.common.taught import left_out
from core.services.common.values import counting_as, of_one_name
from core.storage import review
from core.storage.conditions import Decides as Decides
from core.storage.engine import Connection, Database
from core.storage.queue_filter import Answering as Answering
from core.storage.review import QueueFilter as QueueFilter


def queue(
    db: Database, project_id: int, where: QueueFilter, *, uncertain_first: bool = False, seed: int = 0
) -> list[int]:
    """Item ids in order; random orders repeat for the same seed. Where a model's labels on test pick them, a look."""
    with db.read() as conn:
        given_away = told_by_items(conn, project_id, where)
    count_looks(db, project_id, given_away)
    with db.read() as conn:
        where = as_scored(conn, where)
        # A queue about one model's confidence goes by that confidence, whoever else is shown.
        by = where if where.confidence_of is None else replace(where, shown=(where.confidence_of,))
        same = counting_as(conn, project_id, of_one_name(conn, project_id))
        return review.queue(conn, project_id, by, same, uncertain_first=uncertain_first, seed=seed)


def count(db: Database, project_id: int, where: QueueFilter) -> int:
    """How many items a queue holds. Where the number is a figure of a model's agreement on test, a look."""
    with db.read() as conn:
        given_away = _told_by_number(conn, project_id, where)
    count_looks(db, project_id, given_away)
    with db.read() as conn:
        return _number(conn, project_id, where)


def as_scored(conn: Connection, where: QueueFilter) -> QueueFilter:
    """The filter of items behind a figure without those that the figure leaves out; any other as it is."""
    if where.outcome is not None:
        return replace(where, but=left_out(conn, where.outcome[1:], where.split))
    if where.cell is not None:
        return replace(where, item_ids=items_in(conn, where.cell, where.split))
    if where.only_disagreements and (kept := not_asked(conn, where.shown)):
        return replace(where, but=kept)
    if where.labelled_by is not None and where.also_by is not None:
        return replace(where, but=left_out(conn, (where.labelled_by, where.also_by), where.split))
    return where


def _number(conn: Connection, project_id: int, where: QueueFilter) -> int:
    same = counting_as(conn, project_id, of_one_name(conn, project_id))
    return review.count(conn, project_id, as_scored(conn, where), same)


def elsewhere(conn: Connection, project_id: int, where: QueueFilter) -> dict[Split, int]:
    """How many items the same filter holds in each other split where it holds any; train and validation first.

    Test is left out where the number would be a look at it.
    """
    splits = [s for s in (Split.VALIDATION, Split.TRAIN, Split.TEST) if s is not where.split]
    there = {split: replace(where, split=split, without_test=None) for split in splits}
    if told_by_items(conn, project_id, replace(where, split=Split.TEST)):
        there.pop(Split.TEST, None)
    found = {split: _number(conn, project_id, one) for split, one in there.items()}
    return {split: number for split, number in found.items() if number}


def told_by_items(conn: Connection, project_id: int, where: QueueFilter) -> list[Pair]:
    """Whose agreement on test is seen in which items the queue picks: those beside whom they are shown count too."""
    if not where.holds_test or not where.told_of:
        return []
    pairs = _told_by_number(conn, project_id, where)
    told = set(where.told_of)
    return pairs or [pair for pair in beside(conn, project_id, (*where.told_of, *where.shown)) if pair[1] in told]


def _told_by_number(conn: Connection, project_id: int, where: QueueFilter) -> list[Pair]:
    told = where.told_of
    if not where.holds_test or len(told) < 2:
        return []
    if where.only_disagreements and where.outcome is None:
        return told_by_number(conn, project_id, told)
    return agreeing(conn, project_id, told[0], told[1:])

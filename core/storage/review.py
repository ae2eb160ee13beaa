"""Review queues: which items, in which order; the decisions of one browser, stored once each; a reviewer's pace."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection

from core.storage import columns
from core.storage.columns import Column
from core.storage.engine import now, to_json
from core.storage.homes import HOME
from core.storage.kept_columns import said_by
from core.storage.queue_filter import QueueFilter as QueueFilter
from core.storage.queue_filter import narrow
from core.storage.seeded_order import in_seeded_order as in_seeded_order
from core.storage.seeded_order import ranks

_CERTAIN = 10**15  # a confidence of 1 as a whole number, fine enough to order by


def queue(
    conn: Connection,
    project_id: int,
    where: QueueFilter,
    same: Mapping[int, int],
    *,
    uncertain_first: bool,
    seed: int = 0,
) -> list[int]:
    """Item ids of the queue in order: least confident first, or in a seeded random order that a reload repeats. `same`
    gives values that count as another one."""
    ids = _ids(conn, project_id, where, same)
    order: list[Any] = [ranks(ids, seed)]
    if uncertain_first and where.shown:
        order.append(_certainty(conn, where.shown, ids))
    found: list[int] = ids[np.lexsort(order)].tolist()
    return found


def count(conn: Connection, project_id: int, where: QueueFilter, same: Mapping[int, int]) -> int:
    """How many items the queue holds."""
    if where.only_disagreements:
        return len(_ids(conn, project_id, where, same))
    rest, values = _narrowed(where, project_id, same)
    return int(conn.exec_driver_sql(f"SELECT COUNT(*) {rest}", values).scalar_one())


def _ids(conn: Connection, project_id: int, where: QueueFilter, same: Mapping[int, int]) -> Column:
    """The items of the queue, ascending."""
    rest, values = _narrowed(where, project_id, same)
    [ids] = columns.read(conn, ["i.id"], rest, values)
    ids.sort()
    return ids[_differ(conn, where.shown, ids, same)] if where.only_disagreements else ids


def _narrowed(where: QueueFilter, project_id: int, same: Mapping[int, int]) -> tuple[str, tuple[Any, ...]]:
    found = narrow(where, same)
    # Where somebody's labels narrow it, those are gone through, unless a split narrows it more: + keeps off the index.
    plus = "+" if found.joins and where.split is None else ""
    conditions = " AND ".join([f"{plus}i.project_id = {HOME}", *found.conditions])
    return f"FROM items i {' '.join(found.joins)} WHERE {conditions}", (*found.joined, project_id, *found.values)


def _differ(conn: Connection, shown: Sequence[int], ids: Column, same: Mapping[int, int]) -> Column:
    """On which of the items any two of those shown say something different: each is set beside the first who said any.

    An array for each annotator instead of a comparison of each pair: hundreds of them are no trouble.
    """
    first = np.full(len(ids), -1, np.int64)
    differ = np.zeros(len(ids), bool)
    for annotator in dict.fromkeys(shown):
        said = _said(conn, annotator, ids)
        for twin, value in same.items():
            said[said == twin] = value
        differ |= (said >= 0) & (first >= 0) & (said != first)
        first = np.where(first < 0, said, first)
    return np.flatnonzero(differ)


def _said(conn: Connection, annotator: int, ids: Column) -> Column:
    """Of few items they are looked up; of many the annotator's whole column is at hand, or kept from now on."""
    if columns.has_many_more(conn, annotator, ids):
        return columns.of_annotator(conn, annotator, "c.value_id", ids)
    return said_by(conn, annotator).values_on(ids)


def _certainty(conn: Connection, shown: Sequence[int], ids: Column) -> Column:
    """The lowest confidence any of the shown annotators has on each item; above all others where none has one."""
    lowest = np.full(len(ids), 2 * _CERTAIN, np.int64)
    for annotator in dict.fromkeys(shown):
        value = f"CAST(c.confidence * {_CERTAIN} AS INTEGER)"
        lowest = np.minimum(lowest, columns.of_annotator(conn, annotator, value, ids, missing=2 * _CERTAIN))
    return lowest


def stored_seq(conn: Connection, log: str, project_id: int) -> int:
    """How far the decisions of this log on this project are dealt with; 0 for a log not seen before."""
    # Rows of the log's bare name are from when the decisions on all projects were counted as one.
    query = "SELECT MAX(stored_seq) FROM review_batches WHERE revision IN (?, ?)"
    found = conn.exec_driver_sql(query, (log, _counted(log, project_id))).scalar()
    return 0 if found is None else int(found)


def set_stored_seq(conn: Connection, log: str, project_id: int, seq: int) -> None:
    conn.exec_driver_sql(
        "INSERT INTO review_batches (revision, stored_seq, created_at) VALUES (?, ?, ?)"
        " ON CONFLICT (revision) DO UPDATE SET stored_seq = excluded.stored_seq",
        (_counted(log, project_id), seq, now()),
    )


def _counted(log: str, project_id: int) -> str:
    """Each project's decisions by themselves: those on one that is removed wait, those on others do not."""
    return f"{log} of {project_id}"


def changed_minds(conn: Connection, annotator_id: int, item_ids: Sequence[int], same: Mapping[int, int]) -> int:
    """On how many of these items the annotator has said more than one thing over time.

    Saying the same again is no change, nor is what a merge of labels made of it: `same` gives values that count as
    another one.
    """
    rows = conn.exec_driver_sql(
        "SELECT item_id, value_id FROM annotations WHERE annotator_id = ? AND edit IS NULL"
        " AND item_id IN (SELECT value FROM json_each(?))",
        (annotator_id, to_json(list(item_ids))),
    )
    said: dict[int, set[int | None]] = {}
    for item_id, value_id in rows:
        said.setdefault(item_id, set()).add(same.get(value_id, value_id))
    return sum(len(values) > 1 for values in said.values())


def pace(conn: Connection, annotator_id: int, item_ids: Sequence[int], newest: int = 30) -> float | None:
    """Median seconds a decision over the person's newest decisions, as far as on these items; None before the fifth."""
    rows: Sequence[Any] = conn.exec_driver_sql(
        "SELECT item_id, seconds FROM annotations WHERE annotator_id = ? AND seconds IS NOT NULL"
        " ORDER BY id DESC LIMIT ?",
        (annotator_id, newest),
    ).all()
    these = set(item_ids)
    seconds = sorted(row[1] for row in rows if row[0] in these)
    return seconds[len(seconds) // 2] if len(seconds) >= 5 else None

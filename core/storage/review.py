"""Review queues: which items, in which order, as one query; and the decisions of one browser, stored once each."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from core.model import Split
from core.storage.engine import now


@dataclass(frozen=True)
class QueueFilter:
    """What a review queue is narrowed to. Annotators are ids; `shown` are those whose labels count for disagreement."""

    split: Split | None = None
    shown: tuple[int, ...] = ()
    only_disagreements: bool = False
    labelled_by: int | None = None
    label_id: int | None = None
    also_by: int | None = None
    also_label_id: int | None = None
    max_confidence: float | None = None
    confidence_of: int | None = None
    not_reviewed_by: int | None = None
    errors_of_run: int | None = None
    run_id: int | None = None
    flagged_by: int | None = None
    item_ids: tuple[int, ...] | None = None
    outcome: tuple[str, int, int, int] | None = None
    """`(fixed | broken | still_wrong | both_right, reference, a, b)`: the lists of a comparison."""


_OUTCOMES = {
    "fixed": "oa.label_id <> orf.label_id AND ob.label_id = orf.label_id",
    "broken": "oa.label_id = orf.label_id AND ob.label_id <> orf.label_id",
    "still_wrong": "oa.label_id <> orf.label_id AND ob.label_id <> orf.label_id",
    "both_right": "oa.label_id = orf.label_id AND ob.label_id = orf.label_id",
}


def queue(conn: Connection, project_id: int, where: QueueFilter, *, uncertain_first: bool, seed: int = 0) -> list[int]:
    """Item ids of the queue in order: least confident first, or in a seeded random order that a reload repeats.

    Ordered here rather than in SQL, as arrays: 100,000 ids cost some 60 ms.
    """
    rows = _fetch(conn, "i.id", project_id, where)
    ids = np.fromiter((row[0] for row in rows), np.uint64, len(rows))
    ranks = _shuffled(ids, seed)
    order = np.argsort(ranks)
    if uncertain_first and where.shown:
        order = np.lexsort((ranks, _certainty(conn, where.shown, ids)))
    found: list[int] = ids[order].tolist()
    return found


def count(conn: Connection, project_id: int, where: QueueFilter) -> int:
    """How many items the queue holds."""
    return int(_fetch(conn, "COUNT(*)", project_id, where)[0][0])


def _certainty(conn: Connection, shown: Sequence[int], ids: NDArray[np.uint64]) -> NDArray[np.float64]:
    """The lowest confidence any of the shown annotators has on each item; 2 where none has one."""
    lowest = np.full(len(ids), 2.0)
    by_id = np.argsort(ids)
    for annotator in shown:
        rows = conn.connection.driver_connection.execute(  # type: ignore[union-attr]
            "SELECT item_id, confidence FROM current WHERE annotator_id = ? AND confidence IS NOT NULL", (annotator,)
        ).fetchall()
        if not rows or not len(ids):
            continue
        known = np.fromiter((row[0] for row in rows), np.uint64, len(rows))
        place = np.searchsorted(ids, known, sorter=by_id)
        inside = place < len(ids)
        at = by_id[place[inside]]
        match = ids[at] == known[inside]
        values = np.fromiter((row[1] for row in rows), np.float64, len(rows))[inside]
        lowest[at[match]] = np.minimum(lowest[at[match]], values[match])
    return lowest


def _fetch(conn: Connection, columns: str, project_id: int, where: QueueFilter) -> list[tuple[Any, ...]]:
    joins, conditions, (joined, values) = _clauses(where)
    # Through the driver: SQLAlchemy's row objects would cost more than the query.
    cursor = conn.connection.driver_connection.execute(  # type: ignore[union-attr]
        f"SELECT {columns} FROM items i {' '.join(joins)} WHERE i.project_id = ?"
        f"{''.join(' AND ' + condition for condition in conditions)}",
        (*joined, project_id, *values),
    )
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def in_seeded_order(item_ids: Sequence[int], seed: int = 0) -> list[int]:
    """The ids in a pseudo-random order that depends on nothing but ids and seed: a larger sample holds the smaller."""
    return sorted(item_ids, key=lambda item_id: _shuffle(item_id, seed))


def _shuffle(item_id: int, seed: int) -> int:
    """A fixed pseudo-random rank (splitmix64's finisher), so that an order needs no storage."""
    value = (item_id + (seed + 1) * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    return value ^ (value >> 31)


def _shuffled(ids: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """`_shuffle` of many at once."""
    with np.errstate(over="ignore"):
        value = ids + np.uint64(((seed + 1) * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF)
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return value ^ (value >> np.uint64(31))


# Removing a label and adding it again leaves two of one name, which count as one.
_SAME_LABEL = (
    "{0}.label_id IN (SELECT twin.id FROM labels twin JOIN labels chosen ON chosen.name = twin.name"
    " AND chosen.project_id = twin.project_id WHERE chosen.id = ?)"
)


def _clauses(where: QueueFilter) -> tuple[list[str], list[str], tuple[list[Any], list[Any]]]:
    joins: list[str] = []
    joined: list[Any] = []
    conditions: list[str] = []
    values: list[Any] = []

    def join(alias: str, annotator: int) -> None:
        joins.append(f"JOIN current {alias} ON {alias}.annotator_id = ? AND {alias}.item_id = i.id")
        joined.append(annotator)
        conditions.append(f"{alias}.label_id IS NOT NULL")

    def require(condition: str, *parameters: Any) -> None:
        conditions.append(condition)
        values.extend(parameters)

    if where.split is not None:
        require("i.split = ?", str(where.split))
    if where.labelled_by is not None:
        join("l1", where.labelled_by)
        if where.label_id is not None:
            require(_SAME_LABEL.format("l1"), where.label_id)
    if where.also_by is not None:
        join("l2", where.also_by)
        if where.also_label_id is not None:
            require(_SAME_LABEL.format("l2"), where.also_label_id)
    if where.confidence_of is not None:
        join("cf", where.confidence_of)
        require("cf.confidence <= ?", 1.0 if where.max_confidence is None else where.max_confidence)
    if where.outcome is not None:
        kind, reference, a, b = where.outcome
        join("orf", reference)
        join("oa", a)
        join("ob", b)
        require(_OUTCOMES[kind])
    if where.only_disagreements:
        # Joins and comparisons of pairs: counting distinct labels per item would take twice as long.
        for place, annotator in enumerate(where.shown):
            joins.append(f"LEFT JOIN current d{place} ON d{place}.annotator_id = ? AND d{place}.item_id = i.id")
            joined.append(annotator)
        pairs = combinations(range(len(where.shown)), 2)
        require(f"({' OR '.join(f'd{one}.label_id <> d{other}.label_id' for one, other in pairs) or '0'})")
    if where.not_reviewed_by is not None:
        require(
            "NOT EXISTS (SELECT 1 FROM current m WHERE m.annotator_id = ? AND m.item_id = i.id"
            " AND m.label_id IS NOT NULL)",
            where.not_reviewed_by,
        )
    if where.errors_of_run is not None:
        require(
            "(EXISTS (SELECT 1 FROM run_errors e WHERE e.run_id = ? AND e.item_id = i.id) OR EXISTS (SELECT 1 FROM"
            " annotations x WHERE x.run_id = ? AND x.item_id = i.id AND x.kind <> 'label'))",
            where.errors_of_run,
            where.errors_of_run,
        )
    if where.run_id is not None:
        require("EXISTS (SELECT 1 FROM run_items s WHERE s.run_id = ? AND s.item_id = i.id)", where.run_id)
    if where.flagged_by is not None:
        require(
            "COALESCE((SELECT k.flagged FROM marks k WHERE k.item_id = i.id AND k.annotator_id = ?"
            " ORDER BY k.id DESC LIMIT 1), 0) = 1",
            where.flagged_by,
        )
    if where.item_ids is not None:
        require(f"i.id IN ({','.join('?' * len(where.item_ids)) or 'NULL'})", *where.item_ids)
    return joins, conditions, (joined, values)


def stored_seq(conn: Connection, revision: str) -> int:
    """How far the decisions of this batch are stored; 0 for a batch not seen before."""
    row = conn.exec_driver_sql("SELECT stored_seq FROM review_batches WHERE revision = ?", (revision,)).first()
    return 0 if row is None else int(row[0])


def set_stored_seq(conn: Connection, revision: str, seq: int) -> None:
    conn.exec_driver_sql(
        "INSERT INTO review_batches (revision, stored_seq, created_at) VALUES (?, ?, ?)"
        " ON CONFLICT (revision) DO UPDATE SET stored_seq = excluded.stored_seq",
        (revision, seq, now()),
    )


def changed_minds(conn: Connection, annotator_id: int, item_ids: Sequence[int]) -> int:
    """On how many of these items the annotator has said more than one thing over time."""
    if not item_ids:
        return 0
    row = conn.exec_driver_sql(
        "SELECT COUNT(*) FROM (SELECT item_id FROM annotations WHERE annotator_id = ?"
        f" AND item_id IN ({','.join('?' * len(item_ids))}) GROUP BY item_id HAVING COUNT(*) > 1)",
        (annotator_id, *item_ids),
    )
    return int(row.scalar_one())


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

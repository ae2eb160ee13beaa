"""Reviewers' flags and notes as they leave the workbench: all there ever were, or the newest of each."""

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

from core.model import Mark
from core.storage.engine import moment, now, to_json
from core.storage.listed import listed
from core.storage.tables import marks

NEWEST = (
    "k.id = (SELECT MAX(n.id) FROM marks n WHERE n.item_id = k.item_id AND n.annotator_id = k.annotator_id)"
    " AND (k.flagged OR k.note <> '')"
)
"""Of the marks `k` those in force: the newest, where it says anything."""
FLAGGED = (
    "SELECT item_id FROM (SELECT item_id, flagged, MAX(id) FROM marks"
    " WHERE annotator_id IN (SELECT value FROM json_each(?)) GROUP BY item_id, annotator_id) WHERE flagged"
)
"""The items on which the newest mark of one of the bound annotators is a flag: that beside the greatest id."""


def of_items(conn: Connection, item_ids: Sequence[int], *, with_history: bool) -> dict[int, list[Mark]]:
    """The marks on these items by anybody, oldest first; without history those in force."""
    found: dict[int, list[Mark]] = {item: [] for item in item_ids}
    rows = conn.exec_driver_sql(
        "SELECT k.item_id, k.annotator_id, k.flagged, k.note, k.created_at FROM marks k"
        f" WHERE k.item_id IN (SELECT value FROM json_each(?)){'' if with_history else f' AND {NEWEST}'} ORDER BY k.id",
        (to_json(list(item_ids)),),
    )
    for row in rows:
        found[row[0]].append(Mark(row[0], row[1], bool(row[2]), row[3], moment(row[4])))
    return found


def newest_id(conn: Connection, annotator_ids: Sequence[int]) -> int:
    """Changes whenever any of these leaves or takes back a mark; 0 where none ever did."""
    rows = conn.exec_driver_sql(
        "SELECT MAX(id) FROM marks WHERE annotator_id IN (SELECT value FROM json_each(?))",
        (to_json(list(annotator_ids)),),
    )
    return int(rows.scalar() or 0)


def add_mark(conn: Connection, item_id: int, annotator_id: int, flagged: bool, note: str) -> None:
    conn.execute(
        insert(marks).values(item_id=item_id, annotator_id=annotator_id, flagged=flagged, note=note, created_at=now())
    )


def marks_of(conn: Connection, annotator_id: int, item_ids: Sequence[int]) -> dict[int, tuple[bool, str]]:
    """Newest `(flagged, note)` by item."""
    wanted = marks.c.item_id.in_(listed(item_ids))
    query = select(marks).where(marks.c.annotator_id == annotator_id, wanted).order_by(marks.c.id)
    return {row.item_id: (row.flagged, row.note) for row in conn.execute(query)}


def flagged_by(conn: Connection, annotator_ids: Sequence[int]) -> frozenset[int]:
    """The items on which the newest mark of one of these is a flag."""
    return frozenset(row[0] for row in conn.exec_driver_sql(FLAGGED, (to_json(list(annotator_ids)),)))

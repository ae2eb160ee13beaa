"""Columns of whole numbers read into arrays: joined to one text in the database, four times as fast as row by row."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from core.storage.engine import to_json

Column = NDArray[np.int64]
_SEEK = 3  # Looking up one item costs about what reading so many in a row does.


def read(conn: Connection, columns: Sequence[str], rest: str, values: Sequence[Any]) -> list[Column]:
    """`SELECT` the columns and the rest of the query; as many arrays, in one order. None of them may be NULL."""
    query = f"SELECT {', '.join(f'group_concat({column})' for column in columns)} {rest}"
    row = conn.exec_driver_sql(query, tuple(values)).one()
    return [np.fromstring(text or "", np.int64, sep=",") for text in row]


def of_annotator(conn: Connection, annotator_id: int, value: str, item_ids: Column, missing: int = -1) -> Column:
    """What `value`, an expression of whole numbers over `current`, is on each of these items; they are ascending."""
    found = np.full(len(item_ids), missing, np.int64)
    if not len(item_ids):
        return found
    rest = f"FROM current c WHERE c.annotator_id = ? AND {value} IS NOT NULL"
    values: tuple[Any, ...] = (annotator_id,)
    if has_many_more(conn, annotator_id, item_ids):
        rest = f"FROM json_each(?) j CROSS JOIN current c ON c.item_id = j.value {rest.removeprefix('FROM current c')}"
        values = (to_json(item_ids.tolist()), annotator_id)
    items, said = read(conn, ("c.item_id", value), rest, values)
    place = np.searchsorted(item_ids, items).clip(max=len(item_ids) - 1)
    inside = item_ids[place] == items
    found[place[inside]] = said[inside]
    return found


def has_many_more(conn: Connection, annotator_id: int, item_ids: Column) -> bool:
    """Whether the annotator says so much that these items had better be looked up one by one."""
    query = "SELECT 1 FROM current WHERE annotator_id = ? LIMIT 1 OFFSET ?"
    return conn.exec_driver_sql(query, (annotator_id, _SEEK * len(item_ids))).first() is not None

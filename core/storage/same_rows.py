"""Which of several labelled the same items, and which were right: how many items show each pattern, in one query."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection

from core.model import Split
from core.storage.aligned import counted, narrowed
from core.storage.columns import Column
from core.storage.counts import but_for
from core.storage.engine import to_json
from core.storage.kept_columns import said_by

Pattern = tuple[int, int, int]
"""`(who labelled, who as the reference did, items)`: bit i of the first two stands for the i-th candidate."""

_BITS = 60
"""What fits into one whole number of SQLite's."""


def of_annotators(
    conn: Connection,
    reference: int,
    candidates: Sequence[int],
    split: Split | None,
    same: Mapping[int, int],
    but: Collection[int] = (),
) -> list[Pattern]:
    """Of the items the reference has labelled, in the split where one is given, those in `but` left out. `same` gives
    values that count as another one."""
    own = narrowed(conn, reference, split, but)
    truth = _same_as(own.values, same)
    labelled, right = [], []
    for start in range(0, max(1, len(candidates)), _BITS):
        has, agrees = np.zeros((2, len(own.items)), np.int64)
        for place, one in enumerate(candidates[start : start + _BITS]):
            said = said_by(conn, one).values_on(own.items)
            has |= (said >= 0).astype(np.int64) << place
            agrees |= ((said >= 0) & (_same_as(said, same) == truth)).astype(np.int64) << place
        labelled.append(has)
        right.append(agrees)
    is_kept = np.any(labelled, axis=0)
    found = counted([column[is_kept] for column in (*labelled, *right)])
    return [(_joined(row[: len(labelled)]), _joined(row[len(labelled) :]), n) for row, n in found]


def _same_as(said: Column, same: Mapping[int, int]) -> Column:
    """With one value for all that count as one."""
    found = said.copy() if same else said
    for twin, value in same.items():
        found[said == twin] = value
    return found


def of_runs(
    conn: Connection,
    reference: int,
    candidates: Sequence[Sequence[int]],
    same: Mapping[int, int],
    but: Collection[int] = (),
) -> list[Pattern]:
    """As `of_annotators`, each candidate the values that some runs gave outside test, of several for an item the
    newest."""
    runs = [[place, run] for place, its_runs in enumerate(candidates) for run in its_runs]
    said = (
        "SELECT k.value ->> 0 place, a.item_id, a.value_id, MAX(a.id) FROM json_each(?) k"
        " JOIN annotations a ON a.run_id = k.value ->> 1 GROUP BY 1, 2"
    )
    kept, gone = but_for(but, "r")
    where = (f" AND (i.split IS NULL OR i.split <> ?){kept}", (str(Split.TEST), *gone))
    return _patterns(conn, reference, said, (to_json(runs),), where, len(candidates), same)


def _patterns(
    conn: Connection,
    reference: int,
    said: str,
    who: tuple[Any, ...],
    where: tuple[str, tuple[Any, ...]],
    candidates: int,
    same: Mapping[int, int],
) -> list[Pattern]:
    chunks = range(0, max(1, candidates), _BITS)
    bit = "CASE WHEN s.place BETWEEN {0} AND {0} + 59 THEN 1 << (s.place - {0}) ELSE 0 END"
    labelled = ", ".join(f"SUM({bit.format(start)})" for start in chunks)
    right = ", ".join(f"SUM(({_counts_as('s')} = {_counts_as('r')}) * {bit.format(start)})" for start in chunks)
    columns = ", ".join(str(number + 1) for number in range(2 * len(chunks)))
    rows = conn.exec_driver_sql(
        "WITH same(id, other) AS MATERIALIZED (SELECT CAST(key AS INTEGER), value FROM json_each(?)),"
        f" said AS ({said})"
        f" SELECT *, COUNT(*) FROM (SELECT {labelled}, {right} FROM current r"
        f" JOIN items i ON i.id = r.item_id{where[0]}"
        " JOIN said s ON s.item_id = r.item_id"
        " LEFT JOIN same ms ON ms.id = s.value_id LEFT JOIN same mr ON mr.id = r.value_id"
        " WHERE r.annotator_id = ? AND r.value_id IS NOT NULL AND s.value_id IS NOT NULL GROUP BY r.item_id)"
        f" GROUP BY {columns}",
        (to_json({str(value): other for value, other in same.items()}), *who, *where[1], reference),
    )
    return [(_joined(row[: len(chunks)]), _joined(row[len(chunks) : -1]), row[-1]) for row in rows]


def _counts_as(which: str) -> str:
    return f"COALESCE(m{which}.other, {which}.value_id)"


def _joined(parts: Sequence[int]) -> int:
    return sum(part << _BITS * place for place, part in enumerate(parts))


def values_of(
    conn: Connection, annotators: Sequence[int], split: Split | None, but: Collection[int] = ()
) -> list[tuple[tuple[tuple[int, int], ...], int]]:
    """`(which of them gave which value, items)` for items that two or more of them have labelled, those in `but` left
    out; places in the order given."""
    kept, gone = but_for(but, "c")
    within = " JOIN items i ON i.id = c.item_id AND i.split = ?" if split else ""
    rows = conn.exec_driver_sql(
        "SELECT said, COUNT(*) FROM (SELECT item_id, GROUP_CONCAT(place || ' ' || value_id) said FROM"
        " (SELECT c.item_id, k.key place, c.value_id FROM json_each(?) k"
        f" JOIN current c ON c.annotator_id = k.value AND c.value_id IS NOT NULL{within} WHERE 1{kept}"
        " ORDER BY c.item_id, k.key) GROUP BY item_id HAVING COUNT(*) > 1) GROUP BY said",
        (to_json(list(annotators)), *([str(split)] if split else []), *gone),
    )
    return [(tuple(_pair(one) for one in said.split(",")), items) for said, items in rows]


def each_of_many(
    conn: Connection, annotators: Sequence[int], split: Split | None
) -> Iterator[tuple[int, int, int, str]]:
    """`(item, characters of its text, who, value in canonical form)` of items that two or more of them have labelled,
    in the order of items; who by place in the order given."""
    within = " AND i.split = ?" if split else ""
    rows = conn.exec_driver_sql(
        "WITH said AS MATERIALIZED (SELECT c.item_id, k.key place, c.value_id FROM json_each(?) k"
        " JOIN current c ON c.annotator_id = k.value AND c.value_id IS NOT NULL)"
        " SELECT s.item_id, i.text, s.place, v.canonical FROM"
        " (SELECT item_id FROM said GROUP BY item_id HAVING COUNT(*) > 1) m"
        " JOIN said s ON s.item_id = m.item_id JOIN items i ON i.id = s.item_id"
        f' JOIN "values" v ON v.id = s.value_id WHERE 1{within} ORDER BY s.item_id, s.place',
        (to_json(list(annotators)), *([str(split)] if split else [])),
    )
    return ((row[0], len(row[1]), row[2], row[3]) for row in rows)


def _pair(text: str) -> tuple[int, int]:
    place, value = text.split(" ")
    return int(place), int(value)

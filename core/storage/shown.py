"""What annotators said of two candidates, by the order in which they were shown."""

from sqlalchemy import Connection

from core.model import Split

_SIDE = "(? IS NULL OR EXISTS (SELECT 1 FROM items i WHERE i.id = c.item_id AND i.split = ?))"


def once(conn: Connection, annotator_id: int, split: Split | None) -> list[tuple[str, str | None, bool, int]]:
    """`(value, order shown, whether a run asked for it, items)` of what an annotator says now; the order is None where
    nothing is kept of it."""
    rows = conn.exec_driver_sql(
        "SELECT v.canonical, a.shown, COALESCE(a.run_id, s.run_id) IS NOT NULL, COUNT(*) FROM current c"
        " JOIN annotations a ON a.id = c.annotation_id LEFT JOIN annotations s ON s.id = a.said_id"
        f' JOIN "values" v ON v.id = c.value_id WHERE c.annotator_id = ? AND {_SIDE} GROUP BY 1, 2, 3',
        (annotator_id, split, split),
    )
    return [(row[0], row[1], bool(row[2]), row[3]) for row in rows]


def in_both(
    conn: Connection, annotator_id: int, split: Split | None, given: str, turned: str
) -> list[tuple[str, str, int]]:
    """`(value as given, value swapped, items)` of the first answers in either order behind what a model says now; both
    are in the items' own order."""
    rows = conn.exec_driver_sql(
        "SELECT v.canonical, w.canonical, COUNT(*) FROM current c"
        " JOIN annotations a ON a.id = c.annotation_id LEFT JOIN annotations s ON s.id = a.said_id"
        " JOIN repeats g ON g.run_id = COALESCE(a.run_id, s.run_id) AND g.item_id = c.item_id AND g.ordinal = 0"
        " AND g.question_id = c.question_id AND g.shown = ?"
        " JOIN repeats t ON t.run_id = g.run_id AND t.item_id = g.item_id AND t.question_id = g.question_id"
        " AND t.ordinal = 1 AND t.shown = ?"
        ' JOIN "values" v ON v.id = g.value_id JOIN "values" w ON w.id = t.value_id'
        f" WHERE c.annotator_id = ? AND c.value_id IS NOT NULL AND {_SIDE} GROUP BY 1, 2",
        (given, turned, annotator_id, split, split),
    )
    return [(row[0], row[1], row[2]) for row in rows]

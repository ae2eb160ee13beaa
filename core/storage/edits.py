"""Edits of annotations by a change of the labels: each a new entry that carries on the answer it was made from."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from core.model import Edit
from core.storage.annotations import bring_current, next_id
from core.storage.engine import now, to_json

# Run, time, tokens and the key of the request stay with the entry that was said: they were paid for once.
_CARRIED = "confidence, confidence_source, kind, reason, note, source_id, votes, blind, shown"
_COLUMNS = f"item_id, annotator_id, question_id, value_id, {_CARRIED}, edit, edited_id, said_id, created_at"
_HAS_IT = "EXISTS (SELECT 1 FROM value_labels m WHERE m.label_id = ? AND m.value_id = {}.value_id)"
_OLD = ", ".join(f"a.{name}" for name in _CARRIED.split(", "))


def merge(conn: Connection, project_id: int, becomes: Mapping[int, int]) -> int:
    """Give every current annotation with one of these values the one it becomes; returns how many those are."""
    first = next_id(conn)
    done = conn.exec_driver_sql(
        f"INSERT INTO annotations ({_COLUMNS})"
        f" SELECT a.item_id, a.annotator_id, a.question_id, b.value, {_OLD}, ?, a.id, COALESCE(a.said_id, a.id), ?"
        # CROSS JOIN keeps the order: no entry is looked up before its value is known to change.
        " FROM annotators n CROSS JOIN current c ON c.annotator_id = n.id"
        " CROSS JOIN json_each(?) b ON CAST(b.key AS INTEGER) = c.value_id"
        " CROSS JOIN annotations a ON a.id = c.annotation_id WHERE n.project_id = ?",
        (Edit.MERGE, now(), to_json(becomes), project_id),
    )
    bring_current(conn, first)
    return done.rowcount


def unmerge(conn: Connection, project_id: int, label_id: int) -> int:
    """Bring back, exactly as they were, the entries with this label from which merges have led to the present ones,
    where nobody has said anything since; returns how many those are."""
    first = next_id(conn)
    before = _before_merges(conn, project_id, label_id)
    stamp = now()
    conn.connection.driver_connection.executemany(  # type: ignore[union-attr]
        f"INSERT INTO annotations ({_COLUMNS})"
        f" SELECT a.item_id, a.annotator_id, a.question_id, a.value_id, {_OLD}, ?, a.id, COALESCE(a.said_id, a.id), ?"
        " FROM annotations a WHERE a.id = ?",
        [(str(Edit.RESTORE), stamp, entry) for entry in before],
    )
    bring_current(conn, first)
    return len(before)


def _before_merges(conn: Connection, project_id: int, label_id: int) -> Sequence[int]:
    """For each present entry that is an edit, the nearest entry behind it that has this label."""
    rows = conn.exec_driver_sql(
        "WITH RECURSIVE behind (id, has_it, edit, edited_id) AS ("
        " SELECT a.id, 0, a.edit, a.edited_id FROM annotators n JOIN current c ON c.annotator_id = n.id"
        " JOIN annotations a ON a.id = c.annotation_id WHERE n.project_id = ? AND a.edit IS NOT NULL"
        f" AND NOT {_HAS_IT.format('c')} UNION ALL"
        f" SELECT a.id, {_HAS_IT.format('a')}, a.edit, a.edited_id FROM behind b"
        " JOIN annotations a ON a.id = b.edited_id WHERE b.edit IS NOT NULL AND NOT b.has_it)"
        " SELECT id FROM behind WHERE has_it",
        (project_id, label_id, label_id),
    )
    return [row[0] for row in rows]

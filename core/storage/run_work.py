"""The work of a run: which items it has still to label, how far it has come, what went wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, literal_column, select

from core.model import ErrorKind, Item, RunStatus
from core.storage.engine import now, to_json
from core.storage.items import fields_of
from core.storage.run_rows import LIVE
from core.storage.tables import run_errors


@dataclass(frozen=True)
class RunError:
    item_id: int
    kind: ErrorKind
    message: str
    raw: str
    attempts: int


def missing(conn: Connection, run_id: int, after: int, limit: int) -> list[Item]:
    """The next items of the selection, after item id `after`, with neither an annotation nor an error of this run."""
    rows = conn.exec_driver_sql(
        "SELECT i.id, i.text, i.external_id, i.fields, i.files FROM run_items s JOIN items i ON i.id = s.item_id"
        " WHERE s.run_id = ? AND s.item_id > ?"
        " AND NOT EXISTS (SELECT 1 FROM annotations a WHERE a.run_id = s.run_id AND a.item_id = s.item_id)"
        " AND NOT EXISTS (SELECT 1 FROM run_errors e WHERE e.run_id = s.run_id AND e.item_id = s.item_id)"
        " ORDER BY s.item_id LIMIT ?",
        (run_id, after, limit),
    )
    return [Item(row[0], row[1], row[2], fields_of(row[3], row[4])) for row in rows]


def still_missing(conn: Connection, run_id: int, item_ids: Sequence[int]) -> set[int]:
    """Those of these items with neither an annotation nor an error of this run."""
    these = to_json(list(item_ids))
    rows = conn.exec_driver_sql(
        "SELECT item_id FROM annotations WHERE run_id = ? AND item_id IN (SELECT value FROM json_each(?))"
        " UNION ALL SELECT item_id FROM run_errors WHERE run_id = ? AND item_id IN (SELECT value FROM json_each(?))",
        (run_id, these, run_id, these),
    )
    return set(item_ids).difference(row[0] for row in rows)


def under_way(conn: Connection, annotator_id: int) -> set[int]:
    """Items that a run of this annotator has still to label: one that is queued, going, or goes on by itself later."""
    rows = conn.exec_driver_sql(
        "SELECT s.item_id FROM runs r JOIN run_items s ON s.run_id = r.id"
        " WHERE r.annotator_id = ? AND (r.status IN (?, ?) OR r.status = ? AND r.resume_at IS NOT NULL)"
        " AND NOT EXISTS (SELECT 1 FROM annotations a WHERE a.run_id = s.run_id AND a.item_id = s.item_id)"
        " AND NOT EXISTS (SELECT 1 FROM run_errors e WHERE e.run_id = s.run_id AND e.item_id = s.item_id)",
        (annotator_id, *LIVE, RunStatus.PAUSED),
    )
    return {row[0] for row in rows}


def add_errors(conn: Connection, run_id: int, errors: Sequence[RunError]) -> None:
    if not errors:
        return
    stamp = now()
    conn.connection.driver_connection.executemany(  # type: ignore[union-attr]
        "INSERT INTO run_errors (run_id, item_id, kind, message, raw, attempts, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (run_id, item_id) DO UPDATE SET kind = excluded.kind, message = excluded.message,"
        " raw = excluded.raw, attempts = excluded.attempts, created_at = excluded.created_at",
        [(run_id, e.item_id, e.kind, e.message, e.raw, e.attempts, stamp) for e in errors],
    )


def add_progress(
    conn: Connection,
    run_id: int,
    done: int,
    errors: int,
    prompt_tokens: int,
    completion_tokens: int,
    *,
    cached_tokens: int = 0,
    calls: int = 0,
    from_cache: int = 0,
) -> None:
    """`cached_tokens` are part of the prompt's; `calls` were answered; `from_cache` items took no call."""
    conn.exec_driver_sql(
        "UPDATE runs SET done = done + ?, errors = errors + ?, prompt_tokens = prompt_tokens + ?,"
        " completion_tokens = completion_tokens + ?, cached_tokens = cached_tokens + ?, calls = calls + ?,"
        " from_cache = from_cache + ? WHERE id = ?",
        (done, errors, prompt_tokens, completion_tokens, cached_tokens, calls, from_cache, run_id),
    )


def counted() -> dict[str, Any]:
    """`done` and `errors` counted afresh from what is stored, as values for an UPDATE of `runs`."""
    annotated = "(SELECT COUNT(*) FROM annotations WHERE run_id = runs.id)"
    failed = "(SELECT COUNT(*) FROM run_errors WHERE run_id = runs.id)"
    return {"done": literal_column(annotated), "errors": literal_column(failed)}


def error_counts(conn: Connection, run_id: int) -> list[tuple[str, int]]:
    query = select(run_errors.c.kind, func.count()).where(run_errors.c.run_id == run_id).group_by(run_errors.c.kind)
    return [(kind, number) for kind, number in conn.execute(query.order_by(func.count().desc()))]


def error_list(conn: Connection, run_id: int, kind: str | None = None, limit: int = 100) -> list[RunError]:
    query = select(run_errors).where(run_errors.c.run_id == run_id)
    if kind is not None:
        query = query.where(run_errors.c.kind == kind)
    return [
        RunError(row.item_id, ErrorKind(row.kind), row.message, row.raw, row.attempts)
        for row in conn.execute(query.order_by(run_errors.c.item_id).limit(limit))
    ]


def troubled_on_test(conn: Connection, run_id: int) -> int:
    """How many test items failed, or got an answer that named no one label."""
    row = conn.exec_driver_sql(
        "SELECT COUNT(*) FROM items WHERE split = 'test' AND id IN (SELECT item_id FROM run_errors WHERE run_id = ?"
        " UNION SELECT item_id FROM annotations WHERE run_id = ? AND kind IS NOT NULL AND kind <> 'label')",
        (run_id, run_id),
    ).one()
    return int(row[0])


def answer_counts(conn: Connection, run_id: int) -> list[tuple[int, str, int]]:
    """`(value id, AnswerKind, items)` of a run's own annotations."""
    rows = conn.exec_driver_sql(
        "SELECT value_id, COALESCE(kind, ''), COUNT(*) FROM annotations WHERE run_id = ? GROUP BY 1, 2", (run_id,)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def unclear_answers(
    conn: Connection, run_id: int, limit: int = 100, *, without_test: bool = False
) -> list[tuple[int, str, str, str]]:
    """`(item id, AnswerKind, reason, raw)` of answers recorded as the fallback because they named no one label."""
    rows = conn.exec_driver_sql(
        "SELECT a.item_id, a.kind, COALESCE(a.reason, ''), COALESCE(a.raw, '') FROM annotations a"
        " JOIN items i ON i.id = a.item_id"
        " WHERE a.run_id = ? AND a.kind IS NOT NULL AND a.kind <> 'label' AND (NOT ? OR i.split IS NOT 'test')"
        " ORDER BY a.item_id LIMIT ?",
        (run_id, without_test, limit),
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]

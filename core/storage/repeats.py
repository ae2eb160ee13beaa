"""The single answers of runs that ask about an item several times."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from core.storage.engine import now, to_json


class Repeat(NamedTuple):
    """One answer to one item. `source_run_id` names the run it was taken over from; then it took no tokens."""

    item_id: int
    ordinal: int
    label_id: int
    kind: str
    reason: str | None
    raw: str | None
    confidence: float | None
    seconds: float | None
    prompt_tokens: int | None
    completion_tokens: int | None
    cached_tokens: int | None
    request_hash: bytes
    source_run_id: int | None = None


_COLUMNS = ", ".join(Repeat._fields)
_INSERT = (
    f"INSERT INTO repeats (run_id, {_COLUMNS}, created_at) VALUES (?, {'?, ' * len(Repeat._fields)}?)"
    " ON CONFLICT DO NOTHING"
)


def append(conn: Connection, run_id: int, answers: Sequence[Repeat]) -> None:
    """Store answers as they came; of two to the same question the first stays."""
    if answers:
        stamp = now()
        raw_connection: Any = conn.connection.driver_connection
        raw_connection.executemany(_INSERT, [(run_id, *answer, stamp) for answer in answers])


def of_items(conn: Connection, run_id: int, item_ids: Sequence[int]) -> dict[int, list[Repeat]]:
    """The answers this run has to each of these items so far, by ordinal; items without any are left out."""
    found: dict[int, list[Repeat]] = {}
    rows = conn.exec_driver_sql(
        f"SELECT {_COLUMNS} FROM repeats WHERE run_id = ? AND item_id IN (SELECT value FROM json_each(?))"
        " ORDER BY item_id, ordinal",
        (run_id, to_json(list(item_ids))),
    )
    for row in rows:
        found.setdefault(row[0], []).append(Repeat(*row))
    return found

"""The single answers of runs that ask about an item several times."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from core.storage.engine import now, to_json


class Repeat(NamedTuple):
    """One answer to one item: `value` in canonical form. `source_run_id` names the run it was taken over from; then it
    took no tokens."""

    item_id: int
    ordinal: int
    value: str
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
    shown: str | None = None


_VALUE = Repeat._fields.index("value")
_STORED = [name if name != "value" else "value_id" for name in Repeat._fields]
_READ = ", ".join(f"r.{name}" if name != "value" else "v.canonical" for name in Repeat._fields)
_INSERT = (
    f"INSERT INTO repeats (run_id, question_id, {', '.join(_STORED)}, created_at)"
    f" VALUES (?, ?, {'?, ' * len(_STORED)}?) ON CONFLICT DO NOTHING"
)


def append(conn: Connection, run_id: int, question_id: int, answers: Sequence[Repeat], ids: Mapping[str, int]) -> None:
    """Store answers as they came, `ids` those of their values; of two to the same question the first stays."""
    if answers:
        stamp = now()
        raw_connection: Any = conn.connection.driver_connection
        raw_connection.executemany(
            _INSERT,
            [(run_id, question_id, *one[:_VALUE], ids[one.value], *one[_VALUE + 1 :], stamp) for one in answers],
        )


def of_items(conn: Connection, run_id: int, item_ids: Sequence[int]) -> dict[int, list[Repeat]]:
    """The answers this run has to each of these items so far, by ordinal; items without any are left out."""
    found: dict[int, list[Repeat]] = {}
    rows = conn.exec_driver_sql(
        f'SELECT {_READ} FROM repeats r JOIN "values" v ON v.id = r.value_id'
        " WHERE r.run_id = ? AND r.item_id IN (SELECT value FROM json_each(?)) ORDER BY r.item_id, r.ordinal",
        (run_id, to_json(list(item_ids))),
    )
    for row in rows:
        found.setdefault(row[0], []).append(Repeat(*row))
    return found

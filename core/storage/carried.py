"""Items and annotations as a zip carries them to another workbench: as they are stored, and back."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from core.storage.annotations import bring_current, next_id
from core.storage.engine import to_json
from core.storage.homes import HOME

_PAGE = 2_000


class CarriedItem(NamedTuple):
    """`fields` and `files` are JSON objects as stored; `group` is the place among those carried of the first item that
    reads nearly the same."""

    id: int
    hash: str
    external_id: str
    text: str
    fields: str | None
    files: str | None
    split: str | None
    group: int | None


class CarriedAnnotation(NamedTuple):
    """What an annotator says of an item now, with all that is known of how it came about."""

    item_id: int
    annotator_id: int
    value_id: int
    confidence: float | None
    confidence_source: str | None
    kind: str | None
    reason: str | None
    raw: str | None
    note: str | None
    seconds: float | None
    prompt_tokens: int | None
    completion_tokens: int | None
    cached_tokens: int | None
    created_at: float
    blind: int | None
    shown: str | None
    parts: str | None


_SAID = CarriedAnnotation._fields
_INSERT = f"INSERT INTO annotations (question_id, {', '.join(_SAID)}) VALUES (?, {', '.join('?' * len(_SAID))})"


def items_of(conn: Connection, project_id: int, annotator_ids: Sequence[int]) -> Iterator[CarriedItem]:
    """The items of which one of these annotators says something, in order of import."""
    after, who = 0, to_json(list(annotator_ids))
    while True:
        rows = conn.exec_driver_sql(
            "SELECT id, hash, external_id, text, fields, files, split, duplicate_group FROM items i"
            f" WHERE project_id = {HOME} AND id > ? AND EXISTS (SELECT 1 FROM current c WHERE c.item_id = i.id"
            " AND c.value_id IS NOT NULL AND c.annotator_id IN (SELECT value FROM json_each(?)))"
            " ORDER BY id LIMIT ?",
            (project_id, after, who, _PAGE),
        ).all()
        yield from (CarriedItem(*row) for row in rows)
        if len(rows) < _PAGE:
            return
        after = rows[-1][0]


def annotations_of(conn: Connection, annotator_ids: Sequence[int]) -> Iterator[CarriedAnnotation]:
    """What they say now, in order of items; nothing of what was taken back. An edit has the raw answer of the entry
    that it carries on."""
    own = ", ".join(f"COALESCE(a.{name}, s.{name})" if name in _OF_THE_ANSWER else f"a.{name}" for name in _SAID)
    rows = conn.exec_driver_sql(
        f"SELECT {own} FROM current c JOIN annotations a ON a.id = c.annotation_id"
        " LEFT JOIN annotations s ON s.id = a.said_id"
        " WHERE c.annotator_id IN (SELECT value FROM json_each(?)) AND c.value_id IS NOT NULL"
        " ORDER BY c.item_id, c.annotator_id",
        (to_json(list(annotator_ids)),),
    )
    yield from (CarriedAnnotation(*row) for row in rows)


_OF_THE_ANSWER = frozenset({"raw", "seconds", "prompt_tokens", "completion_tokens", "cached_tokens"})


def insert_items(conn: Connection, project_id: int, rows: Sequence[CarriedItem], first: int) -> None:
    """Under ids from `first` on, in their order, each with its split; `group` is a place among them."""
    conn.connection.driver_connection.executemany(  # type: ignore[union-attr]
        "INSERT INTO items (id, project_id, hash, external_id, text, fields, files, split, duplicate_group)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (number, project_id, *row[1:7], None if row.group is None else first + row.group)
            for number, row in enumerate(rows, first)
        ),
    )


def insert_annotations(conn: Connection, question_id: int, rows: Sequence[CarriedAnnotation]) -> None:
    """Append them as they are, and bring `current` along."""
    first = next_id(conn)
    conn.connection.driver_connection.executemany(_INSERT, ((question_id, *row) for row in rows))  # type: ignore[union-attr]
    bring_current(conn, first)


def move_models(conn: Connection, project_id: int, before: str, host: str) -> None:
    """The project's models of one host are those of another from now on."""
    conn.exec_driver_sql("UPDATE annotators SET host = ? WHERE project_id = ? AND host = ?", (host, project_id, before))

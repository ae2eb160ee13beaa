"""Golden answers: what models said of chosen items, kept as it was."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, Row, insert, select, update

from core.storage.annotations import bring_current, next_id
from core.storage.engine import now, to_json
from core.storage.tables import golden_sets


class StoredSet(NamedTuple):
    """`frozen_id` and `recorded_at` are None until the answers are there."""

    id: int
    project_id: int
    source_id: int
    frozen_id: int | None
    items: tuple[int, ...]
    split: str
    run_id: int | None
    created_at: float
    recorded_at: float | None


class Spent(NamedTuple):
    """What the answers took that an annotator gave to chosen items; None where that was not noted for any."""

    answers: int
    seconds: tuple[float, ...]
    prompt_tokens: int | None
    cached_tokens: int | None
    completion_tokens: int | None


def add(conn: Connection, project_id: int, source_id: int, items: Sequence[int], split: str, run_id: int | None) -> int:
    told = {"project_id": project_id, "source_id": source_id, "items": to_json(list(items)), "split": split}
    result = conn.execute(insert(golden_sets).values(**told, run_id=run_id, created_at=now()))
    return int(result.inserted_primary_key[0])  # type: ignore[index]


def of_project(conn: Connection, project_id: int) -> list[StoredSet]:
    """Newest first."""
    query = select(golden_sets).where(golden_sets.c.project_id == project_id).order_by(golden_sets.c.id.desc())
    return [_stored(row) for row in conn.execute(query)]


def _stored(row: Row[tuple[object, ...]]) -> StoredSet:
    items = tuple(json.loads(row.items))
    told = row.id, row.project_id, row.source_id, row.frozen_id, items, row.split, row.run_id
    return StoredSet(*told, row.created_at, row.recorded_at)


def recorded(conn: Connection, set_id: int, frozen_id: int) -> bool:
    """Say that the answers are kept by this annotator; False where another did so before."""
    which = (golden_sets.c.id == set_id) & golden_sets.c.recorded_at.is_(None)
    told = conn.execute(update(golden_sets).where(which).values(frozen_id=frozen_id, recorded_at=now()))
    return told.rowcount == 1


_AS_IT_WAS = (
    "item_id, question_id, value_id, confidence, confidence_source, kind, reason, note, created_at, blind, shown, parts"
)
_OF_THE_ANSWER = "raw", "seconds", "prompt_tokens", "completion_tokens", "cached_tokens"


def keep_answers(conn: Connection, source_id: int, frozen_id: int, items: Sequence[int]) -> int:
    """What one annotator says of these items now is said by the other as well, with all that is known of how it came
    about; gives how many answers that are. An edit brings the raw answer of the entry it carries on."""
    own = ", ".join(f"a.{name}" for name in _AS_IT_WAS.split(", "))
    answer = ", ".join(f"COALESCE(a.{name}, s.{name})" for name in _OF_THE_ANSWER)
    first = next_id(conn)
    done = conn.exec_driver_sql(
        f"INSERT INTO annotations (annotator_id, source_id, {_AS_IT_WAS}, {', '.join(_OF_THE_ANSWER)})"
        f" SELECT ?, a.id, {own}, {answer} FROM current c JOIN annotations a ON a.id = c.annotation_id"
        " LEFT JOIN annotations s ON s.id = a.said_id"
        " WHERE c.annotator_id = ? AND c.value_id IS NOT NULL"
        " AND c.item_id IN (SELECT value FROM json_each(?)) ORDER BY c.item_id",
        (frozen_id, source_id, to_json(list(items))),
    )
    bring_current(conn, first)
    return int(done.rowcount)


def spent(conn: Connection, annotator_id: int, items: Sequence[int]) -> Spent:
    """Of the answers that stand now; what was taken over from the cache took nothing and is left out."""
    rows = conn.exec_driver_sql(
        "SELECT COALESCE(a.seconds, s.seconds), COALESCE(a.prompt_tokens, s.prompt_tokens),"
        " COALESCE(a.cached_tokens, s.cached_tokens), COALESCE(a.completion_tokens, s.completion_tokens)"
        " FROM current c JOIN annotations a ON a.id = c.annotation_id LEFT JOIN annotations s ON s.id = a.said_id"
        " WHERE c.annotator_id = ? AND c.value_id IS NOT NULL AND c.item_id IN (SELECT value FROM json_each(?))",
        (annotator_id, to_json(list(items))),
    ).all()
    asked = [row for row in rows if row[0] is not None]

    def total(place: int) -> int | None:
        known = [row[place] for row in asked if row[place] is not None]
        return sum(known) if known else None

    return Spent(len(rows), tuple(row[0] for row in asked), total(1), total(2), total(3))

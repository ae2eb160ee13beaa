"""Prompt versions, which never change."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from core.model import Example, PromptVersion
from core.said import said_of
from core.storage.engine import moment, now, to_json
from core.storage.tables import prompt_versions


def _version(row: Row[Any]) -> PromptVersion:
    examples = tuple(map(example_of, json.loads(row.examples)))
    said = row.system, row.user, row.note
    return PromptVersion(row.id, row.project_id, row.number, *said, moment(row.created_at), examples, row.answers)


def example_of(held: Mapping[str, Any]) -> Example:
    """An example as it was frozen. Those of before there were values of other kinds hold a label and its id."""
    value = held["value"] if "value" in held else held.get("label_id") and str(held["label_id"])
    said = said_of(held.get("said", held.get("label")))
    beside = {int(project): one for project, one in (held.get("beside") or {}).items()}
    return Example(held["item_id"], held["text"], said, held.get("fields") or {}, value, beside)


def add_version(
    conn: Connection,
    project_id: int,
    system: str,
    user: str,
    note: str,
    examples: Sequence[Mapping[str, Any]],
    answers: str = "",
    *,
    number: int | None = None,
) -> int:
    """Its id; numbered after the newest of the project unless its `number` is told."""
    newest = select(func.coalesce(func.max(prompt_versions.c.number), 0) + 1)
    if number is None:
        number = conn.execute(newest.where(prompt_versions.c.project_id == project_id)).scalar_one()
    result = conn.execute(
        insert(prompt_versions).values(
            project_id=project_id,
            number=number,
            system=system,
            user=user,
            note=note,
            examples=to_json(list(examples)),
            answers=answers,
            created_at=now(),
        )
    )
    return int(result.inserted_primary_key[0])  # type: ignore[index]


def version(conn: Connection, version_id: int) -> PromptVersion | None:
    row = conn.execute(select(prompt_versions).where(prompt_versions.c.id == version_id)).first()
    return None if row is None else _version(row)


def versions(conn: Connection, project_id: int) -> list[PromptVersion]:
    """Newest first."""
    query = select(prompt_versions).where(prompt_versions.c.project_id == project_id)
    return [_version(row) for row in conn.execute(query.order_by(prompt_versions.c.number.desc()))]

"""Deals of splits that another has taken the place of: each kept whole, to be brought back as it was."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from core.storage.engine import moment, now, to_json
from core.storage.homes import are_of, home_of
from core.storage.tables import deals, items

Dealt = tuple[str, int | None, int]
"""`(split, near-duplicate group, item id)`, as `items.set_splits` takes it."""


@dataclass(frozen=True)
class StoredDeal:
    """A former deal, but for which item was where."""

    id: int
    dealt: float
    seed: int
    split_config: Mapping[str, Any]
    counts: Mapping[str, int]
    replaced_at: datetime


def keep(conn: Connection, project_id: int, seed: int, split_config: Mapping[str, Any]) -> None:
    """Write the present deal down; in the place of what was written of the same deal before items joined it."""
    query = select(items.c.split, items.c.duplicate_group, items.c.id).where(
        are_of(project_id), items.c.split.is_not(None)
    )
    rows = [tuple(row) for row in conn.execute(query.order_by(items.c.id))]
    if not rows:
        return
    counts: dict[str, int] = {}
    for split, *_ in rows:
        counts[split] = counts.get(split, 0) + 1
    dealt = split_config.get("dealt", 0.0)
    kept = {
        "seed": seed,
        "split_config": to_json(split_config),
        "counts": to_json(counts),
        "content": zlib.compress(to_json(rows).encode()),
        "created_at": now(),
    }
    home_id = home_of(conn, project_id)
    of_same = (deals.c.project_id == home_id) & (deals.c.dealt == dealt)
    if not conn.execute(update(deals).where(of_same).values(**kept)).rowcount:
        conn.execute(insert(deals).values(project_id=home_id, dealt=dealt, **kept))


def former(conn: Connection, project_id: int) -> list[StoredDeal]:
    """The one that was replaced last comes first."""
    kept = [column for column in deals.c if column.name != "content"]
    query = select(*kept).where(deals.c.project_id == home_of(conn, project_id))
    return [_deal(row) for row in conn.execute(query.order_by(deals.c.created_at.desc(), deals.c.id.desc()))]


def assignment(conn: Connection, project_id: int, deal_id: int) -> tuple[StoredDeal, list[Dealt]] | None:
    """The deal with every item's place in it; None where the project has no such deal."""
    home_id = home_of(conn, project_id)
    row = conn.execute(select(deals).where(deals.c.project_id == home_id, deals.c.id == deal_id)).first()
    if row is None:
        return None
    return _deal(row), [(split, group, item) for split, group, item in json.loads(zlib.decompress(row.content))]


def _deal(row: Row[Any]) -> StoredDeal:
    return StoredDeal(
        id=row.id,
        dealt=row.dealt,
        seed=row.seed,
        split_config=json.loads(row.split_config),
        counts=json.loads(row.counts),
        replaced_at=moment(row.created_at),
    )

"""Work that is typed and not saved: one open draft a project, kind and key; those put away are kept for a while."""

import json
import time
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, insert, select, update

from core.storage.engine import now, to_json
from core.storage.listed import listed
from core.storage.tables import drafts

_KEPT_AWAY = 10


class Place(NamedTuple):
    """What a draft is of; project 0 for what belongs to none."""

    project_id: int
    kind: str
    key: str = ""


class Kept(NamedTuple):
    """A draft as stored. `revision` rises with each change; times are seconds since the epoch."""

    id: int
    content: Any
    base: str
    revision: int
    updated_at: float


def open_one(conn: Connection, place: Place) -> Kept | None:
    """The draft that is open there."""
    row = conn.execute(select(drafts).where(*_at(place), drafts.c.ended_at.is_(None))).first()
    return None if row is None else _kept(row)


def put_away(conn: Connection, place: Place) -> Kept | None:
    """The draft that was put away last."""
    query = select(drafts).where(*_at(place), drafts.c.ended_at.is_not(None))
    row = conn.execute(query.order_by(drafts.c.ended_at.desc(), drafts.c.id.desc()).limit(1)).first()
    return None if row is None else _kept(row)


def write(conn: Connection, place: Place, content: Any, base: str) -> Kept:
    """Set what the open draft holds, opening one where there is none."""
    before = open_one(conn, place)
    values = {"content": to_json(content), "base": base, "updated_at": now(), "revision": _revision(before)}
    if before is None:
        conn.execute(insert(drafts).values(**place._asdict(), **values))
    else:
        conn.execute(update(drafts).where(drafts.c.id == before.id).values(values))
    written = open_one(conn, place)
    assert written is not None
    return written


def end(conn: Connection, place: Place) -> None:
    """Put the open draft away; it can be opened again."""
    conn.execute(update(drafts).where(*_at(place), drafts.c.ended_at.is_(None)).values(ended_at=now()))
    query = select(drafts.c.id).where(*_at(place), drafts.c.ended_at.is_not(None))
    old = conn.execute(query.order_by(drafts.c.id.desc()).offset(_KEPT_AWAY)).scalars().all()
    conn.execute(delete(drafts).where(drafts.c.id.in_(listed(old))))


def reopen(conn: Connection, place: Place, draft_id: int) -> None:
    """Open one that was put away, in place of the one that is open, if any."""
    end(conn, place)
    conn.execute(
        update(drafts).where(*_at(place), drafts.c.id == draft_id).values(ended_at=None, revision=_revision(None))
    )


def drop(conn: Connection, draft: Kept) -> None:
    """Without a way back."""
    conn.execute(delete(drafts).where(drafts.c.id == draft.id))


def forget(conn: Connection, place: Place) -> None:
    """Nothing is left there: what was typed is saved."""
    conn.execute(delete(drafts).where(*_at(place)))


def _at(place: Place) -> list[Any]:
    return [getattr(drafts.c, name) == value for name, value in place._asdict().items()]


def _revision(before: Kept | None) -> int:
    """From the clock, so that no tab takes a later draft for the one it knew; higher than the one before."""
    return max(time.time_ns() // 1_000_000, before.revision + 1 if before else 0)


def _kept(row: Row[Any]) -> Kept:
    return Kept(row.id, json.loads(row.content), row.base, row.revision, row.updated_at)

"""Rows that one owner at a time carries out: each has an `owner`, and the time of its last heartbeat as its lease."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, select, update

from core.storage.engine import now
from core.storage.listed import listed


def any_of(conn: Connection, table: Table, which: ColumnElement[bool]) -> bool:
    return conn.execute(select(table.c.id).where(which).limit(1)).first() is not None


def claim(
    conn: Connection, table: Table, due: ColumnElement[bool], owner: str, lease_seconds: float, but: Collection[int]
) -> int | None:
    """Take the oldest row that is due and that nobody holds, or that a dead owner held; its id.

    Compare-and-set: one of two claimants gets it. `but` are those the caller itself carries out.
    """
    stamp = now()
    free = table.c.owner.is_(None) | (table.c.heartbeat_at < stamp - lease_seconds)
    free &= table.c.id.not_in(listed(but))
    oldest = select(table.c.id).where(due, free).order_by(table.c.id).limit(1).scalar_subquery()
    taken = update(table).where(table.c.id == oldest, free).values(owner=owner, heartbeat_at=stamp)
    row = conn.execute(taken.returning(table.c.id)).first()
    return None if row is None else int(row.id)


def beat(conn: Connection, table: Table, row_id: int, owner: str, is_wanted: ColumnElement[bool]) -> bool | None:
    """Renew the lease. True: go on. False: it is not wanted any more. None: the lease is lost."""
    mine = (table.c.id == row_id) & (table.c.owner == owner)
    renewed = update(table).where(mine).values(heartbeat_at=now()).returning(is_wanted.label("is_wanted"))
    row = conn.execute(renewed).first()
    return None if row is None else bool(row.is_wanted)


def record(conn: Connection, table: Table, row_id: int, held_by: str | None, values: Mapping[str, Any]) -> bool:
    """Write facts down; with `held_by` only while that owner holds the lease. False where nothing was written."""
    which = table.c.id == row_id
    if held_by is not None:
        which &= table.c.owner == held_by
    return conn.execute(update(table).where(which).values(**values)).rowcount == 1


def release(conn: Connection, table: Table, row_id: int, owner: str) -> None:
    """Give the lease back at once, so that whoever comes next need not wait for it to run out."""
    record(conn, table, row_id, owner, {"owner": None})

"""The user's hosts, what was found out about models, and the user's word that data may be sent somewhere."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from core.storage.engine import now, to_json
from core.storage.tables import consents, host_models, hosts


@dataclass(frozen=True)
class StoredHost:
    """A row of the user's. `base_url` "" stands for the address the host is found at. `config` is as it was saved."""

    key: str
    profile: str
    title: str
    base_url: str
    key_variable: str
    config: Mapping[str, Any]
    is_removed: bool = False


def list_all(conn: Connection) -> list[StoredHost]:
    """Removed ones too, the oldest first."""
    rows = conn.execute(select(hosts).order_by(hosts.c.created_at, hosts.c.key))
    return [
        StoredHost(
            row.key,
            row.profile,
            row.title,
            row.base_url,
            row.key_variable,
            json.loads(row.config),
            row.removed_at is not None,
        )
        for row in rows
    ]


def save(conn: Connection, host: StoredHost) -> None:
    """Add it, or change the one of this key."""
    values = {
        "profile": host.profile,
        "title": host.title,
        "base_url": host.base_url,
        "key_variable": host.key_variable,
        "config": to_json(dict(host.config)),
        "removed_at": now() if host.is_removed else None,
    }
    entry = upsert(hosts).values(key=host.key, created_at=now(), **values)
    conn.execute(entry.on_conflict_do_update(index_elements=["key"], set_=values))


def set_removed(conn: Connection, key: str, removed: bool) -> None:
    conn.execute(update(hosts).where(hosts.c.key == key).values(removed_at=now() if removed else None))


def allowed(conn: Connection) -> set[tuple[str, str]]:
    """`(host, base_url)` of every place the user said data may be sent to."""
    return {(host, base_url) for host, base_url in conn.execute(select(consents.c.host, consents.c.base_url))}


def allow(conn: Connection, key: str, base_url: str) -> None:
    conn.execute(upsert(consents).values(host=key, base_url=base_url, created_at=now()).on_conflict_do_nothing())


def disallow(conn: Connection, key: str) -> None:
    """For each address it ever had."""
    conn.execute(delete(consents).where(consents.c.host == key))


def manner(conn: Connection, host: str, model: str) -> str | None:
    """What was found out, as JSON; with `model` "" about the host as a whole."""
    query = select(host_models.c.manner).where(host_models.c.host == host, host_models.c.model == model)
    return conn.execute(query).scalar()


def remember(conn: Connection, host: str, model: str, manner: str | None) -> None:
    _put(conn, host, model, manner=manner)


def remember_shutdown(conn: Connection, host: str, dates: Mapping[str, str | None]) -> None:
    """When each of these models ends, as its host says; None where it says nothing any more."""
    for model, date in dates.items():
        _put(conn, host, model, shutdown_date=date)


def shutdown_dates(conn: Connection, host: str) -> dict[str, str]:
    """ISO dates by model, of those of which the host named one."""
    query = select(host_models.c.model, host_models.c.shutdown_date).where(
        host_models.c.host == host, host_models.c.shutdown_date.is_not(None)
    )
    return {model: date for model, date in conn.execute(query)}


def forget_manners(conn: Connection, host: str) -> None:
    """What was found out does not hold any more: the host is another one now."""
    conn.execute(update(host_models).where(host_models.c.host == host).values(manner=None))


def _put(conn: Connection, host: str, model: str, **values: str | None) -> None:
    entry = upsert(host_models).values(host=host, model=model, known_at=now(), **values)
    conn.execute(entry.on_conflict_do_update(index_elements=["host", "model"], set_={"known_at": now(), **values}))

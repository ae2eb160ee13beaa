"""Files of items that are fetched from addresses: who asked, what waits, what came, what could not be had."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, insert, select, update

from core.model import TEXT_FIELD, Fetch, FetchStatus
from core.storage import held
from core.storage.engine import moment, moment_or_none, now, to_json
from core.storage.homes import HOME, home_of
from core.storage.tables import fetches

_LIVE = (FetchStatus.QUEUED, FetchStatus.RUNNING)
_HELD = "(SELECT f.value FROM json_each(i.files) f WHERE f.key = :field)"
_REFUSED = "EXISTS (SELECT 1 FROM fetch_errors e WHERE e.item_id = i.id AND e.source = :source)"


class Refused(NamedTuple):
    """Why the file of an item is not there. `row` is its place in the project, from 1; `leads_to` the host that was not
    agreed to."""

    row: int
    item_id: int
    address: str
    message: str
    leads_to: str


def _fetch(row: Row[Any]) -> Fetch:
    return Fetch(
        row.id,
        row.project_id,
        row.source,
        row.field,
        tuple(json.loads(row.hosts)),
        FetchStatus(row.status),
        moment(row.created_at),
        row.message,
        row.total,
        row.fetched,
        row.refused,
        row.bytes,
        moment_or_none(row.started_at),
        moment_or_none(row.finished_at),
    )


# addresses


def addresses(conn: Connection, project_id: int, source: str) -> Iterator[tuple[int, str]]:
    """`(item id, what its field says)` of all items where it says anything, in order of import."""
    yield from _said(conn, project_id, source, "")


def waiting(conn: Connection, project_id: int, source: str, field: str) -> Iterator[tuple[int, str]]:
    """Those of them whose file is neither there nor refused."""
    yield from _said(conn, project_id, source, f" AND COALESCE({_HELD}, '') = '' AND NOT {_REFUSED}", field)


def _said(conn: Connection, project_id: int, source: str, where: str, field: str = "") -> Iterator[tuple[int, str]]:
    said = _column(source)
    query = f"SELECT i.id, {said} AS said FROM items i WHERE i.project_id = :home AND said <> ''{where} ORDER BY i.id"
    bound = {"home": home_of(conn, project_id), "source": source, "field": field}
    return ((row[0], row[1]) for row in conn.exec_driver_sql(query, bound))


def _column(source: str) -> str:
    return "i.text" if source == TEXT_FIELD else "(SELECT s.value FROM json_each(i.fields) s WHERE s.key = :source)"


# what came


def make_room(conn: Connection, project_id: int, field: str) -> None:
    """Every item has the field, "" where it has nothing in it."""
    conn.exec_driver_sql(
        f"UPDATE items AS i SET files = json_patch(COALESCE(files, '{{}}'), :patch)"
        f" WHERE i.project_id = :home AND {_HELD} IS NULL",
        {"patch": to_json({field: ""}), "home": home_of(conn, project_id), "field": field},
    )


def store(conn: Connection, field: str, came: Iterable[tuple[str, int]]) -> None:
    """`(reference, item id)` of files that are there now."""
    rows = [(to_json({field: reference}), item_id) for reference, item_id in came]
    conn.connection.driver_connection.executemany(  # type: ignore[union-attr]
        "UPDATE items SET files = json_patch(COALESCE(files, '{}'), ?) WHERE id = ?", rows
    )


def refuse(conn: Connection, source: str, why: Iterable[tuple[int, str, str]]) -> None:
    """`(item id, sentence, host it leads to)` of files that could not be had."""
    conn.connection.driver_connection.executemany(  # type: ignore[union-attr]
        "INSERT OR REPLACE INTO fetch_errors (item_id, source, message, leads_to) SELECT id, ?2, ?3, ?4 FROM items"
        " WHERE id = ?1",
        [(item_id, source, message, leads_to) for item_id, message, leads_to in why],
    )


def forget_refused(conn: Connection, project_id: int, source: str) -> None:
    """They wait again."""
    conn.exec_driver_sql(
        f"DELETE FROM fetch_errors WHERE source = ? AND item_id IN (SELECT id FROM items WHERE project_id = {HOME})",
        (source, project_id),
    )


def refused(conn: Connection, project_id: int, source: str, limit: int) -> list[Refused]:
    """The first ones, in order of import."""
    said = _column(source)
    query = (
        "WITH placed AS (SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS place FROM items WHERE project_id = :home)"
        f" SELECT p.place, i.id, {said}, e.message, e.leads_to FROM placed p JOIN items i ON i.id = p.id"
        " JOIN fetch_errors e ON e.item_id = i.id AND e.source = :source ORDER BY i.id LIMIT :limit"
    )
    rows = conn.exec_driver_sql(query, {"source": source, "home": home_of(conn, project_id), "limit": limit})
    return [Refused(*row) for row in rows]


class Standing(NamedTuple):
    """How many items have an address, the file, or a sentence why not; and the hosts, with how many of these, that
    addresses lead to and nobody agreed to."""

    addresses: int
    there: int
    refused: int
    leads_to: dict[str, int]


def standing(conn: Connection, project_id: int, source: str, field: str) -> Standing:
    said = _column(source)
    bound = {"home": home_of(conn, project_id), "source": source, "field": field}
    query = (
        f"SELECT COUNT(NULLIF({said}, '')), COUNT(NULLIF({_HELD}, '')), SUM({_REFUSED}) FROM items i"
        " WHERE i.project_id = :home"
    )
    all_, there, gone = conn.exec_driver_sql(query, bound).one()
    onward = conn.exec_driver_sql(
        "SELECT e.leads_to, COUNT(*) FROM fetch_errors e JOIN items i ON i.id = e.item_id"
        " WHERE i.project_id = :home AND e.source = :source AND e.leads_to <> '' GROUP BY 1 ORDER BY 2 DESC, 1",
        bound,
    )
    return Standing(all_, there, gone or 0, {row[0]: row[1] for row in onward})


# who asked


def create(conn: Connection, project_id: int, source: str, field: str, hosts: Sequence[str]) -> int:
    values = {"source": source, "field": field, "hosts": to_json(list(hosts)), "status": FetchStatus.QUEUED}
    result = conn.execute(insert(fetches).values(project_id=project_id, created_at=now(), **values))
    return int(result.inserted_primary_key[0])  # type: ignore[index]


def get(conn: Connection, fetch_id: int) -> Fetch | None:
    row = conn.execute(select(fetches).where(fetches.c.id == fetch_id)).first()
    return None if row is None else _fetch(row)


def of_project(conn: Connection, project_id: int) -> list[Fetch]:
    """Newest first."""
    query = select(fetches).where(fetches.c.project_id == home_of(conn, project_id)).order_by(fetches.c.id.desc())
    return [_fetch(row) for row in conn.execute(query)]


def any_live(conn: Connection) -> bool:
    return held.any_of(conn, fetches, fetches.c.status.in_(_LIVE))


def claim(conn: Connection, owner: str, lease_seconds: float, but: Collection[int] = ()) -> Fetch | None:
    """Take one that nobody holds, see `held.claim`."""
    found = held.claim(conn, fetches, fetches.c.status.in_(_LIVE), owner, lease_seconds, but)
    return None if found is None else get(conn, found)


def beat(conn: Connection, fetch_id: int, owner: str) -> bool | None:
    """As `held.beat`: False where the user asked to cancel."""
    return held.beat(conn, fetches, fetch_id, owner, ~fetches.c.cancel_requested)


def record(conn: Connection, fetch_id: int, held_by: str, **values: Any) -> bool:
    """Write facts down, as long as that owner holds the lease; False where nothing was written."""
    return held.record(conn, fetches, fetch_id, held_by, values)


def count_up(conn: Connection, fetch_id: int, *, fetched: int, refused: int, n_bytes: int) -> None:
    more = {"fetched": fetches.c.fetched + fetched, "refused": fetches.c.refused + refused}
    conn.execute(update(fetches).where(fetches.c.id == fetch_id).values(bytes=fetches.c.bytes + n_bytes, **more))


def request_cancel(conn: Connection, fetch_id: int) -> None:
    """One that nobody has begun ends at once."""
    which = fetches.c.id == fetch_id
    conn.execute(update(fetches).where(which, fetches.c.status.in_(_LIVE)).values(cancel_requested=True))
    ended = {"status": FetchStatus.CANCELLED, "finished_at": now()}
    waits = which & (fetches.c.status == FetchStatus.QUEUED) & fetches.c.owner.is_(None)
    conn.execute(update(fetches).where(waits).values(**ended))


def request_cancel_of_all(conn: Connection, project_id: int) -> int:
    """Cancel whatever is live of the project's own items; gives how many."""
    live = [one.id for one in of_project(conn, project_id) if one.status.is_live and one.project_id == project_id]
    for one in live:
        request_cancel(conn, one)
    return len(live)

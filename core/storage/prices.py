"""The user's prices: typed for a host, or imported for a kind of host."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert

from core.model import Price
from core.storage import facts
from core.storage.engine import Connection, now
from core.storage.tables import annotators, prices

_STAMP = "prices_stamp"


@dataclass(frozen=True)
class StoredPrice:
    """`place` is the key of a host, `profile:<key>` for a kind of host, or "" for any; the date is ISO or ""."""

    place: str
    model: str
    price: Price
    retirement_date: str = ""


def list_all(conn: Connection) -> list[StoredPrice]:
    rows = conn.execute(select(prices).order_by(prices.c.host, prices.c.model))
    return [
        StoredPrice(
            row.host,
            row.model,
            Price(row.input, row.output, row.cached_input, row.batch_factor, row.training, row.source),
            row.retirement_date or "",
        )
        for row in rows
    ]


def put(conn: Connection, rows: Iterable[StoredPrice]) -> None:
    """Add them, in place of those for the same model at the same place."""
    values = [
        {
            "host": row.place,
            "model": row.model,
            "input": row.price.input,
            "cached_input": row.price.cached_input,
            "output": row.price.output,
            "training": row.price.training,
            "batch_factor": row.price.batch_factor,
            "retirement_date": row.retirement_date or None,
            "source": row.price.source,
            "created_at": now(),
        }
        for row in rows
    ]
    if values:
        entry = insert(prices)
        taken = {name: entry.excluded[name] for name in values[0] if name not in ("host", "model")}
        conn.execute(entry.on_conflict_do_update(index_elements=["host", "model"], set_=taken), values)
    _changed(conn)


def remove(conn: Connection, keys: Iterable[tuple[str, str]]) -> None:
    """By place and model; those that are not there are no mistake."""
    wanted = [{"of_host": host, "of_model": model} for host, model in keys]
    if wanted:
        this = (prices.c.host == bindparam("of_host")) & (prices.c.model == bindparam("of_model"))
        conn.execute(delete(prices).where(this), wanted)
    _changed(conn)


def models_in_use(conn: Connection) -> set[tuple[str, str]]:
    """Host and model of every model that ever labelled in any project."""
    query = select(annotators.c.host, annotators.c.model).where(
        annotators.c.host.is_not(None), annotators.c.model.is_not(None)
    )
    return {(host, model) for host, model in conn.execute(query.distinct())}


def stamp(conn: Connection) -> str:
    """Changes whenever a price does, whichever process changed it."""
    return facts.get(conn, _STAMP) or ""


def _changed(conn: Connection) -> None:
    facts.put(conn, _STAMP, str(int(stamp(conn) or 0) + 1))

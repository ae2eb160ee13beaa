"""Single values of the whole workbench, by name."""

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from core.storage.engine import Connection
from core.storage.tables import facts


def get(conn: Connection, name: str) -> str | None:
    """The value; None where nothing was ever put under this name."""
    value: str | None = conn.execute(select(facts.c.value).where(facts.c.name == name)).scalar()
    return value


def put(conn: Connection, name: str, value: str) -> None:
    """Sets the value, in place of an earlier one."""
    put_anew = insert(facts).values(name=name, value=value)
    conn.execute(put_anew.on_conflict_do_update(index_elements=[facts.c.name], set_={"value": value}))

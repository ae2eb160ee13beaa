"""Looks at the test split, by what was shown and how it stood then."""

from sqlalchemy import Connection, func, insert, select

from core.storage.engine import now
from core.storage.tables import looks


def was_asked(conn: Connection, project_id: int, question: str) -> bool:
    """Whether this was ever asked, so that showing the same figures again need not count."""
    query = select(looks.c.id).where(looks.c.project_id == project_id, looks.c.question == question).limit(1)
    return conn.execute(query).first() is not None


def asked(conn: Connection, project_id: int) -> list[str]:
    """Every question, in the order they were first asked."""
    query = select(looks.c.question).where(looks.c.project_id == project_id).order_by(looks.c.id)
    return list(conn.execute(query).scalars())


def add_look(conn: Connection, project_id: int, question: str, *, worth: int = 1) -> None:
    """Note what was asked; `worth` says as how many looks it counts."""
    conn.execute(insert(looks).values(project_id=project_id, question=question, created_at=now(), worth=worth))


def look_count(conn: Connection, project_id: int, *, since: float = 0.0) -> int:
    """How many looks there were, or how many since then."""
    query = select(func.coalesce(func.sum(looks.c.worth), 0))
    return int(conn.execute(query.where(looks.c.project_id == project_id, looks.c.created_at >= since)).scalar_one())

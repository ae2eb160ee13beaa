"""Looks at the test split, counted by the question asked."""

from sqlalchemy import Connection, func, insert, select

from core.storage.engine import now
from core.storage.tables import looks


def was_asked(conn: Connection, project_id: int, question: str) -> bool:
    """Whether this was ever asked, so that showing the same figures again need not count."""
    query = select(looks.c.id).where(looks.c.project_id == project_id, looks.c.question == question).limit(1)
    return conn.execute(query).first() is not None


def turn(conn: Connection, project_id: int, beginning: str, question: str) -> int:
    """Which of the questions that begin so this one was, counted from 1 in the order they were first asked.

    One that was not asked yet would be the next.
    """
    query = select(looks.c.question).where(looks.c.project_id == project_id).order_by(looks.c.id)
    asked = [one for one in conn.execute(query).scalars() if one.startswith(beginning)]
    return asked.index(question) + 1 if question in asked else len(asked) + 1


def add_look(conn: Connection, project_id: int, question: str) -> None:
    conn.execute(insert(looks).values(project_id=project_id, question=question, created_at=now()))


def look_count(conn: Connection, project_id: int, *, since: float = 0.0) -> int:
    """How many looks there were, or how many since then."""
    query = select(func.coalesce(func.sum(looks.c.worth), 0))
    return int(conn.execute(query.where(looks.c.project_id == project_id, looks.c.created_at >= since)).scalar_one())

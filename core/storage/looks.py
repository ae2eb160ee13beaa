"""Looks at the test split, counted by the question asked."""

from sqlalchemy import Connection, func, insert, select

from core.storage.engine import now
from core.storage.tables import looks


def was_asked(conn: Connection, project_id: int, question: str) -> bool:
    """Whether this was ever asked, so that showing the same figures again need not count."""
    query = select(looks.c.id).where(looks.c.project_id == project_id, looks.c.question == question).limit(1)
    return conn.execute(query).first() is not None


def add_look(conn: Connection, project_id: int, question: str) -> None:
    conn.execute(insert(looks).values(project_id=project_id, question=question, created_at=now()))


def look_count(conn: Connection, project_id: int) -> int:
    query = select(func.count()).select_from(looks).where(looks.c.project_id == project_id)
    return int(conn.execute(query).scalar_one())

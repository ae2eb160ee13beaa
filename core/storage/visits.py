"""Pages whose figures a project has shown."""

from sqlalchemy import Connection, insert, select

from core.storage.engine import now
from core.storage.tables import visits


def visited(conn: Connection, project_id: int) -> set[str]:
    """The pages whose figures were shown."""
    return set(conn.execute(select(visits.c.page).where(visits.c.project_id == project_id)).scalars())


def add_visit(conn: Connection, project_id: int, page: str) -> None:
    """Once; again it changes nothing."""
    values = {"project_id": project_id, "page": page, "created_at": now()}
    conn.execute(insert(visits).prefix_with("OR IGNORE").values(**values))

"""Pages whose figures a project has shown."""

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from core.storage.engine import now
from core.storage.tables import visits


def visited(conn: Connection, project_id: int) -> dict[str, float]:
    """The pages whose figures were shown, and when last."""
    query = select(visits.c.page, visits.c.created_at).where(visits.c.project_id == project_id)
    return {page: moment for page, moment in conn.execute(query)}


def add_visit(conn: Connection, project_id: int, page: str) -> None:
    """Of each page the last one is kept."""
    moment = now()
    query = insert(visits).values(project_id=project_id, page=page, created_at=moment)
    conn.execute(query.on_conflict_do_update(index_elements=["project_id", "page"], set_={"created_at": moment}))

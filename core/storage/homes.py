"""Whose items a project asks about: its own, or those of the project that it asks a further question beside."""

from sqlalchemy import ColumnElement, Connection, func, select

from core.storage.tables import items, projects

HOME = "(SELECT COALESCE(home_id, id) FROM projects WHERE id = ?)"
"""The project that holds the items, splits and deals of the one whose id is bound; NULL where there is none."""


def home_of(conn: Connection, project_id: int) -> int:
    """The project that holds the items; the same id for one that does not exist."""
    return int(conn.exec_driver_sql(f"SELECT COALESCE({HOME}, ?)", (project_id, project_id)).scalar_one())


def are_of(project_id: int) -> ColumnElement[bool]:
    """The condition that items are those a project asks about."""
    home = select(func.coalesce(projects.c.home_id, projects.c.id)).where(projects.c.id == project_id)
    return items.c.project_id == home.scalar_subquery()


def beside(conn: Connection, project_id: int) -> list[int]:
    """The projects that ask about the same items, the one that holds them first, removed questions left out."""
    rows = conn.exec_driver_sql(
        f"SELECT id FROM projects WHERE id = {HOME} OR (home_id = {HOME} AND archived_at IS NULL) ORDER BY id",
        (project_id, project_id),
    )
    return [row[0] for row in rows]

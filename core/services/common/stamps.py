"""When something computed from annotations has to be computed anew."""

from collections.abc import Sequence

from core.storage import annotations, projects
from core.storage.engine import Connection


def stamp(conn: Connection, project_id: int, annotator_ids: Sequence[int] | None = None) -> str:
    """Changes whenever one of these annotators (anybody by default) says something new or the items are dealt anew."""
    newest = annotations.newest_of_all(conn) if annotator_ids is None else annotations.newest_id(conn, annotator_ids)
    return f"{newest} {(projects.split_config(conn, project_id) or {}).get('dealt')}"

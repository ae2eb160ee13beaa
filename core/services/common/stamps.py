"""When something computed from annotations has to be computed anew."""

from collections.abc import Sequence

from core.storage import annotations, conditions, projects
from core.storage.engine import Connection


def stamp(conn: Connection, project_id: int, annotator_ids: Sequence[int] | None = None) -> str:
    """Changes whenever one of these annotators (anybody by default) says something new or the items are dealt anew; of
    a question that hangs on another also whenever anybody answers that, or it hangs on something else."""
    if links := conditions.chain(conn, project_id):
        return f"{_stamp(conn, project_id, None)} {[(one.on, conditions.holds(conn, one)) for one in links]}"
    return _stamp(conn, project_id, annotator_ids)


def _stamp(conn: Connection, project_id: int, annotator_ids: Sequence[int] | None) -> str:
    newest = annotations.newest_of_all(conn) if annotator_ids is None else annotations.newest_id(conn, annotator_ids)
    return f"{newest} {(projects.split_config(conn, project_id) or {}).get('dealt')}"

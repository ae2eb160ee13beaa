"""Which models the projects stand on: those that were asked, and those that were made by a fine-tune."""

from typing import NamedTuple

from sqlalchemy import Connection


class ModelInUse(NamedTuple):
    """`base` is what a tuned model was made from, "" for any other."""

    host: str
    model: str
    project_id: int
    base: str


def models(conn: Connection) -> list[ModelInUse]:
    """Of the projects that are not removed, each model once a project."""
    rows = conn.exec_driver_sql(
        "SELECT m.host, m.model, m.project_id, MAX(m.base) FROM ("
        " SELECT host, model, project_id, '' AS base FROM annotators"
        " WHERE kind = 'model' AND host <> '' AND model <> ''"
        " UNION ALL SELECT host, fine_tuned_model, project_id, base_model FROM fine_tunes"
        " WHERE status = 'succeeded' AND fine_tuned_model <> '') m"
        " JOIN projects p ON p.id = m.project_id LEFT JOIN projects h ON h.id = p.home_id"
        " WHERE p.archived_at IS NULL AND h.archived_at IS NULL GROUP BY m.host, m.model, m.project_id ORDER BY 1, 2, 3"
    )
    return [ModelInUse(*row) for row in rows]

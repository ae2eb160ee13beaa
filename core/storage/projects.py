"""Projects, their splits and their counts."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from core.model import AnnotatorKind, Project, Task
from core.storage import tasks, values
from core.storage.engine import moment, now, to_json
from core.storage.tables import annotators, items, projects


def _project(row: Row[Any]) -> Project:
    return Project(row.id, row.name, moment(row.created_at), row.is_demo, row.split_seed, row.reference_id)


def create(conn: Connection, name: str, task: Task, *, is_demo: bool = False, source: Mapping[str, Any]) -> int:
    result = conn.execute(
        insert(projects).values(
            name=name,
            created_at=now(),
            is_demo=is_demo,
            guidelines=task.guidelines,
            source=to_json(source),
        )
    )
    project_id = int(result.inserted_primary_key[0])  # type: ignore[index]
    values.add_question(conn, project_id, task.type, task.options)
    for position, label in enumerate(task.choices):
        tasks.insert_label(conn, project_id, label, position)
    return project_id


def get(conn: Connection, project_id: int) -> Project | None:
    row = conn.execute(select(projects).where(projects.c.id == project_id)).first()
    return None if row is None else _project(row)


def is_open(conn: Connection, project_id: int) -> bool:
    """Whether there is such a project and nobody removed it."""
    row = conn.exec_driver_sql("SELECT 1 FROM projects WHERE id = ? AND archived_at IS NULL", (project_id,)).first()
    return row is not None


def by_name(conn: Connection, name: str) -> Project | None:
    """Whatever the case of the letters. Compared here, because SQLite's lower() knows ASCII only."""
    return next((one for one in list_all(conn) if one.name.casefold() == name.casefold()), None)


def list_all(conn: Connection) -> list[Project]:
    """Every project that is not archived, newest first."""
    query = select(projects).where(projects.c.archived_at.is_(None)).order_by(projects.c.id.desc())
    return [_project(row) for row in conn.execute(query)]


def last_activity(conn: Connection, project_id: int) -> datetime:
    """When somebody last began something here or decided on an item; what runs by itself counts from its start."""
    found = conn.exec_driver_sql(
        "SELECT MAX(at) FROM (SELECT created_at AS at FROM projects WHERE id = :project"
        " UNION ALL SELECT MAX(created_at) FROM prompt_versions WHERE project_id = :project"
        " UNION ALL SELECT MAX(created_at) FROM runs WHERE project_id = :project"
        " UNION ALL SELECT MAX(created_at) FROM fine_tunes WHERE project_id = :project"
        " UNION ALL SELECT MAX(n.created_at) FROM annotators a JOIN current c ON c.annotator_id = a.id"
        " JOIN annotations n ON n.id = c.annotation_id WHERE a.project_id = :project AND a.kind = :person)",
        {"project": project_id, "person": str(AnnotatorKind.PERSON)},
    )
    return moment(found.scalar_one())


def list_archived(conn: Connection) -> list[Project]:
    """Those taken off the list, the last one removed first."""
    query = select(projects).where(projects.c.archived_at.is_not(None))
    return [_project(row) for row in conn.execute(query.order_by(projects.c.archived_at.desc(), projects.c.id.desc()))]


def set_archived(conn: Connection, project_id: int, archived: bool) -> None:
    conn.execute(update(projects).where(projects.c.id == project_id).values(archived_at=now() if archived else None))


def set_name(conn: Connection, project_id: int, name: str) -> None:
    conn.execute(update(projects).where(projects.c.id == project_id).values(name=name))


def set_reference(conn: Connection, project_id: int, annotator_id: int | None) -> None:
    conn.execute(update(projects).where(projects.c.id == project_id).values(reference_id=annotator_id))


def set_split(conn: Connection, project_id: int, seed: int, config: Mapping[str, Any]) -> None:
    conn.execute(
        update(projects).where(projects.c.id == project_id).values(split_seed=seed, split_config=to_json(config))
    )


def split_config(conn: Connection, project_id: int) -> dict[str, Any] | None:
    text = conn.execute(select(projects.c.split_config).where(projects.c.id == project_id)).scalar()
    return None if text is None else json.loads(text)


def source(conn: Connection, project_id: int) -> dict[str, Any]:
    text = conn.execute(select(projects.c.source).where(projects.c.id == project_id)).scalar()
    return json.loads(text) if text else {}


def counts(conn: Connection, project_id: int) -> dict[str, int]:
    """Items, and annotators by kind."""
    total = conn.execute(select(func.count()).select_from(items).where(items.c.project_id == project_id)).scalar_one()
    kinds = conn.execute(
        select(annotators.c.kind, func.count()).where(annotators.c.project_id == project_id).group_by(annotators.c.kind)
    )
    return {"items": total, **{kind: count for kind, count in kinds}}

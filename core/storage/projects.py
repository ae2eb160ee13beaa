"""Projects, their splits and their counts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, case, func, insert, select, update

from core.model import AnnotatorKind, FieldLayout, FieldShow, Project, Task
from core.storage import tasks, values
from core.storage.engine import moment, now, to_json
from core.storage.homes import are_of, beside, home_of
from core.storage.tables import annotators, items, projects

_homes = projects.alias("homes")
_PROJECTS: Select[Any] = select(
    projects.c.id,
    projects.c.name,
    projects.c.created_at,
    projects.c.is_demo,
    func.coalesce(_homes.c.split_seed, projects.c.split_seed).label("split_seed"),
    projects.c.reference_id,
    projects.c.home_id,
    projects.c.question,
    _homes.c.name.label("home"),
    case((projects.c.home_id.is_(None), projects.c.layout), else_=_homes.c.layout).label("layout"),
).select_from(projects.outerjoin(_homes, _homes.c.id == projects.c.home_id))
"""A further question is called after its home, and dealt and shown as that is."""


def _project(row: Row[Any]) -> Project:
    name = row.name if row.home is None else f"{row.home} · {row.question}"
    return Project(
        row.id,
        name,
        moment(row.created_at),
        row.is_demo,
        row.split_seed,
        row.reference_id,
        row.home_id,
        row.question,
        _layout(row.layout),
    )


def _layout(text: str | None) -> tuple[FieldLayout, ...]:
    entries = json.loads(text) if text else ()
    return tuple(FieldLayout(**{**one, "show": FieldShow(one["show"])}) for one in entries)


def create(
    conn: Connection,
    name: str,
    task: Task,
    *,
    is_demo: bool = False,
    source: Mapping[str, Any],
    home_id: int | None = None,
) -> int:
    """With `home_id` a further question of that name about the items of another."""
    result = conn.execute(
        insert(projects).values(
            name=name,
            created_at=now(),
            is_demo=is_demo,
            guidelines=task.guidelines,
            source=to_json(source),
            home_id=home_id,
            question="" if home_id is None else name,
        )
    )
    project_id = int(result.inserted_primary_key[0])  # type: ignore[index]
    values.add_question(conn, project_id, task.type, task.options)
    for position, label in enumerate(task.choices):
        tasks.insert_label(conn, project_id, label, position)
    return project_id


def get(conn: Connection, project_id: int) -> Project | None:
    row = conn.execute(_PROJECTS.where(projects.c.id == project_id)).first()
    return None if row is None else _project(row)


def is_open(conn: Connection, project_id: int) -> bool:
    """Whether there is such a project and nobody removed it."""
    row = conn.exec_driver_sql(
        "SELECT 1 FROM projects p LEFT JOIN projects h ON h.id = p.home_id"
        " WHERE p.id = ? AND p.archived_at IS NULL AND h.archived_at IS NULL",
        (project_id,),
    ).first()
    return row is not None


def by_name(conn: Connection, name: str) -> Project | None:
    """Whatever the case of the letters. Compared here, because SQLite's lower() knows ASCII only."""
    return next((one for one in list_all(conn) if one.name.casefold() == name.casefold()), None)


def list_all(conn: Connection) -> list[Project]:
    """Every project that is not archived, newest first; of several questions about the same items the first."""
    query = _PROJECTS.where(projects.c.archived_at.is_(None), projects.c.home_id.is_(None))
    return [_project(row) for row in conn.execute(query.order_by(projects.c.id.desc()))]


def questions(conn: Connection, project_id: int) -> list[Project]:
    """What is asked about the items of a project, itself among them, in the order they were added."""
    return [one for one in (get(conn, each) for each in beside(conn, project_id)) if one is not None]


def set_question(conn: Connection, project_id: int, question: str) -> None:
    conn.execute(update(projects).where(projects.c.id == project_id).values(question=question))


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
    query = _PROJECTS.where(projects.c.archived_at.is_not(None))
    return [_project(row) for row in conn.execute(query.order_by(projects.c.archived_at.desc(), projects.c.id.desc()))]


def set_archived(conn: Connection, project_id: int, archived: bool) -> None:
    conn.execute(update(projects).where(projects.c.id == project_id).values(archived_at=now() if archived else None))


def set_name(conn: Connection, project_id: int, name: str) -> None:
    conn.execute(update(projects).where(projects.c.id == project_id).values(name=name))


def set_reference(conn: Connection, project_id: int, annotator_id: int | None) -> None:
    conn.execute(update(projects).where(projects.c.id == project_id).values(reference_id=annotator_id))


def set_split(conn: Connection, project_id: int, seed: int, config: Mapping[str, Any]) -> None:
    conn.execute(
        update(projects)
        .where(projects.c.id == home_of(conn, project_id))
        .values(split_seed=seed, split_config=to_json(config))
    )


def set_layout(conn: Connection, project_id: int, layout: Sequence[FieldLayout]) -> None:
    told = to_json([asdict(one) for one in layout]) if layout else None
    conn.execute(update(projects).where(projects.c.id == home_of(conn, project_id)).values(layout=told))


def split_config(conn: Connection, project_id: int) -> dict[str, Any] | None:
    home_id = home_of(conn, project_id)
    text = conn.execute(select(projects.c.split_config).where(projects.c.id == home_id)).scalar()
    return None if text is None else json.loads(text)


def source(conn: Connection, project_id: int) -> dict[str, Any]:
    home_id = home_of(conn, project_id)
    text = conn.execute(select(projects.c.source).where(projects.c.id == home_id)).scalar()
    return json.loads(text) if text else {}


def counts(conn: Connection, project_id: int) -> dict[str, int]:
    """Items, and annotators by kind."""
    total = conn.execute(select(func.count()).select_from(items).where(are_of(project_id))).scalar_one()
    kinds = conn.execute(
        select(annotators.c.kind, func.count()).where(annotators.c.project_id == project_id).group_by(annotators.c.kind)
    )
    return {"items": total, **{kind: count for kind, count in kinds}}

"""Projects and their tasks (labels, guidelines)."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from core.model import Label, Project, Task, TaskType
from core.storage.engine import moment, now, to_json
from core.storage.tables import annotators, items, labels, projects, visits


def _project(row: Row[Any]) -> Project:
    return Project(row.id, row.name, moment(row.created_at), row.is_demo, row.split_seed, row.reference_id)


def create(conn: Connection, name: str, task: Task, *, is_demo: bool = False, source: Mapping[str, Any]) -> int:
    result = conn.execute(
        insert(projects).values(
            name=name,
            created_at=now(),
            is_demo=is_demo,
            task_type=task.type,
            guidelines=task.guidelines,
            source=to_json(source),
        )
    )
    project_id = int(result.inserted_primary_key[0])  # type: ignore[index]
    for position, label in enumerate(task.choices):
        insert_label(conn, project_id, label, position)
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


# labels and guidelines


def insert_label(conn: Connection, project_id: int, label: Label, position: int) -> int:
    result = conn.execute(insert(labels).values(project_id=project_id, position=position, **_label_values(label)))
    return int(result.inserted_primary_key[0])  # type: ignore[index]


def update_label(conn: Connection, label: Label, position: int) -> None:
    conn.execute(
        update(labels)
        .where(labels.c.id == label.id)
        .values(position=position, archived_at=None, merged_into=None, **_label_values(label))
    )


def archive_label(conn: Connection, label_id: int, *, merged_into: int | None = None) -> None:
    conn.execute(update(labels).where(labels.c.id == label_id).values(archived_at=now(), merged_into=merged_into))


def successors(conn: Connection, project_id: int) -> dict[int, int | None]:
    """For each archived label the present one that merges have led to; None where it was removed without one."""
    query = select(labels.c.id, labels.c.merged_into, labels.c.archived_at).where(labels.c.project_id == project_id)
    merged = {row.id: row.merged_into for row in conn.execute(query) if row.archived_at is not None}

    def present(label_id: int) -> int | None:
        after: int | None = label_id
        for _ in merged:  # no merge leads further than through all of them
            after = merged.get(after, after) if after is not None else None
        return None if after in merged else after

    return {label_id: present(label_id) for label_id in merged}


def restore_label(conn: Connection, label: Label) -> None:
    """Back to its place among the others, with the key given."""
    back = {"archived_at": None, "merged_into": None, "key": label.key}
    conn.execute(update(labels).where(labels.c.id == label.id).values(back))


def _label_values(label: Label) -> dict[str, Any]:
    return {
        "name": label.name,
        "description": label.description,
        "color": label.color,
        "key": label.key,
        "is_fallback": label.is_fallback,
    }


def _label(row: Row[Any]) -> Label:
    return Label(row.name, row.description, row.color, row.key, row.id, row.is_fallback)


def task(conn: Connection, project_id: int) -> Task:
    row = conn.execute(select(projects.c.task_type, projects.c.guidelines).where(projects.c.id == project_id)).one()
    everything = all_labels(conn, project_id)
    fallback = next(label for label in everything if label.is_fallback)
    chosen = tuple(label for label in everything if not label.is_fallback)
    return Task(chosen, fallback, row.guidelines, TaskType(row.task_type))


def all_labels(conn: Connection, project_id: int) -> list[Label]:
    query = select(labels).where(labels.c.project_id == project_id, labels.c.archived_at.is_(None))
    return [_label(row) for row in conn.execute(query.order_by(labels.c.is_fallback, labels.c.position))]


def archived_labels(conn: Connection, project_id: int) -> list[Label]:
    """Labels taken out of the task, the newest first."""
    query = select(labels).where(labels.c.project_id == project_id, labels.c.archived_at.is_not(None))
    return [_label(row) for row in conn.execute(query.order_by(labels.c.archived_at.desc(), labels.c.id))]


def label_names(conn: Connection, project_id: int) -> dict[int, str]:
    """Name by id, archived labels included, since old annotations still point at them."""
    query = select(labels.c.id, labels.c.name).where(labels.c.project_id == project_id)
    return {row.id: row.name for row in conn.execute(query)}


def set_guidelines(conn: Connection, project_id: int, guidelines: str) -> None:
    conn.execute(update(projects).where(projects.c.id == project_id).values(guidelines=guidelines))


# visits


def visited(conn: Connection, project_id: int) -> set[str]:
    """The pages whose figures were shown."""
    return set(conn.execute(select(visits.c.page).where(visits.c.project_id == project_id)).scalars())


def add_visit(conn: Connection, project_id: int, page: str) -> None:
    """Once; again it changes nothing."""
    values = {"project_id": project_id, "page": page, "created_at": now()}
    conn.execute(insert(visits).prefix_with("OR IGNORE").values(**values))

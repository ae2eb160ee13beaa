"""A project's task: its labels, those taken out of it, and the guidelines."""

from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from core.model import Label, Options, Task
from core.storage import values
from core.storage.engine import now
from core.storage.tables import labels, projects


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
        "score": label.score,
    }


def _label(row: Row[Any]) -> Label:
    return Label(row.name, row.description, row.color, row.key, row.id, row.is_fallback, row.score)


def task(conn: Connection, project_id: int) -> Task:
    guidelines = conn.execute(select(projects.c.guidelines).where(projects.c.id == project_id)).scalar_one()
    everything = all_labels(conn, project_id)
    fallback = next(label for label in everything if label.is_fallback)
    chosen = tuple(label for label in everything if not label.is_fallback)
    question = values.question_of(conn, project_id)
    return Task(chosen, fallback, guidelines, question.kind, question.options)


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


def set_options(conn: Connection, project_id: int, options: Options) -> None:
    values.set_options(conn, project_id, options)


def set_guidelines(conn: Connection, project_id: int, guidelines: str) -> None:
    conn.execute(update(projects).where(projects.c.id == project_id).values(guidelines=guidelines))

"""Uploads: what came in together, and taking it away again."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from core.model import Split, Upload
from core.storage.engine import moment, now, to_json
from core.storage.homes import HOME
from core.storage.tables import items, uploads

_OF_HOME = f"(SELECT id FROM projects WHERE id = {HOME} OR home_id = {HOME})"
_JOINED = "(SELECT item_id FROM annotations WHERE id BETWEEN :first_annotation AND :last_annotation)"
_TOUCHED = f"(i.id BETWEEN :first_item AND :last_item OR i.id IN {_JOINED})"


def add(
    conn: Connection,
    project_id: int,
    name: str,
    new: range,
    first_annotation: int,
    *,
    content_hash: str = "",
    choice: Mapping[str, Any],
    counts: Mapping[str, int],
    made: Mapping[str, Sequence[int]],
) -> int:
    """Write down what came in: its new items, and the annotations from this id to the last there is."""
    last = conn.exec_driver_sql("SELECT COALESCE(MAX(id), 0) FROM annotations").scalar_one()
    result = conn.execute(
        insert(uploads).values(
            project_id=project_id,
            name=name,
            content_hash=content_hash,
            choice=to_json(choice),
            counts=to_json(counts),
            made=to_json(made),
            first_item=new.start,
            last_item=new.stop - 1,
            first_annotation=first_annotation,
            last_annotation=last,
            created_at=now(),
        )
    )
    return int(result.inserted_primary_key[0])  # type: ignore[index]


def of_project(conn: Connection, project_id: int) -> list[Upload]:
    """All that is still there of the uploads about the items of a project, the first one first."""
    rows = conn.exec_driver_sql(
        f"SELECT * FROM uploads WHERE undone_at IS NULL AND project_id IN {_OF_HOME} ORDER BY id",
        (project_id, project_id),
    )
    return [_upload(row) for row in rows]


def _upload(row: Row[Any]) -> Upload:
    return Upload(
        row.id,
        row.project_id,
        row.name,
        moment(row.created_at),
        row.first_item,
        row.last_item,
        row.first_annotation,
        row.last_annotation,
        row.content_hash,
        json.loads(row.choice),
        json.loads(row.counts),
        json.loads(row.made),
    )


def known_items(conn: Connection, project_id: int) -> Iterator[Row[Any]]:
    """`(id, hash, external_id, text, fields as JSON, split, duplicate_group)` of every item, in order of import."""
    columns = "id, hash, external_id, text, fields, split, duplicate_group"
    yield from conn.exec_driver_sql(f"SELECT {columns} FROM items WHERE project_id = {HOME} ORDER BY id", (project_id,))


def state(conn: Connection, project_id: int) -> str:
    """Changes with the items of a project and with how they are dealt."""
    counted = conn.exec_driver_sql(
        f"SELECT COUNT(*), MAX(id) FROM items WHERE project_id = {HOME}", (project_id,)
    ).one()
    dealt = conn.exec_driver_sql(f"SELECT split_seed, split_config FROM projects WHERE id = {HOME}", (project_id,))
    return to_json([*counted, *dealt.one()])


# what came of it


def touches_test(conn: Connection, upload: Upload) -> bool:
    """Whether any of its items, or of those it says something of, is in test."""
    return _exists(conn, f"FROM items i WHERE i.split = '{Split.TEST}' AND {_TOUCHED}", upload)


def runs_on(conn: Connection, upload: Upload) -> list[int]:
    """The runs that label, or are to label, any of its new items."""
    query = "SELECT DISTINCT run_id FROM run_items WHERE item_id BETWEEN :first_item AND :last_item ORDER BY 1"
    return [row[0] for row in conn.exec_driver_sql(query, _bound(upload))]


def annotated_since(conn: Connection, upload: Upload) -> int:
    """On how many of its items, or of those it says something of, somebody has said or marked something since: people,
    edits of labels, further files; models only on its new items."""
    query = (
        f"SELECT COUNT(*) FROM items i WHERE {_TOUCHED} AND (EXISTS (SELECT 1 FROM annotations a WHERE a.item_id = i.id"
        " AND a.id > :last_annotation AND (a.run_id IS NULL OR i.id >= :first_item))"
        " OR EXISTS (SELECT 1 FROM marks m WHERE m.item_id = i.id AND m.created_at >= :created_at))"
    )
    return int(conn.exec_driver_sql(query, _bound(upload)).scalar_one())


def is_of_it(conn: Connection, upload: Upload) -> set[int]:
    """Those of its new items that are still there."""
    query = select(items.c.id).where(items.c.id.between(upload.first_item, upload.last_item))
    return set(conn.execute(query).scalars())


def _exists(conn: Connection, rest: str, upload: Upload) -> bool:
    return bool(conn.exec_driver_sql(f"SELECT EXISTS (SELECT 1 {rest})", _bound(upload)).scalar_one())


def _bound(upload: Upload) -> dict[str, Any]:
    return {
        "first_item": upload.first_item,
        "last_item": upload.last_item,
        "first_annotation": upload.first_annotation,
        "last_annotation": upload.last_annotation,
        "created_at": upload.created_at.timestamp(),
    }


# undo


def take_away(conn: Connection, upload: Upload) -> None:
    """Delete its annotations and items; what its annotators said of other items before is current again."""
    bound = _bound(upload)
    conn.exec_driver_sql(
        "INSERT INTO items_fts (items_fts, rowid, text) SELECT 'delete', id, text FROM items"
        " WHERE id BETWEEN :first_item AND :last_item AND id <= (SELECT MAX(indexed_to) FROM projects)",
        bound,
    )
    ours = "annotation_id BETWEEN :first_annotation AND :last_annotation"
    places = [
        tuple(row)
        for row in conn.exec_driver_sql(f"SELECT annotator_id, item_id, question_id FROM current WHERE {ours}", bound)
    ]
    conn.exec_driver_sql(f"DELETE FROM current WHERE {ours}", bound)
    conn.exec_driver_sql("DELETE FROM annotations WHERE id BETWEEN :first_annotation AND :last_annotation", bound)
    with _quick_cascades(conn):
        conn.exec_driver_sql("DELETE FROM items WHERE id BETWEEN :first_item AND :last_item", bound)
    if places:
        conn.connection.driver_connection.executemany(  # type: ignore[union-attr]
            "INSERT INTO current (annotator_id, item_id, question_id, value_id, annotation_id, confidence)"
            " SELECT annotator_id, item_id, question_id, value_id, id, confidence FROM annotations"
            " WHERE annotator_id = ? AND item_id = ? AND question_id = ? ORDER BY id DESC LIMIT 1",
            places,
        )
    conn.execute(update(uploads).where(uploads.c.id == upload.id).values(undone_at=now()))


@contextmanager
def _quick_cascades(conn: Connection) -> Iterator[None]:
    """Indexes for as long as items are deleted: without them, what points at each is looked for in the whole table."""
    tables = ("current", "repeats", "run_items", "run_errors")
    for table in tables:
        conn.exec_driver_sql(f"CREATE INDEX ix_{table}_passing ON {table} (item_id)")
    yield
    for table in tables:
        conn.exec_driver_sql(f"DROP INDEX ix_{table}_passing")


def drop_silent(conn: Connection, annotator_ids: Sequence[int]) -> None:
    """Delete those of the annotators who never said anything, and by whom nothing was begun."""
    conn.exec_driver_sql(
        "DELETE FROM annotators WHERE id IN (SELECT value FROM json_each(?))"
        " AND NOT EXISTS (SELECT 1 FROM annotations a WHERE a.annotator_id = annotators.id)"
        " AND NOT EXISTS (SELECT 1 FROM fine_tunes f WHERE f.annotator_id = annotators.id)"
        " AND NOT EXISTS (SELECT 1 FROM projects p WHERE p.reference_id = annotators.id)",
        (to_json(list(annotator_ids)),),
    )


def ungroup_lonely(conn: Connection, project_id: int) -> None:
    """An item that nothing is near any more is in no group."""
    conn.exec_driver_sql(
        f"UPDATE items SET duplicate_group = NULL WHERE project_id = {HOME} AND duplicate_group IN (SELECT"
        f" duplicate_group FROM items WHERE project_id = {HOME} AND duplicate_group IS NOT NULL"
        " GROUP BY duplicate_group HAVING COUNT(*) = 1)",
        (project_id, project_id),
    )


def grouped(conn: Connection, project_id: int) -> int:
    """How many items are near-identical to another."""
    query = f"SELECT COUNT(duplicate_group) FROM items WHERE project_id = {HOME}"
    return int(conn.exec_driver_sql(query, (project_id,)).scalar_one())

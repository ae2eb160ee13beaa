"""Items: bulk insert, paged lists, search, splits, selections."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select, text, update

from core.model import Item, Split
from core.storage.homes import HOME, are_of
from core.storage.listed import listed
from core.storage.tables import current, items, projects, uploads, value_labels

_INSERT = "INSERT INTO items (id, project_id, hash, external_id, text, fields) VALUES (?, ?, ?, ?, ?, ?)"
_NEXT = "SELECT MAX(COALESCE((SELECT MAX(id) FROM items), 0), COALESCE((SELECT MAX(last_item) FROM uploads), 0)) + 1"
_FIELDS = "CASE WHEN i.files IS NULL THEN i.fields ELSE json_patch(COALESCE(i.fields, '{}'), i.files) END"
_NO_HIT = '""'


@dataclass(frozen=True)
class ItemFilter:
    """What a list of items is narrowed to; every part is optional."""

    split: Split | None = None
    search: str = ""
    annotator_id: int | None = None
    label_id: int | None = None
    only_duplicates: bool = False
    without_test: bool = False
    upload_id: int | None = None


def _item(row: Row[Any]) -> Item:
    split = Split(row.split) if row.split else None
    return Item(row.id, row.text, row.external_id, fields_of(row.fields, row.files), split)


def fields_of(fields: str | None, files: str | None) -> dict[str, str]:
    """An item's fields from both of its columns."""
    found: dict[str, str] = json.loads(fields) if fields else {}
    return found | json.loads(files) if files else found


def insert_many(conn: Connection, rows: Sequence[tuple[int, str, str, str, str | None]]) -> range:
    """Insert `(project_id, hash, external_id, text, fields JSON)` rows; returns their ids, in order.

    The write lock is held, so nobody else can take an id in between and they are consecutive.
    """
    first = next_id(conn)
    numbered = ((number, *row) for number, row in enumerate(rows, start=first))
    conn.connection.driver_connection.executemany(_INSERT, numbered)  # type: ignore[union-attr]
    return range(first, first + len(rows))


def next_id(conn: Connection) -> int:
    """The id the next item will have; call in a writing transaction. Those of an upload that was undone are not given
    again: former deals and what is kept of figures name items by them."""
    return int(conn.exec_driver_sql(_NEXT).scalar_one())


def get_many(conn: Connection, ids: Sequence[int]) -> dict[int, Item]:
    """Items by id; unknown ids are left out."""
    return {row.id: _item(row) for row in conn.execute(select(items).where(items.c.id.in_(listed(ids))))}


def newest(conn: Connection) -> int:
    """The id of the last item of all projects. Items never change, so what is known of them holds until there is
    another, or an upload is undone (see `kept`)."""
    return int(conn.exec_driver_sql("SELECT COALESCE(MAX(id), 0) FROM items").scalar_one())


def of_project(conn: Connection, project_id: int, ids: Sequence[int]) -> set[int]:
    """Which of these items are the project's."""
    rows = conn.exec_driver_sql(
        f"SELECT id FROM items WHERE project_id = {HOME} AND id IN (SELECT value FROM json_each(?))",
        (project_id, json.dumps(list(ids))),
    )
    return {row[0] for row in rows}


def page(
    conn: Connection, project_id: int, where: ItemFilter, *, after: int = 0, before: int | None = None, limit: int = 50
) -> list[Item]:
    """The next `limit` items after id `after`, or the last ones before id `before`, in order of import."""
    query = _narrow(select(items).where(are_of(project_id)), where)
    if before is not None:
        rows = conn.execute(query.where(items.c.id < before).order_by(items.c.id.desc()).limit(limit)).all()
        return [_item(row) for row in reversed(rows)]
    return [_item(row) for row in conn.execute(query.where(items.c.id > after).order_by(items.c.id).limit(limit))]


def count(
    conn: Connection,
    project_id: int,
    where: ItemFilter = ItemFilter(),
    *,
    before: int | None = None,
) -> int:
    """Items that match; with `before` only those imported before that id."""
    query = select(func.count()).select_from(items).where(are_of(project_id))
    if before is not None:
        query = query.where(items.c.id < before)
    return int(conn.execute(_narrow(query, where)).scalar_one())


def mean_length(conn: Connection, project_id: int, where: ItemFilter, number: int, most: int = 20_000) -> float | None:
    """Characters of the texts that match, on average; None where there are none. Of the `number` that there are about
    `most` are looked at, by their ids."""
    query = select(func.avg(func.length(items.c.text))).where(are_of(project_id))
    step = -(-number // most)
    narrowed = _narrow(query.where(items.c.id % step == 0) if step > 1 else query, where)
    return conn.execute(narrowed).scalar_one()  # type: ignore[no-any-return]


def mean_length_of(conn: Connection, ids: Sequence[int], most: int = 5000) -> float | None:
    """The same of these items, or of `most` of them evenly taken."""
    few = ids[:: max(1, -(-len(ids) // most))]
    query = select(func.avg(func.length(items.c.text))).where(items.c.id.in_(listed(few)))
    return conn.execute(query).scalar_one()  # type: ignore[no-any-return]


def _narrow(query: Any, where: ItemFilter) -> Any:
    if where.split is not None:
        query = query.where(items.c.split == where.split)
    if where.without_test:
        query = query.where(items.c.split.is_distinct_from(Split.TEST))
    if where.upload_id is not None:
        query = query.where(came_with(where.upload_id))
    if where.only_duplicates:
        query = query.where(items.c.duplicate_group.is_not(None))
    if where.search.strip():
        query = query.where(items.c.id.in_(_matches(where.search)))
    if where.annotator_id is not None:
        chosen = select(current.c.item_id).where(
            current.c.annotator_id == where.annotator_id, current.c.value_id.is_not(None)
        )
        if where.label_id is not None:
            with_it = select(value_labels.c.value_id).where(value_labels.c.label_id == where.label_id)
            chosen = chosen.where(current.c.value_id.in_(with_it))
        query = query.where(items.c.id.in_(chosen))
    return query


def came_with(upload_id: int) -> Any:
    """The condition that items are those an upload brought."""
    first, last = (
        select(column).where(uploads.c.id == upload_id) for column in (uploads.c.first_item, uploads.c.last_item)
    )
    return items.c.id.between(first.scalar_subquery(), last.scalar_subquery())


def _matches(search: str) -> Any:
    words = ['"' + word.replace('"', '""') + '"*' for word in search.replace("\x00", " ").split()]
    return text("SELECT rowid FROM items_fts WHERE items_fts MATCH :words").bindparams(words=" ".join(words) or _NO_HIT)


def index_new(conn: Connection, project_id: int) -> None:
    """Bring the full-text index up to date. It is left behind by imports, so that those stay fast."""
    done = conn.execute(select(func.max(projects.c.indexed_to))).scalar() or 0
    newest = conn.execute(select(func.max(items.c.id))).scalar() or 0
    if newest > done:
        conn.exec_driver_sql("INSERT INTO items_fts(rowid, text) SELECT id, text FROM items WHERE id > ?", (done,))
        conn.execute(update(projects).where(projects.c.id == project_id).values(indexed_to=newest))


def needs_index(conn: Connection) -> bool:
    done = conn.execute(select(func.max(projects.c.indexed_to))).scalar() or 0
    return bool((conn.execute(select(func.max(items.c.id))).scalar() or 0) > done)


# splits


def texts(conn: Connection, project_id: int) -> Iterator[tuple[int, str]]:
    query = select(items.c.id, items.c.text).where(are_of(project_id)).order_by(items.c.id)
    for row in conn.execute(query):
        yield row.id, row.text


def set_splits(conn: Connection, rows: Iterable[tuple[str, int | None, int]]) -> None:
    """`(split, duplicate_group, item_id)` for every item."""
    conn.connection.driver_connection.executemany(  # type: ignore[union-attr]
        "UPDATE items SET split = ?, duplicate_group = ? WHERE id = ?", rows
    )


def texts_of(conn: Connection, ids: Iterable[int]) -> list[str]:
    """The texts of these items, in order of import."""
    query = "SELECT text FROM items WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
    return [row[0] for row in conn.exec_driver_sql(query, (json.dumps(list(ids)),))]


def sharing_group(conn: Connection, ids: Iterable[int]) -> frozenset[int]:
    """The items that the present deal keeps together with one of these, as near-identical."""
    query = (
        "SELECT id FROM items WHERE duplicate_group IN"
        " (SELECT duplicate_group FROM items WHERE id IN (SELECT value FROM json_each(?)))"
    )
    return frozenset(row[0] for row in conn.exec_driver_sql(query, (json.dumps(list(ids)),)))


def splits_of(conn: Connection, project_id: int) -> Iterator[tuple[int, Split | None]]:
    """`(item id, its split)` of every item, in order of import."""
    known: dict[str | None, Split | None] = {str(split): split for split in Split} | {None: None}
    rows = conn.exec_driver_sql(f"SELECT id, split FROM items WHERE project_id = {HOME} ORDER BY id", (project_id,))
    return ((row[0], known[row[1]]) for row in rows)


def split_counts(conn: Connection, project_id: int) -> dict[str, int]:
    """Items per split; "" for those not yet split."""
    query = select(func.coalesce(items.c.split, ""), func.count()).where(are_of(project_id))
    return {split: number for split, number in conn.execute(query.group_by(items.c.split))}


def value_counts_by_split(conn: Connection, project_id: int, annotator_id: int) -> list[tuple[str, int, int]]:
    """`(split, value id, items)` of what one annotator says now."""
    query = (
        select(func.coalesce(items.c.split, ""), current.c.value_id, func.count())
        .select_from(current.join(items, items.c.id == current.c.item_id))
        .where(current.c.annotator_id == annotator_id, current.c.value_id.is_not(None))
        .group_by(items.c.split, current.c.value_id)
    )
    return [(split, value_id, number) for split, value_id, number in conn.execute(query)]


def text_lengths(conn: Connection, project_id: int, width: int) -> list[tuple[int, int]]:
    """`(lowest length of the bin, items)` with bins `width` characters wide."""
    bin_start = (func.length(items.c.text) // width) * width
    query = select(bin_start, func.count()).where(are_of(project_id)).group_by(bin_start)
    return sorted((int(start), number) for start, number in conn.execute(query))


def duplicate_groups(conn: Connection, project_id: int, limit: int = 50) -> list[tuple[int, int]]:
    """`(group, members)` of near-identical items, largest first."""
    query = (
        select(items.c.duplicate_group, func.count())
        .where(are_of(project_id), items.c.duplicate_group.is_not(None))
        .group_by(items.c.duplicate_group)
        .order_by(func.count().desc(), items.c.duplicate_group)
        .limit(limit)
    )
    return [(group, members) for group, members in conn.execute(query)]


def group_members(conn: Connection, project_id: int, group: int) -> list[Item]:
    query = select(items).where(are_of(project_id), items.c.duplicate_group == group)
    return [_item(row) for row in conn.execute(query.order_by(items.c.id))]


def ids_in(conn: Connection, project_id: int, split: Split | None, upload_id: int | None = None) -> list[int]:
    """Ids of a split, or of all items where `split` is None, in order of import; with an upload those it brought."""
    query = select(items.c.id).where(are_of(project_id))
    if split is not None:
        query = query.where(items.c.split == split)
    if upload_id is not None:
        query = query.where(came_with(upload_id))
    return list(conn.execute(query.order_by(items.c.id)).scalars())


def within(conn: Connection, ids: frozenset[int], split: Split) -> frozenset[int]:
    """Those of the items that are in the split."""
    if not ids:
        return ids
    query = "SELECT id FROM items WHERE split = ? AND id IN (SELECT value FROM json_each(?))"
    return frozenset(row[0] for row in conn.exec_driver_sql(query, (str(split), json.dumps(sorted(ids)))))


def labelled_in(
    conn: Connection, project_id: int, annotator_id: int, split: Split
) -> list[tuple[int, str, str | None, int, int | None]]:
    """`(item id, text, other fields as JSON, value id, near-duplicate group)` of all the annotator has labelled in a
    split, in order of import.

    Plain tuples in one go: of a hundred thousand items every object counts.
    """
    query = (
        f"SELECT i.id, i.text, {_FIELDS}, c.value_id, i.duplicate_group FROM items i"
        " JOIN current c ON c.annotator_id = ? AND c.item_id = i.id"
        f" WHERE i.project_id = {HOME} AND i.split = ? AND c.value_id IS NOT NULL ORDER BY i.id"
    )
    cursor = conn.connection.driver_connection.execute(  # type: ignore[union-attr]
        query, (annotator_id, project_id, str(split))
    )
    return cursor.fetchall()  # type: ignore[no-any-return]


def field_names(conn: Connection, project_id: int) -> list[str]:
    """Names of the items' other fields, files that were fetched among them, read off the first item."""
    first = conn.execute(select(items.c.fields, items.c.files).where(are_of(project_id)).limit(1)).first()
    return list(fields_of(*first)) if first else []


def column_names(conn: Connection, project_id: int) -> list[str]:
    """Those of them that came with the items, and so are part of what identifies them."""
    first = conn.execute(select(items.c.fields).where(are_of(project_id)).limit(1)).scalar()
    return list(json.loads(first)) if first else []


def any_naming(conn: Connection, project_id: int, words: str, among: int = 2_000) -> bool:
    """Whether these words occur in one of the project's first items."""
    found = conn.exec_driver_sql(
        f"SELECT 1 FROM (SELECT text, fields FROM items WHERE project_id = {HOME} ORDER BY id LIMIT ?)"
        " WHERE INSTR(text, ?) OR INSTR(fields, ?) LIMIT 1",
        (project_id, among, words, words),
    )
    return found.first() is not None


def naming(conn: Connection, words: str) -> Iterator[str]:
    """The text and the other fields of all items, of any project, in which these words occur."""
    found = conn.exec_driver_sql(
        "SELECT text || COALESCE(fields, '') || COALESCE(files, '') FROM items"
        " WHERE INSTR(text, ?) OR INSTR(fields, ?) OR INSTR(files, ?)",
        (words, words, words),
    )
    return (row[0] for row in found)

"""Annotations counted: the tables every metric is made of, and how many items an annotator has labelled."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection

from core.model import Split
from core.storage.engine import to_json
from core.storage.kept import until_news
from core.storage.marks import NEWEST
from core.storage.values import WITH_LABELS

_HALF = 40
_PAIR = f"((c.annotator_id << {_HALF}) + c.item_id)"
"""Annotator and item as one number, since a list of pairs has no index in SQLite."""


def _in_split(split: Split | None, alias: str) -> tuple[str, tuple[Any, ...]]:
    if split is None:
        return "", ()
    return f" JOIN items i ON i.id = {alias}.item_id AND i.split = ?", (str(split),)


def but_for(item_ids: Collection[int], alias: str) -> tuple[str, tuple[Any, ...]]:
    """A condition that leaves these items out, and what it binds."""
    if not item_ids:
        return "", ()
    return f" AND {alias}.item_id NOT IN (SELECT value FROM json_each(?))", (to_json(sorted(item_ids)),)


def each_said(
    conn: Connection,
    reference: int,
    candidate: int,
    split: Split | None,
    but: Collection[int] = (),
    among: Sequence[int] = (),
) -> Iterator[tuple[int, str, str, str]]:
    """`(item, its text, the reference's value, the candidate's)`, in canonical form, of the items both have labelled,
    as `pair_counts` narrows them; by the items' ids."""
    kept, gone = but_for(but, "r")
    joins = "".join(
        f" JOIN current m{other} ON m{other}.annotator_id = {other} AND m{other}.item_id = r.item_id"
        f" AND m{other}.value_id IS NOT NULL"
        for other in among
    )
    rows = conn.exec_driver_sql(
        "SELECT r.item_id, i.text, vr.canonical, vc.canonical FROM current r"
        " JOIN current c ON c.annotator_id = ? AND c.item_id = r.item_id AND c.value_id IS NOT NULL"
        f" JOIN items i ON i.id = r.item_id{' AND i.split = ?' if split else ''}{joins}"
        ' JOIN "values" vr ON vr.id = r.value_id JOIN "values" vc ON vc.id = c.value_id'
        f" WHERE r.annotator_id = ? AND r.value_id IS NOT NULL{kept} ORDER BY r.item_id",
        (candidate, *((str(split),) if split else ()), reference, *gone),
    )
    return ((row[0], row[1], row[2], row[3]) for row in rows)


def labelled_count(
    conn: Connection,
    annotator_id: int,
    split: Split | None,
    label_ids: Sequence[int] | None = None,
    but: Collection[int] = (),
) -> int:
    """How many items of the split, or of all, the annotator has labelled: at all, or with one of these labels; those in
    `but` left out."""
    join, extra = _in_split(split, "r")
    kept, gone = but_for(but, "r")
    query = f"SELECT COUNT(*) FROM current r{join} WHERE r.annotator_id = ?{kept} AND r.value_id "
    these = (*extra, annotator_id, *gone)
    if label_ids is None:
        return int(conn.exec_driver_sql(query + "IS NOT NULL", these).scalar_one())
    return int(conn.exec_driver_sql(query + f"IN {WITH_LABELS}", (*these, to_json(list(label_ids)))).scalar_one())


def splits_of(conn: Connection, annotator_id: int) -> frozenset[Split]:
    """The splits in which the annotator has labelled anything."""
    query = (
        "SELECT EXISTS (SELECT 1 FROM current r JOIN items i ON i.id = r.item_id"
        " WHERE r.annotator_id = ? AND r.value_id IS NOT NULL AND i.split = ?)"
    )
    return frozenset(split for split in Split if conn.exec_driver_sql(query, (annotator_id, str(split))).scalar_one())


def entry_counts(
    conn: Connection,
    annotator_ids: Sequence[int],
    *,
    with_history: bool,
    dealt_in: int | None = None,
    not_on_test: Sequence[int] = (),
    kept: Mapping[int, Collection[int]] = MappingProxyType({}),
) -> tuple[int, int]:
    """`(rows, items that have any)` of these annotators: what is current, or every entry there ever was; less what
    those of `not_on_test` said of test items, and of what is current less what each has `kept` of these items.

    A mark is part of its person's current annotation of the item, or a row of its own where there is none; in the
    history it always is one.
    """
    # Marks are append-only as well, so the newest of each says whether anything could have changed.
    newest_mark = conn.exec_driver_sql("SELECT COALESCE(MAX(id), 0) FROM marks").scalar_one()
    pairs = to_json([(who << _HALF) + item for who, of in kept.items() for item in sorted(of)])
    question = ("entry counts", newest_mark, with_history, tuple(not_on_test), pairs, *annotator_ids)
    return until_news(
        conn, question, lambda: _entry_counts(conn, annotator_ids, with_history, not_on_test, pairs), dealt_in=dealt_in
    )


def _entry_counts(
    conn: Connection, annotator_ids: Sequence[int], with_history: bool, not_on_test: Sequence[int], kept: str
) -> tuple[int, int]:
    these = "annotator_id IN (SELECT value FROM json_each(?))"
    is_kept = kept != "[]" and not with_history
    says = "AND c.value_id IS NOT NULL" + (f" AND {_PAIR} NOT IN (SELECT pair FROM kept)" if is_kept else "")
    if with_history:
        rows = f"SELECT item_id FROM annotations WHERE {these} UNION ALL SELECT item_id FROM marks WHERE {these}"
    else:
        rows = (
            f"SELECT c.item_id FROM current c WHERE c.{these} {says} UNION ALL"
            f" SELECT k.item_id FROM marks k WHERE k.{these} AND {NEWEST} AND NOT EXISTS (SELECT 1 FROM current c WHERE"
            f" c.annotator_id = k.annotator_id AND c.item_id = k.item_id {says})"
        )
    chosen = to_json(list(annotator_ids))
    given = "WITH kept(pair) AS MATERIALIZED (SELECT value FROM json_each(?)) " if is_kept else ""
    query = f"{given}SELECT COUNT(*), COUNT(DISTINCT item_id) FROM ({rows})"
    bound = (kept,) if is_kept else ()
    if not not_on_test:
        row = conn.exec_driver_sql(query, (*bound, chosen, chosen)).one()
        return int(row[0]), int(row[1])
    on_test = "item_id IN (SELECT id FROM items WHERE split = 'test')"
    hidden = to_json(list(not_on_test))
    row = conn.exec_driver_sql(
        query.replace(these, f"{these} AND NOT (annotator_id IN (SELECT value FROM json_each(?)) AND {on_test})"),
        (*bound, chosen, hidden, chosen, hidden),
    ).one()
    return int(row[0]), int(row[1])

"""Annotations: append-only history, and the derived `current` table of what each annotator says now."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from core.model import Annotation, AnnotatorKind, AnswerKind, Edit, Said, Split
from core.storage.engine import moment, now, to_json
from core.storage.kept import until_news
from core.storage.tables import annotations

_CURRENT = """
INSERT INTO current (annotator_id, item_id, question_id, value_id, annotation_id, confidence)
SELECT annotator_id, item_id, question_id, value_id, id, confidence FROM annotations WHERE id >= ?
ORDER BY annotator_id, item_id, question_id, id
ON CONFLICT (annotator_id, item_id, question_id) DO UPDATE SET
    value_id = excluded.value_id, annotation_id = excluded.annotation_id, confidence = excluded.confidence
"""


class NewAnnotation(NamedTuple):
    """One entry to append: `value` in canonical form, None to take the annotator's value back; `votes` the answers by
    value, where there were several."""

    item_id: int
    annotator_id: int
    value: str | None
    run_id: int | None = None
    confidence: float | None = None
    confidence_source: str | None = None
    kind: str | None = None
    reason: str | None = None
    raw: str | None = None
    note: str | None = None
    seconds: float | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None
    request_hash: bytes | None = None
    source_id: int | None = None
    votes: Mapping[str, int] | None = None
    blind: bool | None = None
    shown: str | None = None
    parts: str | None = None
    sure_of: str | None = None
    """JSON: how sure the same answer is of the other questions it answers, by their keys."""


_VALUE, _VOTES = NewAnnotation._fields.index("value"), NewAnnotation._fields.index("votes")
_COLUMNS = ("question_id", *(name if name != "value" else "value_id" for name in NewAnnotation._fields), "created_at")
_INSERT = f"INSERT INTO annotations ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"


def append(conn: Connection, question_id: int, entries: Sequence[NewAnnotation], ids: Mapping[str, int]) -> None:
    """Append to the history and bring `current` along, in the caller's transaction; `ids` are those of the values."""
    if not entries:
        return
    first, stamp = next_id(conn), now()
    rows = [(question_id, *_stored(entry, ids), stamp) for entry in entries]
    conn.connection.driver_connection.executemany(_INSERT, rows)  # type: ignore[union-attr]
    bring_current(conn, first)


def _stored(entry: NewAnnotation, ids: Mapping[str, int]) -> tuple[Any, ...]:
    """The entry as its row has it: values by number."""
    value_id = None if entry.value is None else ids[entry.value]
    votes = None if entry.votes is None else json.dumps({str(ids[value]): n for value, n in entry.votes.items()})
    return (*entry[:_VALUE], value_id, *entry[_VALUE + 1 : _VOTES], votes, *entry[_VOTES + 1 :])


def append_values(
    conn: Connection, annotator_id: int, question_id: int, pairs: Sequence[tuple[int, int | None]], reason: str | None
) -> None:
    """The bulk form: `(item_id, value_id)` of one annotator, with nothing else known about them; None takes back."""
    if not pairs:
        return
    first = next_id(conn)
    # Six columns instead of twenty: binding the empty ones would take twice as long as everything else.
    conn.connection.driver_connection.executemany(  # type: ignore[union-attr]
        "INSERT INTO annotations (item_id, annotator_id, question_id, value_id, reason, created_at)"
        f" VALUES (?, {int(annotator_id)}, {int(question_id)}, ?, ?, {now()})",
        [(item, value, reason) for item, value in pairs],
    )
    bring_current(conn, first)


def bring_current(conn: Connection, first: int) -> None:
    """Bring `current` along with the entries from this id on."""
    conn.exec_driver_sql(_CURRENT, (first,))


def next_id(conn: Connection) -> int:
    """The id the next entry will have; call in a writing transaction."""
    return int(conn.exec_driver_sql("SELECT COALESCE(MAX(id), 0) + 1 FROM annotations").scalar_one())


# An edit has no run and no raw answer of its own, so that nothing counts them twice; it reads as the one it carries on.
def _entries(with_raw: bool) -> str:
    own = ", ".join(f"a.{column.name}" for column in annotations.columns if column.name != "raw")
    return (
        f"SELECT {own}, COALESCE(a.run_id, s.run_id) AS of_run,"
        f" {'COALESCE(a.raw, s.raw)' if with_raw else 'NULL'} AS answered"
        " FROM annotations a LEFT JOIN annotations s ON s.id = a.said_id"
    )


_THESE = "a.item_id IN (SELECT value FROM json_each(?))"


def _of(project_id: int | None) -> str:
    """The condition that entries answer one project's question, whose id is bound: several may share their items."""
    return "" if project_id is None else " AND a.question_id IN (SELECT id FROM questions WHERE project_id = ?)"


def history(
    conn: Connection,
    item_ids: Sequence[int],
    said: Mapping[int, Said],
    *,
    of: int | None = None,
    with_raw: bool = True,
) -> dict[int, list[Annotation]]:
    """Every entry of these items, `of` one project where that is given, oldest first, with what values say from
    `said`; raw answers only where they are wanted, since they can be a hundred times as long as all the rest."""
    found: dict[int, list[Annotation]] = {item: [] for item in item_ids}
    query = f"{_entries(with_raw)} WHERE {_THESE}{_of(of)} ORDER BY a.id"
    rows = conn.exec_driver_sql(query, (to_json(list(item_ids)), *([] if of is None else [of])))
    for row in rows:
        found[row.item_id].append(_annotation(row, said))
    return found


def _annotation(row: Any, said: Mapping[int, Said]) -> Annotation:
    return Annotation(
        row.item_id,
        row.annotator_id,
        said.get(row.value_id) if row.value_id is not None else None,
        moment(row.created_at),
        row.id,
        row.of_run,
        row.confidence,
        row.confidence_source or "",
        row.reason or "",
        row.answered or "",
        row.note or "",
        row.source_id,
        {said[int(i)]: n for i, n in json.loads(row.votes).items() if int(i) in said} if row.votes else {},
        AnswerKind(row.kind) if row.kind else None,
        Edit(row.edit) if row.edit else None,
        row.edited_id,
        bool(row.blind),
        parts=tuple(json.loads(row.parts)) if row.parts else (),
    )


def current_of(
    conn: Connection,
    item_ids: Sequence[int],
    said: Mapping[int, Said],
    *,
    of: int | None = None,
    with_raw: bool = True,
) -> dict[int, dict[int, Annotation]]:
    """Newest annotation by item and annotator, `of` one project where that is given; values taken back are left out,
    raw answers where not wanted."""
    found: dict[int, dict[int, Annotation]] = {item: {} for item in item_ids}
    query = (
        f"{_entries(with_raw)} JOIN current c ON c.annotator_id = a.annotator_id"
        f" AND c.item_id = a.item_id AND c.question_id = a.question_id AND c.annotation_id = a.id"
        f" WHERE {_THESE}{_of(of)} AND a.value_id IS NOT NULL"
    )
    for row in conn.exec_driver_sql(query, (to_json(list(item_ids)), *([] if of is None else [of]))):
        found[row.item_id][row.annotator_id] = _annotation(row, said)
    return found


def items_labelled_by(conn: Connection, project_id: int, kind: AnnotatorKind, *, since: float = 0.0) -> set[int]:
    """The items that any annotator of this kind has labelled, or has labelled since then."""
    rows = conn.exec_driver_sql(
        "SELECT DISTINCT c.item_id FROM current c JOIN annotators a ON a.id = c.annotator_id"
        " JOIN annotations n ON n.id = c.annotation_id AND n.created_at >= ?"
        " WHERE a.project_id = ? AND a.kind = ? AND c.value_id IS NOT NULL",
        (since, project_id, str(kind)),
    )
    return {row[0] for row in rows}


def is_anything_labelled_by(conn: Connection, project_id: int, kind: AnnotatorKind, *, since: float) -> bool:
    """Whether any annotator of this kind has labelled any item outside test since then."""
    found = conn.exec_driver_sql(
        "SELECT EXISTS (SELECT 1 FROM annotators a JOIN current c ON c.annotator_id = a.id"
        " JOIN annotations n ON n.id = c.annotation_id AND n.created_at >= ? JOIN items i ON i.id = c.item_id"
        " WHERE a.project_id = ? AND a.kind = ? AND c.value_id IS NOT NULL AND i.split IS NOT ?)",
        (since, project_id, str(kind), str(Split.TEST)),
    )
    return bool(found.scalar())


def value_ids_of(conn: Connection, annotator_id: int, item_ids: Sequence[int] | None = None) -> dict[int, int]:
    """The id of the current value by item id."""
    if item_ids is None:
        rows = conn.exec_driver_sql(
            "SELECT item_id, value_id FROM current WHERE annotator_id = ? AND value_id IS NOT NULL", (annotator_id,)
        )
        return {row[0]: row[1] for row in rows}
    rows = conn.exec_driver_sql(
        "SELECT item_id, value_id FROM current WHERE annotator_id = ? AND value_id IS NOT NULL"
        " AND item_id IN (SELECT value FROM json_each(?))",
        (annotator_id, to_json(list(item_ids))),
    )
    return {row[0]: row[1] for row in rows}


def said_until(conn: Connection, item_ids: Sequence[int], moment: float) -> list[tuple[int, int, int]]:
    """`(item, annotator, value id)` of what each annotator's newest entry on the items was at the moment."""
    rows = conn.exec_driver_sql(
        "SELECT item_id, annotator_id, value_id, MAX(id) FROM annotations WHERE created_at <= ?"
        " AND item_id IN (SELECT value FROM json_each(?)) GROUP BY item_id, annotator_id",
        (moment, to_json(list(item_ids))),
    )
    return [(row[0], row[1], row[2]) for row in rows if row[2] is not None]


def newest_id(conn: Connection, annotator_ids: Sequence[int]) -> int:
    """A stamp that changes whenever any of these annotators says something new."""
    return until_news(conn, ("newest", *annotator_ids), lambda: _newest_id(conn, annotator_ids))


def _newest_id(conn: Connection, annotator_ids: Sequence[int]) -> int:
    rows = conn.exec_driver_sql(
        "SELECT MAX(annotation_id) FROM current WHERE annotator_id IN (SELECT value FROM json_each(?))",
        (to_json(list(annotator_ids)),),
    )
    return int(rows.scalar() or 0)


def count_after(conn: Connection, annotator_ids: Sequence[int], annotation_id: int) -> int:
    """How many entries these annotators have made after that one."""
    rows = conn.exec_driver_sql(
        "SELECT COUNT(*) FROM annotations WHERE id > ? AND annotator_id IN (SELECT value FROM json_each(?))",
        (annotation_id, to_json(list(annotator_ids))),
    )
    return int(rows.scalar_one())


def newest_of_all(conn: Connection) -> int:
    """The id of the newest entry of the whole history; 0 where there is none."""
    return int(conn.exec_driver_sql("SELECT COALESCE(MAX(id), 0) FROM annotations").scalar_one())

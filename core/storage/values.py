"""What is asked and what is said to it: questions, and their values, each stored once and pointed at by number."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, insert, select, update

from core.model import Options, Question, QuestionKind
from core.said import options_of
from core.storage.engine import to_json
from core.storage.tables import questions
from core.storage.tables import values as table

WITH_LABELS = "(SELECT value_id FROM value_labels WHERE label_id IN (SELECT value FROM json_each(?)))"
"""The values with any of the labels whose ids are listed."""


def add_question(conn: Connection, project_id: int, kind: QuestionKind, options: Options) -> Question:
    """The project's one question."""
    row = {"project_id": project_id, "kind": kind, "position": 0, "options": _written(options)}
    result = conn.execute(insert(questions).values(row))
    return Question(int(result.inserted_primary_key[0]), project_id, kind, options)  # type: ignore[index]


def question_of(conn: Connection, project_id: int) -> Question:
    """What the project asks of an item."""
    row = conn.exec_driver_sql("SELECT id, kind, options FROM questions WHERE project_id = ?", (project_id,)).one()
    return Question(row[0], project_id, QuestionKind(row[1]), _options(row[2]))


def set_options(conn: Connection, project_id: int, options: Options) -> None:
    conn.execute(update(questions).where(questions.c.project_id == project_id).values(options=_written(options)))


def _written(options: Options) -> str:
    return to_json({name: value for name, value in asdict(options).items() if value != getattr(Options(), name)})


def _options(text: str) -> Options:
    """Known ones alone: a later version of the program may know more."""
    held = json.loads(text)
    known: dict[str, Any] = {name: held[name] for name in asdict(Options()) if name in held}
    return options_of(known)


def canonical_of(conn: Connection, value_id: int) -> str | None:
    """The canonical form of one value; None for a number that is none."""
    row = conn.exec_driver_sql('SELECT canonical FROM "values" WHERE id = ?', (value_id,)).first()
    return None if row is None else str(row[0])


def mean_length(conn: Connection, question: Question) -> float | None:
    """How many characters the first values of a question have on average; None where nothing was said yet."""
    first = 'SELECT canonical FROM "values" WHERE question_id = ? LIMIT 200'
    found = conn.exec_driver_sql(f"SELECT AVG(LENGTH(canonical)) FROM ({first})", (question.id,)).scalar()
    return None if found is None else float(found)


def ids_of(conn: Connection, question: Question, canonical: Collection[str]) -> dict[str, int]:
    """The ids of those of the values that were ever said, by their canonical form."""
    rows = conn.exec_driver_sql(
        'SELECT canonical, id FROM "values" WHERE question_id = ? AND canonical IN (SELECT value FROM json_each(?))',
        (question.id, to_json(list(canonical))),
    )
    return {row[0]: row[1] for row in rows}


def intern(
    conn: Connection, question: Question, said: Collection[str], labels: Callable[[str], Mapping[int, int]]
) -> dict[str, int]:
    """The id of each value by its canonical form, made where it was never said; `labels` gives how often which label is
    in one. In the caller's writing transaction."""
    known = ids_of(conn, question, said)
    new = [canonical for canonical in said if canonical not in known]
    if not new:
        return known
    rows = [(question.id, canonical, str(question.kind)) for canonical in new]
    conn.exec_driver_sql('INSERT INTO "values" (question_id, canonical, kind) VALUES (?, ?, ?)', rows)
    made = ids_of(conn, question, new)
    parts = [(made[canonical], label, n) for canonical in new for label, n in labels(canonical).items()]
    if parts:
        conn.exec_driver_sql("INSERT INTO value_labels (value_id, label_id, n) VALUES (?, ?, ?)", parts)
    return known | made


def of_items(conn: Connection, question: Question, item_ids: Collection[int]) -> dict[int, str]:
    """The canonical form of every value that anybody ever gave to these items, by its id."""
    rows = conn.exec_driver_sql(
        "WITH said AS MATERIALIZED (SELECT a.value_id, a.votes FROM json_each(?) k"
        " JOIN annotations a ON a.item_id = k.value AND a.question_id = ?)"
        ' SELECT id, canonical FROM "values" WHERE id IN (SELECT value_id FROM said UNION ALL'
        " SELECT CAST(v.key AS INTEGER) FROM said, json_each(said.votes) v WHERE said.votes IS NOT NULL)",
        (to_json(list(item_ids)), question.id),
    )
    return {row[0]: row[1] for row in rows}


def every(conn: Connection, question: Question) -> dict[int, str]:
    """The canonical form of every value of the question, by its id."""
    query = select(table.c.id, table.c.canonical).where(table.c.question_id == question.id)
    return {row.id: row.canonical for row in conn.execute(query)}

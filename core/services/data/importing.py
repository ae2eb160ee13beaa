"""A table becomes a project with its items and the labels people gave: all or nothing."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from core.errors import WorkbenchError
from core.importers import Check, item_keys, joined_text, keys_told_apart
from core.model import (
    TEXT_FIELD,
    Annotator,
    AnnotatorKind,
    FieldLayout,
    FieldShow,
    Project,
    Said,
    Span,
    TableData,
    Task,
)
from core.said import names_of
from core.services.common.lookup import ensure_annotator, project_of
from core.services.common.values import interned
from core.services.data.checking import check as check_table
from core.services.data.choice import ImportChoice, written_down
from core.services.data.naming import renamed
from core.services.data.proposing import proposed_task
from core.services.data.words import Words, annotators_of, usual_names, words
from core.services.media.proposing import proposed
from core.services.projects import questions
from core.services.projects.projects import free_name
from core.spelling import fold
from core.storage import annotations, items, projects, tasks, uploads, values
from core.storage.engine import Connection, Database
from core.tasks import TASKS

Progress = Callable[[float], None]
_CHUNK = 20_000
_SEEN = 200
"""Of so many items is looked at how their fields are best shown."""


def no_progress(share: float) -> None:
    """Tells nobody."""


def import_table(
    db: Database,
    table: TableData,
    choice: ImportChoice,
    *,
    task: Task | None = None,
    check: Check | None = None,
    is_demo: bool = False,
    file: str = "",
    progress: Progress = no_progress,
) -> int:
    """A new project with these items and labels, all or nothing; returns its id.

    `check` is what `checking.check` found for this table and these columns, where it was asked before. Labels are
    proposed from the label columns unless a `task` is given. `file` is what the source is called.

    Raises `WorkbenchError` with the first problem where there is any. Splits are dealt separately: see
    `splitting.split`.
    """
    check = check or check_table(table, choice)
    if not check.ok:
        raise WorkbenchError(check.problems[0].message, check.problems[0].hint)
    rows, item_of = item_rows(table, choice, check)
    said = words(table, choice, check, rows, item_of)
    further = [_further(table, choice, name, rows, item_of) for name in choice.further]
    task = task or proposed_task(table, choice, check, said)
    called = annotators_of(table, choice)
    first = called[choice.label_columns[0]] if choice.label_columns else None
    models = choice.models | table.models
    with db.write() as conn:
        name = free_name(conn, choice.name)
        source = {"about": table.about, "text": choice.text_columns, "labels": choice.label_columns}
        project_id = projects.create(conn, name, task, is_demo=is_demo, source=source)
        ids = _insert_items(conn, project_id, table, choice, rows, progress)
        projects.set_layout(conn, project_id, layout_of(table, choice, rows))
        begun = annotations.next_id(conn)
        for annotator, labels in said.items():
            if labels or annotator == first:
                heard = [(ids.start + item, one) for item, one in labels]
                insert_labels(conn, project_id, annotator, heard, models)
        if further:
            projects.set_question(conn, project_id, questions.named(conn, project_id, choice.question))
        for asked in further:
            _insert_further(conn, project_of(conn, project_id), asked, ids, models)
        progress(1.0)
        uploads.add(
            conn,
            project_id,
            file or name,
            ids,
            begun,
            content_hash=content_hash(table),
            choice=written_down(choice, called),
            counts={"rows": len(table.rows)},
            made={},
        )
        return project_id


class _Further(NamedTuple):
    """A further question with all that is said to it."""

    name: str
    column: str
    task: Task
    said: Words


def _further(
    table: TableData, choice: ImportChoice, name: str, rows: Sequence[int], item_of: list[int | None] | None
) -> _Further:
    """A further question of the choice, and what is said to it of the same items. Raises the first problem."""
    asked = choice.further[name]
    choice = choice.about(asked)
    if not choice.is_long:
        choice = replace(choice, annotator_names=usual_names(table, choice.label_columns))
    check = check_table(table, choice)
    if not check.ok:
        raise WorkbenchError(f"Question “{name}”: {check.problems[0].message}", check.problems[0].hint)
    said = words(table, choice, check, rows, item_of)
    return _Further(name, asked.column, proposed_task(table, choice, check, said), said)


def _insert_further(conn: Connection, home: Project, asked: _Further, ids: range, models: frozenset[str]) -> None:
    project_id = questions.beside(conn, home, asked.name, asked.task, {"labels": [asked.column]})
    for annotator, labels in asked.said.items():
        if labels:
            insert_labels(conn, project_id, annotator, [(ids.start + item, one) for item, one in labels], models)


def item_rows(table: TableData, choice: ImportChoice, check: Check) -> tuple[Sequence[int], list[int | None] | None]:
    """The first row of each item; and, where several rows are one item, the place of every row's item."""
    if choice.keep_duplicates and not choice.is_long or not check.repeats:
        if not check.skipped:
            return range(len(table.rows)), None
        return [row for row in range(len(table.rows)) if row not in check.skipped], None
    texts = joined_text(table, choice.text_columns)
    keys = item_keys(table, keys_told_apart(table, texts, choice.candidates), choice.id_column, choice.is_long)
    rows: list[int] = []
    place_of: dict[str, int] = {}
    item_of: list[int | None] = []
    for row, key in enumerate(keys):
        if row in check.skipped:
            item_of.append(None)
            continue
        if key not in place_of:
            place_of[key] = len(rows)
            rows.append(row)
        item_of.append(place_of[key])
    return rows, item_of


def _insert_items(
    conn: Connection,
    project_id: int,
    table: TableData,
    choice: ImportChoice,
    rows: Sequence[int],
    progress: Progress,
) -> range:
    texts = joined_text(table, choice.text_columns)
    others = _fields_of(table, choice)
    id_place = table.columns.index(choice.id_column) if choice.id_column else None
    may_repeat = choice.keep_duplicates or choice.is_long
    occurrences: Counter[str] = Counter()
    first: int | None = None
    for start in range(0, len(rows), _CHUNK):
        batch = []
        for index in rows[start : start + _CHUNK]:
            row, text = table.rows[index], texts[index]
            fields = json.dumps({name: row[place] for name, place in others}, ensure_ascii=False) if others else None
            key = item_key(text, fields)
            if may_repeat:
                occurrences[key] += 1
                key = key if occurrences[key] == 1 else f"{key}-{occurrences[key]}"
            batch.append((project_id, key, row[id_place] if id_place is not None else "", text, fields))
        ids = items.insert_many(conn, batch)
        first = ids.start if first is None else first
        progress(0.9 * min(1.0, (start + _CHUNK) / len(rows)))
    return range(first or 0, (first or 0) + len(rows))


def _fields_of(table: TableData, choice: ImportChoice) -> list[tuple[str, int]]:
    """The columns that become fields of the items, each with its place."""
    answers = {one.column for one in choice.further.values()}
    compared = {*choice.candidates, *(name for one in choice.further.values() for name in one.candidates)}
    is_field = {name for name in table.columns if name not in choice.roles and name not in answers or name in compared}
    return [(name, place) for place, name in enumerate(table.columns) if name in is_field]


def layout_of(table: TableData, choice: ImportChoice, rows: Sequence[int]) -> tuple[FieldLayout, ...]:
    """How the items are shown until somebody says otherwise."""
    seen = rows[:_SEEN]
    texts = joined_text(replace(table, rows=[table.rows[row] for row in seen]), choice.text_columns)
    fields = [(name, [table.rows[row][place] for row in seen]) for name, place in _fields_of(table, choice)]
    if choice.messages:
        others = [one for one in proposed(texts, fields) if one.name not in (TEXT_FIELD, choice.messages)]
        return (FieldLayout(TEXT_FIELD, FieldShow.CONVERSATION), *others)
    return proposed(texts, fields)


def item_key(text: str, fields: str | None) -> str:
    """What an item is, whoever brings it: the hash of its text and its other columns."""
    return hashlib.blake2b(f"{text}\x1f{fields or ''}".encode(), digest_size=16).hexdigest()


def content_hash(table: TableData) -> str:
    """What tells one file from another, however it is called."""
    digest = hashlib.blake2b(repr(table.columns).encode(), digest_size=16)
    for row in table.rows:
        digest.update("\x1f".join(row).encode("utf-8", "replace") + b"\x1e")
    return digest.hexdigest()


def insert_labels(
    conn: Connection,
    project_id: int,
    annotator: str,
    said: Sequence[tuple[int, Said | None]],
    models: frozenset[str],
    known: Annotator | None = None,
) -> int:
    """Append what an annotator says of items, by their ids: one that is `known` here, else one of that name, made where
    it is new. Returns its id."""
    task, question = tasks.task(conn, project_id), values.question_of(conn, project_id)
    canonical = canonical_forms(task, (one for _, one in said if one is not None))
    present = {*map(fold, task.names)}
    unknown = {name for one, text in canonical.items() if text is None for name in names_of(one)}
    unknown = {name for name in unknown if fold(name) not in present}
    if unknown:
        named = ", ".join(sorted(unknown)[:3])
        text = f"“{annotator}” has labels the task does not have: {named}."
        raise WorkbenchError(text, "Add them to the task first.")
    who = known.kind if known else kind_of_annotator(annotator, models)
    annotator_id = known.id if known else ensure_annotator(conn, project_id, who, annotator)
    if project_of(conn, project_id).reference_id is None and who is not AnnotatorKind.MODEL:
        projects.set_reference(conn, project_id, annotator_id)
    stored = interned(conn, question, dict.fromkeys(text for text in canonical.values() if text is not None))
    value_ids: dict[Said | None, int] = {one: stored[text] for one, text in canonical.items() if text is not None}
    pairs = [(item, value_ids.get(one)) for item, one in said]
    annotations.append_values(conn, annotator_id, question.id, pairs, reason=None)
    return annotator_id


def kind_of_annotator(name: str, models: frozenset[str]) -> AnnotatorKind:
    """What an annotator of a file is."""
    return AnnotatorKind.MODEL if name in models else AnnotatorKind.IMPORTED


def canonical_forms(task: Task, said: Iterable[Said]) -> dict[Said, str | None]:
    """The canonical form of what is said, in whatever spelling; None where it has a label that the task has not."""
    kind, by_name = TASKS[task.type], {fold(name): name for name in task.names}
    own = frozenset(task.names)

    def canonical(one: Said) -> str | None:
        if kind.writes:
            return kind.canonical(kind.value_of(task, one))
        names = set(names_of(one))
        if any(fold(name) not in by_name for name in names - own):
            return None
        is_as_named = names <= own and bool(one) and isinstance(one[0], str | Span)
        said = one if is_as_named else renamed(one, lambda name: by_name[fold(name)])
        return kind.canonical(kind.value_of(task, said))

    return {one: canonical(one) for one in dict.fromkeys(said)}

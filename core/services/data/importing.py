"""A table becomes a project with its items and the labels people gave: all or nothing."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from core.errors import WorkbenchError
from core.importers import Check, joined_text
from core.model import DEFAULT_FALLBACK, AnnotatorKind, Label, TableData, Task
from core.services.common.lookup import ensure_annotator, project_of
from core.services.data.checking import check as check_table
from core.services.data.choice import ImportChoice
from core.services.projects.projects import free_name
from core.storage import annotations, items, projects
from core.storage.engine import Connection, Database
from core.tasks import complete_fallback, fold, is_fallback_name, propose_labels

Progress = Callable[[float], None]
_CHUNK = 20_000


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
    progress: Progress = no_progress,
) -> int:
    """A new project with these items and labels, all or nothing; returns its id.

    `check` is what `checking.check` found for this table and these columns, where it was asked before. Labels are
    proposed from the label columns unless a `task` is given. Raises `WorkbenchError` with the first problem where
    there is any. Splits are dealt separately: see `splitting.split`.
    """
    check = check or check_table(table, choice)
    if not check.ok:
        raise WorkbenchError(check.problems[0].message, check.problems[0].hint)
    rows = _kept_rows(table, choice, check)
    columns = {name: _label_column(table, name, choice) for name in choice.label_columns}
    task = task or _proposed_task(columns, rows)
    with db.write() as conn:
        name = free_name(conn, choice.name)
        source = {"about": table.about, "text": choice.text_columns, "labels": choice.label_columns}
        project_id = projects.create(conn, name, task, is_demo=is_demo, source=source)
        ids = _insert_items(conn, project_id, table, choice, rows, progress)
        for column, values in columns.items():
            _insert_labels(conn, project_id, column, [values[row] for row in rows], ids)
            progress(1.0)
        return project_id


def _kept_rows(table: TableData, choice: ImportChoice, check: Check) -> list[int]:
    """Indices of the rows to import."""
    if not check.skipped and (choice.keep_duplicates or not check.duplicates):
        return list(range(len(table.rows)))
    seen: set[str] = set()
    kept = []
    for index, text in enumerate(joined_text(table, choice.text_columns)):
        if index in check.skipped or (text in seen and not choice.keep_duplicates):
            continue
        seen.add(text)
        kept.append(index)
    return kept


def _label_column(table: TableData, name: str, choice: ImportChoice) -> list[str]:
    place = table.columns.index(name)
    merged = choice.merge_labels
    tidy: dict[str, str] = {}
    values = []
    for row in table.rows:
        cell = row[place]
        if cell not in tidy:
            tidy[cell] = " ".join(merged.get(cell, cell).split())
        values.append(tidy[cell])
    return values


def _proposed_task(columns: Mapping[str, Sequence[str]], rows: Sequence[int]) -> Task:
    names: dict[str, None] = {}
    for values in columns.values():
        names |= dict.fromkeys(values[row] for row in rows)
    found = [name for name in names if name]
    fallback = next((Label(name, is_fallback=True) for name in found if is_fallback_name(name)), None)
    fallback = fallback or Label(DEFAULT_FALLBACK, is_fallback=True)
    chosen = propose_labels([name for name in found if name != fallback.name], fallback)
    return Task(tuple(label for label in chosen if not label.is_fallback), complete_fallback(fallback))


def _insert_items(
    conn: Connection,
    project_id: int,
    table: TableData,
    choice: ImportChoice,
    rows: Sequence[int],
    progress: Progress,
) -> range:
    texts = joined_text(table, choice.text_columns)
    used = {*choice.text_columns, *choice.label_columns, choice.id_column}
    others = [(name, place) for place, name in enumerate(table.columns) if name not in used]
    id_place = table.columns.index(choice.id_column) if choice.id_column else None
    occurrences: Counter[str] = Counter()
    first: int | None = None
    for start in range(0, len(rows), _CHUNK):
        batch = []
        for index in rows[start : start + _CHUNK]:
            row, text = table.rows[index], texts[index]
            fields = json.dumps({name: row[place] for name, place in others}, ensure_ascii=False) if others else None
            key = hashlib.blake2b(f"{text}\x1f{fields or ''}".encode(), digest_size=16).hexdigest()
            if choice.keep_duplicates:
                occurrences[key] += 1
                key = key if occurrences[key] == 1 else f"{key}-{occurrences[key]}"
            batch.append((project_id, key, row[id_place] if id_place is not None else "", text, fields))
        ids = items.insert_many(conn, batch)
        first = ids.start if first is None else first
        progress(0.9 * min(1.0, (start + _CHUNK) / len(rows)))
    return range(first or 0, (first or 0) + len(rows))


def _insert_labels(conn: Connection, project_id: int, column: str, values: Sequence[str], ids: range) -> None:
    by_name = {fold(label.name): label.id for label in projects.all_labels(conn, project_id)}
    ids_of = {value: by_name.get(fold(value)) for value in set(values) if value}
    unknown = {value for value, label_id in ids_of.items() if label_id is None}
    if unknown:
        named = ", ".join(sorted(unknown)[:3])
        raise WorkbenchError(f"The column “{column}” holds labels the task does not have: {named}.", "Add them first.")
    annotator = ensure_annotator(conn, project_id, AnnotatorKind.IMPORTED, column)
    if project_of(conn, project_id).reference_id is None:
        projects.set_reference(conn, project_id, annotator)
    pairs = [(item, ids_of[value]) for item, value in zip(ids, values, strict=True) if value]
    annotations.append_labels(conn, annotator, pairs, reason=None)  # type: ignore[arg-type]

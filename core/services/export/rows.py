"""The rows of a table of what annotators say: long or wide, of one question or of all about the items, streamed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

from core.exporters import long_columns, long_rows, wide_columns, wide_rows
from core.exporters.annotations import Annotated
from core.model import Annotation, AnnotatorKind, Item, Mark, Split
from core.services.common.asked import kept_by
from core.services.common.lookup import project_of
from core.services.common.titles import titles
from core.services.common.values import Sayings, kind_of
from core.storage import annotations, annotators, counts, items, marks, projects
from core.storage.engine import Connection, Database
from core.storage.items import ItemFilter
from core.text import known

PAGE = 2_000
TOOL = "tool"
QUESTION = "question"
"""The column of a long table of all questions that says which one a row answers."""
SHAPES = {"long": "One row per annotation", "wide": "One row per item", TOOL: "For another tool"}


@dataclass(frozen=True)
class What:
    """What goes into a file; history only in the long shape, all questions about the items for other tools only where
    their format has room for them."""

    shape: str
    annotator_ids: Sequence[int] | None
    with_history: bool
    models_on_test: bool
    all_questions: bool = False


@dataclass(frozen=True)
class _Told:
    """Who is exported of one question: their names, whose answers to test items are left out, and the answers that each
    has kept of items of which it is not asked any more."""

    project_id: int
    title: str
    chosen: Mapping[int, str]
    people: Sequence[str]
    not_on_test: Set[int]
    kept: Mapping[int, Set[int]]


def asked(db: Database, project_id: int, what: What) -> list[int]:
    """The questions whose answers go into the file, by project."""
    with db.read() as conn:
        project_of(conn, project_id)
        return [one.id for one in projects.questions(conn, project_id)] if what.all_questions else [project_id]


def chosen_of(conn: Connection, project_id: int, annotator_ids: Sequence[int] | None) -> list[int]:
    """Those annotators of a question that are exported."""
    everyone = annotators.list_all(conn, project_id)
    return [a.id for a in everyone if annotator_ids is None or a.id in annotator_ids]


def count_rows(db: Database, project_id: int, what: What) -> int:
    """How many rows `rows_of` gives, of another tool's file how many items; counted, not built."""
    questions = asked(db, project_id, what)
    with db.read() as conn:
        total = items.count(conn, project_id)
        return sum(_long_rows(conn, one, what, total) for one in questions) if what.shape == "long" else total


def _long_rows(conn: Connection, project_id: int, what: What, total: int) -> int:
    chosen = chosen_of(conn, project_id, what.annotator_ids)
    hidden = set() if what.models_on_test else annotators.of_kind(conn, project_id, AnnotatorKind.MODEL)
    entries, annotated = counts.entry_counts(
        conn,
        chosen,
        with_history=what.with_history,
        dealt_in=project_id,
        not_on_test=sorted(hidden),
        kept={} if what.with_history else kept_by(conn, chosen),
    )
    return entries + total - annotated


def rows_of(
    db: Database, project_id: int, what: What, *, at_once: int = PAGE
) -> tuple[Iterator[Mapping[str, object]], Sequence[str]]:
    """The rows as they are written, `at_once` items a query, and the columns of all of them."""
    known(what.shape, SHAPES, "shape of an export")
    told = [_told(db, one, what) for one in asked(db, project_id, what)]
    with db.read() as conn:
        fields = items.field_names(conn, project_id)
    if what.shape == "wide":
        names = [name for one in told for name in one.chosen.values()]
        people = [name for one in told for name in one.people]
        return wide_rows(_annotated(db, told, at_once), fields), wide_columns(names, fields, people)
    columns = long_columns(fields)
    if not what.all_questions:
        return long_rows(_annotated(db, told, at_once, what.with_history), fields), columns
    rows = (
        _answering(one.title, row)
        for one in told
        for row in long_rows(_annotated(db, [one], at_once, what.with_history), fields)
    )
    return rows, list(_answering("", dict.fromkeys(columns)))


def _told(db: Database, project_id: int, what: What) -> _Told:
    """Of several questions the names of annotators have the question behind them, where they stand side by side."""
    with db.read() as conn:
        title = project_of(conn, project_id).question
        everyone = annotators.list_all(conn, project_id)
        with_history = what.with_history and what.shape == "long"
        kept = {} if with_history else kept_by(conn, chosen_of(conn, project_id, what.annotator_ids))
    is_wide_of_all = what.all_questions and what.shape == "wide"
    called = {i: f"{name} · {title}" if is_wide_of_all else name for i, name in titles(everyone).items()}
    return _Told(
        project_id,
        title,
        {a.id: called[a.id] for a in everyone if what.annotator_ids is None or a.id in what.annotator_ids},
        [called[a.id] for a in everyone if a.kind is AnnotatorKind.PERSON],
        {a.id for a in everyone if a.kind is AnnotatorKind.MODEL and not what.models_on_test},
        kept,
    )


def _annotated(db: Database, told: Sequence[_Told], at_once: int, with_history: bool = False) -> Iterator[Annotated]:
    """Item by item, `at_once` items a query: memory stays flat whatever the size of the project. Left out is what
    was kept of items of which the question is not asked any more."""
    after = 0
    while True:
        with db.read() as conn:
            page = items.page(conn, told[0].project_id, ItemFilter(), after=after, limit=at_once)
            noted = marks.of_items(conn, [item.id for item in page], with_history=with_history)
            said = [_entries(conn, one.project_id, [item.id for item in page], with_history) for one in told]
        if not page:
            return
        for item in page:
            rows = [
                (entry, one.chosen[entry.annotator_id])
                for one, entries in zip(told, said, strict=True)
                for entry in _rows_of(one, item, entries[item.id], noted[item.id], with_history)
            ]
            for entry, name in rows:
                yield item, entry, name
            if not rows:
                yield item, None, ""
        after = page[-1].id


def _entries(conn: Connection, project_id: int, ids: Sequence[int], with_history: bool) -> dict[int, list[Annotation]]:
    """What was said of each of the items, as cells have it."""
    sayings, cell = Sayings(conn, project_id).about(ids), kind_of(conn, project_id).cell
    if with_history:
        found: Mapping[int, Iterable[Annotation]] = annotations.history(conn, ids, sayings, of=project_id)
    else:
        now = annotations.current_of(conn, ids, sayings, of=project_id)
        found = {item: by.values() for item, by in now.items()}
    return {item: [_in_a_cell(one, cell) for one in entries] for item, entries in found.items()}


def _rows_of(
    told: _Told, item: Item, entries: Sequence[Annotation], noted: Sequence[Mark], with_history: bool
) -> list[Annotation | Mark]:
    """What goes into the file of one item and question."""
    without = told.not_on_test if item.split is Split.TEST else frozenset()
    without = without | {who for who, of in told.kept.items() if item.id in of}
    said = [one for one in entries if one.annotator_id in told.chosen.keys() - without]
    left = [one for one in noted if one.annotator_id in told.chosen]
    return _in_time(said, left) if with_history else _together(said, left)


def _answering(question: str, row: Mapping[str, object]) -> dict[str, object]:
    """The row with the question it answers first; a field of that name keeps it behind `field:`."""
    own = {f"field:{name}" if name == QUESTION else name: value for name, value in row.items()}
    return {QUESTION: question, **own}


def _in_a_cell(one: Annotation, cell: Callable[[Any], str]) -> Annotation:
    """With what is said as a cell has it."""
    return one if one.said is None else replace(one, said=cell(one.said))


def _in_time(entries: Sequence[Annotation], left: Sequence[Mark]) -> list[Annotation | Mark]:
    """Everything in the order it came about."""
    return sorted((*entries, *left), key=lambda one: one.created_at)


def _together(entries: Sequence[Annotation], left: Sequence[Mark]) -> list[Annotation | Mark]:
    """What each person holds on an item as one: their mark goes with their annotation where there is one."""
    by = {mark.annotator_id: mark for mark in left}
    labelled: list[Annotation | Mark] = []
    for one in entries:
        mark = by.pop(one.annotator_id, None)
        labelled.append(replace(one, note=mark.note, flagged=mark.flagged) if mark else one)
    return [*labelled, *by.values()]

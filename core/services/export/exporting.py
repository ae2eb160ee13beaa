"""Exports: annotations long and wide, streamed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from core.exporters import (
    EXPORTERS,
    TOOL_EXPORTERS,
    ToolExporter,
    as_text,
    long_columns,
    long_rows,
    wide_columns,
    wide_rows,
)
from core.exporters.annotations import Annotated
from core.media import MediaStore
from core.model import Annotation, AnnotatorKind, Item, Mark, Split
from core.services.agreement.comparison import Case, ComparisonView
from core.services.common.asked import kept_by
from core.services.common.door import door
from core.services.common.looking import ahead, beside, count_looks
from core.services.common.lookup import project_of
from core.services.common.titles import titles
from core.services.common.values import Sayings, kind_of
from core.services.export import present, tool_files, with_files
from core.services.export.reporting import report_of
from core.storage import annotations, annotators, counts, items, marks, projects, tasks
from core.storage.engine import Connection, Database
from core.storage.items import ItemFilter
from core.text import known

_PAGE = 2_000
_LONGEST_NAME = 200
"""In bytes: file systems take 255, and some of them count less."""
TOOL = "tool"
QUESTION = "question"
"""The column of a long table of all questions that says which one a row answers."""
SHAPES = {"long": "One row per annotation", "wide": "One row per item", TOOL: "For another tool"}


@dataclass(frozen=True)
class _What:
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


@door
class Exporting:
    def __init__(self, db: Database, store: MediaStore, folder: Path) -> None:
        """`folder` is where files lie that are built to be taken along."""
        self._db = db
        self._store = store
        self._folder = folder

    def has_files(self, project_id: int) -> bool:
        """Whether items have pictures, sounds or films that an export can carry."""
        with self._db.read() as conn:
            return with_files.has_files(project_of(conn, project_id).layout)

    def stamp(self, project_id: int) -> str:
        """Changes whenever a file that was built could be another if it were built now."""
        return present.stamp(self._db, project_id)

    def build(
        self,
        project_id: int,
        name: str,
        *,
        shape: str,
        file_format: str,
        annotator_ids: Sequence[int] | None = None,
        with_history: bool = False,
        models_on_test: bool = True,
        all_questions: bool = False,
        progress: with_files.Progress = with_files.no_progress,
        left_out: list[str] | None = None,
    ) -> Path:
        """What `write` writes, with the files of the items, as a file of that name in the folder for exports: a zip in
        which the table, or the file for another tool and what that must be told, names each file by its place. A data
        set that holds its files is that zip itself. An import of the zip brings all of it back.

        `left_out` gathers the names of files that are missing from the zip, since they could not be read whole. The zip
        is there whole, or as it was before. Raises `WorkbenchError` as `write` does, for more than 8 GB of
        files, and where the disk does not take it.
        """
        what = _What(shape, annotator_ids, with_history, models_on_test, all_questions)
        target = self._folder / plain_name(name)
        used: with_files.Used = {}
        write = self._writer(project_id, what, file_format, used, progress)
        if models_on_test:
            self._count_looks(project_id, what)
        tool = TOOL_EXPORTERS[file_format] if shape == TOOL else None
        if tool and tool.holds_files:
            return with_files.whole(target, write)
        suffix = tool.suffix if tool else EXPORTERS[file_format].suffix
        parts = [with_files.Part(f"annotations{suffix}", write)]
        if tool and tool.settings:
            text = self.settings(project_id, file_format, all_questions=all_questions).encode()
            parts.append(with_files.Part(tool.settings.file, lambda out: out.write(text)))
        missed = [] if left_out is None else left_out
        return with_files.whole(
            target, lambda out: missed.extend(with_files.write_zip(out, parts, used, self._store, progress))
        )

    def keep(self, name: str, write: Callable[[BinaryIO], object]) -> Path:
        """What `write` writes, as a file of that name in the folder for exports: whole, or as it was before."""
        return with_files.whole(self._folder / plain_name(name), write)

    def settings(self, project_id: int, file_format: str, *, all_questions: bool = False) -> str:
        """What another tool must be told of the task before it takes the file; "" for one that need not be."""
        return tool_files.settings_of(self._db, project_id, file_format, self._store, all_questions=all_questions)

    def not_carried(self, project_id: int, file_format: str) -> list[str]:
        """What a file of all questions for another tool leaves out or says otherwise, in sentences: questions of a kind
        that it has not, conditions that it cannot take."""
        return tool_files.not_carried(self._db, project_id, file_format)

    def _count_looks(self, project_id: int, what: _What) -> None:
        for one in self._asked(project_id, what):
            with self._db.read() as conn:
                pairs = beside(conn, one, self._chosen(conn, one, what.annotator_ids))
            count_looks(self._db, one, pairs)

    def _asked(self, project_id: int, what: _What) -> list[int]:
        """The questions whose answers go into the file, by project."""
        with self._db.read() as conn:
            project_of(conn, project_id)
            everything = what.all_questions
            return [one.id for one in projects.questions(conn, project_id)] if everything else [project_id]

    def write(
        self,
        project_id: int,
        out: BinaryIO,
        *,
        shape: str,
        file_format: str,
        annotator_ids: Sequence[int] | None = None,
        with_history: bool = False,
        models_on_test: bool = True,
        all_questions: bool = False,
    ) -> int:
        """Write the annotations of the chosen annotators (all by default); returns the number of rows. With
        `all_questions` what everybody says to every question about the items: rows then have the column `question`, or
        the names of annotators their question.

        `shape` is a key of SHAPES, `file_format` of EXPORTERS, or for another tool one of `tool_formats`; what is
        counted then are records. Only the long shape can hold history. What each model
        says of test items is a look, and counted; without `models_on_test` it is left out.
        """
        what = _What(shape, annotator_ids, with_history, models_on_test, all_questions)
        write = self._writer(project_id, what, file_format)
        if models_on_test:
            self._count_looks(project_id, what)
        return write(out)

    def tool_formats(self, project_id: int) -> dict[str, ToolExporter]:
        """The formats of other tools that can hold what this project's annotators say, by key."""
        with self._db.read() as conn:
            project_of(conn, project_id)
            return tool_files.formats_for(tasks.task(conn, project_id))

    def _writer(
        self,
        project_id: int,
        what: _What,
        file_format: str,
        used: with_files.Used | None = None,
        progress: with_files.Progress = with_files.no_progress,
    ) -> Callable[[BinaryIO], int]:
        """What writes the file, once what was asked for is known to be possible; with `used` it gathers what files it
        names, by their place."""
        if what.shape == TOOL:
            known(file_format, self.tool_formats(project_id), "format for these answers")
            to_whom = (project_id, file_format, what.annotator_ids, what.models_on_test)
            return lambda out: tool_files.write(
                self._db, *to_whom, out, self._store, used, progress, all_questions=what.all_questions
            )
        exporter = known(file_format, EXPORTERS, "format of an export")
        rows, columns = self._rows(project_id, what)
        named = rows if used is None else with_files.named_by_place(rows, used)
        return lambda out: exporter.write(named, columns, out)

    def file(
        self,
        project_id: int,
        *,
        shape: str,
        file_format: str,
        annotator_ids: Sequence[int] | None = None,
        with_history: bool = False,
        models_on_test: bool = True,
        all_questions: bool = False,
    ) -> bytes:
        """What `write` writes."""
        out = BytesIO()
        self.write(
            project_id,
            out,
            shape=shape,
            file_format=file_format,
            annotator_ids=annotator_ids,
            with_history=with_history,
            models_on_test=models_on_test,
            all_questions=all_questions,
        )
        return out.getvalue()

    def preview(
        self,
        project_id: int,
        *,
        shape: str,
        file_format: str = "csv",
        annotator_ids: Sequence[int] | None = None,
        with_history: bool = False,
        all_questions: bool = False,
        n: int = 10,
    ) -> list[dict[str, str]]:
        """The first `n` rows of what `write` would write, each with all columns, as text; "" where there is nothing.

        It is no look: what models say of test items is left out of it.
        """
        if shape == TOOL:
            told = (self._db, project_id, file_format, annotator_ids, n, self._store)
            return tool_files.beginning(*told, all_questions=all_questions)
        what = _What(shape, annotator_ids, with_history, False, all_questions)
        rows, columns = self._rows(project_id, what, at_once=n)
        return [{name: _shown(row.get(name)) for name in columns} for row in islice(rows, n)]

    def looks_ahead(
        self, project_id: int, *, annotator_ids: Sequence[int] | None = None, all_questions: bool = False
    ) -> int:
        """As how many looks at test it would count to write all that these annotators say."""
        found = 0
        for one in self._asked(project_id, _What("", annotator_ids, False, True, all_questions)):
            with self._db.read() as conn:
                chosen = self._chosen(conn, one, annotator_ids)
            found += ahead(self._db, one, chosen)
        return found

    def count_rows(
        self,
        project_id: int,
        *,
        shape: str,
        annotator_ids: Sequence[int] | None = None,
        with_history: bool = False,
        models_on_test: bool = True,
        all_questions: bool = False,
    ) -> int:
        """How many rows `write` would write, for another tool of how many items; counted, not built."""
        what = _What(shape, annotator_ids, with_history, models_on_test, all_questions)
        asked = self._asked(project_id, what)
        with self._db.read() as conn:
            total = items.count(conn, project_id)
            return sum(self._long_rows(conn, one, what, total) for one in asked) if shape == "long" else total

    def _long_rows(self, conn: Connection, project_id: int, what: _What, total: int) -> int:
        chosen = self._chosen(conn, project_id, what.annotator_ids)
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

    def left_out(self, project_id: int, *, annotator_ids: Sequence[int] | None = None) -> int:
        """How many answers of these annotators no file but a history holds, since the question is not asked of these
        items any more by what they said before it."""
        with self._db.read() as conn:
            return sum(map(len, kept_by(conn, self._chosen(conn, project_id, annotator_ids)).values()))

    def _chosen(self, conn: Connection, project_id: int, annotator_ids: Sequence[int] | None) -> list[int]:
        everyone = annotators.list_all(conn, project_id)
        return [a.id for a in everyone if annotator_ids is None or a.id in annotator_ids]

    def _rows(
        self, project_id: int, what: _What, *, at_once: int = _PAGE
    ) -> tuple[Iterator[Mapping[str, object]], Sequence[str]]:
        known(what.shape, SHAPES, "shape of an export")
        told = [self._told(one, what) for one in self._asked(project_id, what)]
        with self._db.read() as conn:
            fields = items.field_names(conn, project_id)
        if what.shape == "wide":
            names = [name for one in told for name in one.chosen.values()]
            people = [name for one in told for name in one.people]
            return wide_rows(self._annotated(told, at_once), fields), wide_columns(names, fields, people)
        columns = long_columns(fields)
        if not what.all_questions:
            return long_rows(self._annotated(told, at_once, what.with_history), fields), columns
        rows = (
            _answering(one.title, row)
            for one in told
            for row in long_rows(self._annotated([one], at_once, what.with_history), fields)
        )
        return rows, list(_answering("", dict.fromkeys(columns)))

    def _told(self, project_id: int, what: _What) -> _Told:
        """Of several questions the names of annotators have the question behind them, where they stand side by side."""
        with self._db.read() as conn:
            title = project_of(conn, project_id).question
            everyone = annotators.list_all(conn, project_id)
            with_history = what.with_history and what.shape == "long"
            kept = {} if with_history else kept_by(conn, self._chosen(conn, project_id, what.annotator_ids))
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

    def _annotated(self, told: Sequence[_Told], at_once: int, with_history: bool = False) -> Iterator[Annotated]:
        """Item by item, `at_once` items a query: memory stays flat whatever the size of the project. Left out is what
        was kept of items of which the question is not asked any more."""
        after = 0
        while True:
            with self._db.read() as conn:
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

    def report(
        self, project_id: int, view: ComparisonView, fixed: Sequence[Case] = (), broken: Sequence[Case] = ()
    ) -> str:
        """One self-contained HTML page of a comparison."""
        with self._db.read() as conn:
            project = project_of(conn, project_id)
            colors = {label.name: label.color for label in tasks.task(conn, project_id).choices}
        return report_of(project.name, colors, view, fixed, broken)


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


def plain_name(name: str) -> str:
    """A name of a file that every file system takes, and nothing that leads elsewhere. Of a long one the end stays,
    which tells it from others."""
    kept = "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in name)
    ending = kept.encode("utf-8", "ignore")[-_LONGEST_NAME:].decode("utf-8", "ignore")
    return ending.lstrip(".-") or "export.zip"


def _shown(value: object) -> str:
    return "" if value is None else as_text(value)


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


def as_csv(rows: Sequence[Mapping[str, object]]) -> bytes:
    """A small table of figures as a file for spreadsheets; empty where there are no rows."""
    if not rows:
        return b""
    out = BytesIO()
    EXPORTERS["csv"].write(rows, list(rows[0]), out)
    return out.getvalue()

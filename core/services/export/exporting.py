"""Exports: annotations long and wide, streamed."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
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
from core.model import Annotation, AnnotatorKind, Mark, Split
from core.services.agreement.comparison import Case, ComparisonView
from core.services.common.asked import kept_by
from core.services.common.door import door
from core.services.common.looking import ahead, beside, count_looks
from core.services.common.lookup import project_of
from core.services.common.titles import titles
from core.services.common.values import Sayings, kind_of
from core.services.export import tool_files, with_files
from core.services.export.reporting import report_of
from core.storage import annotations, annotators, counts, items, marks, tasks
from core.storage.engine import Connection, Database
from core.storage.items import ItemFilter
from core.text import known

_PAGE = 2_000
TOOL = "tool"
SHAPES = {"long": "One row per annotation", "wide": "One row per item", TOOL: "For another tool"}


@dataclass(frozen=True)
class _What:
    """What goes into a file; history only in the long shape."""

    shape: str
    annotator_ids: Sequence[int] | None
    with_history: bool
    models_on_test: bool


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
        progress: with_files.Progress = with_files.no_progress,
    ) -> Path:
        """What `write` writes, with the files of the items, as a file of that name in the folder for exports: a zip in
        which the table, or the file for another tool and what that must be told, names each file by its place. A data
        set that holds its files is that zip itself. An import of the zip brings all of it back.

        The file is there whole, or as it was before. Raises `WorkbenchError` as `write` does, for more than 8 GB of
        files, and where the disk does not take it.
        """
        what, target = _What(shape, annotator_ids, with_history, models_on_test), self._folder / plain_name(name)
        used: with_files.Used = {}
        write = self._writer(project_id, what, file_format, used, progress)
        if models_on_test:
            self._count_looks(project_id, annotator_ids)
        tool = TOOL_EXPORTERS[file_format] if shape == TOOL else None
        if tool and tool.holds_files:
            return with_files.whole(target, write)
        suffix = tool.suffix if tool else EXPORTERS[file_format].suffix
        parts = [with_files.Part(f"annotations{suffix}", write)]
        if tool and tool.settings:
            text = self.settings(project_id, file_format).encode()
            parts.append(with_files.Part(tool.settings.file, lambda out: out.write(text)))
        return with_files.whole(target, lambda out: with_files.write_zip(out, parts, used, self._store, progress))

    def keep(self, name: str, write: Callable[[BinaryIO], object]) -> Path:
        """What `write` writes, as a file of that name in the folder for exports: whole, or as it was before."""
        return with_files.whole(self._folder / plain_name(name), write)

    def settings(self, project_id: int, file_format: str) -> str:
        """What another tool must be told of the task before it takes the file; "" for one that need not be."""
        return tool_files.settings_of(self._db, project_id, file_format, self._store)

    def _count_looks(self, project_id: int, annotator_ids: Sequence[int] | None) -> None:
        with self._db.read() as conn:
            pairs = beside(conn, project_id, self._chosen(conn, project_id, annotator_ids))
        count_looks(self._db, project_id, pairs)

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
    ) -> int:
        """Write the annotations of the chosen annotators (all by default); returns the number of rows.

        `shape` is a key of SHAPES, `file_format` of EXPORTERS, or for another tool one of `tool_formats`; what is
        counted then are records. Only the long shape can hold history. What each model
        says of test items is a look, and counted; without `models_on_test` it is left out.
        """
        what = _What(shape, annotator_ids, with_history, models_on_test)
        write = self._writer(project_id, what, file_format)
        if models_on_test:
            self._count_looks(project_id, annotator_ids)
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
            return lambda out: tool_files.write(self._db, *to_whom, out, self._store, used, progress)
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
        n: int = 10,
    ) -> list[dict[str, str]]:
        """The first `n` rows of what `write` would write, each with all columns, as text; "" where there is nothing.

        It is no look: what models say of test items is left out of it.
        """
        if shape == TOOL:
            return tool_files.beginning(self._db, project_id, file_format, annotator_ids, n, self._store)
        rows, columns = self._rows(project_id, _What(shape, annotator_ids, with_history, False), at_once=n)
        return [{name: _shown(row.get(name)) for name in columns} for row in islice(rows, n)]

    def looks_ahead(self, project_id: int, *, annotator_ids: Sequence[int] | None = None) -> int:
        """As how many looks at test it would count to write all that these annotators say."""
        with self._db.read() as conn:
            chosen = self._chosen(conn, project_id, annotator_ids)
        return ahead(self._db, project_id, chosen)

    def count_rows(
        self,
        project_id: int,
        *,
        shape: str,
        annotator_ids: Sequence[int] | None = None,
        with_history: bool = False,
        models_on_test: bool = True,
    ) -> int:
        """How many rows `write` would write, for another tool of how many items; counted, not built."""
        with self._db.read() as conn:
            project_of(conn, project_id)
            total = items.count(conn, project_id)
            if shape != "long":
                return total
            chosen = self._chosen(conn, project_id, annotator_ids)
            hidden = set() if models_on_test else annotators.of_kind(conn, project_id, AnnotatorKind.MODEL)
            entries, annotated = counts.entry_counts(
                conn,
                chosen,
                with_history=with_history,
                dealt_in=project_id,
                not_on_test=sorted(hidden),
                kept={} if with_history else kept_by(conn, chosen),
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
        shape, annotator_ids = what.shape, what.annotator_ids
        with_history = what.with_history and shape == "long"
        with self._db.read() as conn:
            project_of(conn, project_id)
            everyone = annotators.list_all(conn, project_id)
            fields = items.field_names(conn, project_id)
            kept = {} if with_history else kept_by(conn, self._chosen(conn, project_id, annotator_ids))
        known(shape, SHAPES, "shape of an export")
        called = titles(everyone)
        chosen = {a.id: called[a.id] for a in everyone if annotator_ids is None or a.id in annotator_ids}
        hidden = {a.id for a in everyone if a.kind is AnnotatorKind.MODEL and not what.models_on_test}
        annotated = self._annotated(project_id, chosen, with_history, at_once, hidden, kept)
        if shape == "wide":
            people = [called[a.id] for a in everyone if a.kind is AnnotatorKind.PERSON]
            return wide_rows(annotated, fields), wide_columns(list(chosen.values()), fields, people)
        return long_rows(annotated, fields), long_columns(fields)

    def _annotated(
        self,
        project_id: int,
        chosen: Mapping[int, str],
        with_history: bool,
        at_once: int,
        not_on_test: Set[int],
        kept: Mapping[int, Set[int]],
    ) -> Iterator[Annotated]:
        """Item by item, `at_once` items a query: memory stays flat whatever the size of the project. Left out is what
        was `kept` of items of which the question is not asked any more."""
        after = 0
        while True:
            with self._db.read() as conn:
                page = items.page(conn, project_id, ItemFilter(), after=after, limit=at_once)
                ids = [item.id for item in page]
                sayings, cell = Sayings(conn, project_id).about(ids), kind_of(conn, project_id).cell
                entries: Mapping[int, Sequence[Annotation]] = (
                    annotations.history(conn, ids, sayings, of=project_id)
                    if with_history
                    else {
                        i: list(by.values())
                        for i, by in annotations.current_of(conn, ids, sayings, of=project_id).items()
                    }
                )
                noted = marks.of_items(conn, ids, with_history=with_history)
            if not page:
                return
            for item in page:
                without = not_on_test if item.split is Split.TEST else frozenset()
                without = without | {who for who, of in kept.items() if item.id in of}
                told = [one for one in entries[item.id] if one.annotator_id in chosen.keys() - without]
                left = [one for one in noted[item.id] if one.annotator_id in chosen]
                rows = _in_time(told, left) if with_history else _together(told, left)
                for one in rows:
                    yield item, _in_a_cell(one, cell), chosen[one.annotator_id]
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


def plain_name(name: str) -> str:
    """A name of a file, and nothing that leads elsewhere."""
    kept = "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in name).lstrip(".-")
    return kept[-100:] or "export.zip"


def _shown(value: object) -> str:
    return "" if value is None else as_text(value)


def _in_a_cell(one: Annotation | Mark, cell: Callable[[Any], str]) -> Annotation | Mark:
    """With what is said as a cell has it."""
    return replace(one, said=cell(one.said)) if isinstance(one, Annotation) and one.said is not None else one


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

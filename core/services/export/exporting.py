"""Exports, the front door: tables and files of other tools, as bytes or built on this machine; reports."""

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from core.exporters import EXPORTERS, TOOL_EXPORTERS, ToolExporter, as_text
from core.media import PREFIX, MediaStore
from core.model import FieldShow
from core.services.agreement.comparison import Case, ComparisonView
from core.services.common.asked import kept_by
from core.services.common.door import door
from core.services.common.looking import ahead, beside, count_looks
from core.services.common.lookup import project_of
from core.services.export import built_files, present, tool_files, with_files
from core.services.export.built_files import BuiltFile
from core.services.export.reporting import report_of
from core.services.export.rows import SHAPES as SHAPES
from core.services.export.rows import TOOL, What, asked, chosen_of, count_rows, rows_of
from core.storage import annotations, annotators, items, projects, tasks
from core.storage.engine import Database
from core.text import known


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
            layout = project_of(conn, project_id).layout
            talks = any(one.show is FieldShow.CONVERSATION for one in layout)
            return with_files.has_files(layout) or (talks and items.any_naming(conn, project_id, PREFIX))

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
        what = What(shape, annotator_ids, with_history, models_on_test, all_questions)
        used: with_files.Used = {}
        write = self._writer(project_id, what, file_format, used, progress)
        if models_on_test:
            self._count_looks(project_id, what)
        tool = TOOL_EXPORTERS[file_format] if shape == TOOL else None
        if tool and tool.holds_files:
            return self.keep(project_id, name, write)
        suffix = tool.suffix if tool else EXPORTERS[file_format].suffix
        parts = [with_files.Part(f"annotations{suffix}", write)]
        if tool and tool.settings:
            text = self.settings(project_id, file_format, all_questions=all_questions).encode()
            parts.append(with_files.Part(tool.settings.file, lambda out: out.write(text)))
        missed = [] if left_out is None else left_out
        return self.keep(
            project_id,
            name,
            lambda out: missed.extend(with_files.write_zip(out, parts, used, self._store, progress)),
        )

    def keep(self, project_id: int, name: str, write: Callable[[BinaryIO], object]) -> Path:
        """What `write` writes, as a file of that name among those that were built of the project: whole, or as it was
        before. Only the newest few are kept, see `built_files`."""
        with self._db.read() as conn:
            home, newest = project_of(conn, project_id).home, annotations.newest_of_all(conn)
        return built_files.put(self._folder, home, name, write, newest)

    def built(self, project_id: int) -> list[tuple[BuiltFile, int | None]]:
        """The files that were built of the project, the newest first, each with how many answers to any question about
        its items came since; None where that is not known."""
        with self._db.read() as conn:
            home = project_of(conn, project_id).home
            people = [who.id for one in projects.questions(conn, home) for who in annotators.list_all(conn, one.id)]
            return [
                (one, None if one.newest is None else annotations.count_after(conn, people, one.newest))
                for one in built_files.built(self._folder, home)
            ]

    def remove_built(self, project_id: int, name: str) -> None:
        """Delete one of these files; it can be built again."""
        with self._db.read() as conn:
            home = project_of(conn, project_id).home
        built_files.remove(self._folder, home, name)

    def clear(self) -> None:
        """Delete what was built of projects that are removed, and the oldest of what is more than the limits."""
        with self._db.read() as conn:
            homes = {one.id for one in projects.list_all(conn)}
        built_files.clear(self._folder, homes)

    def settings(self, project_id: int, file_format: str, *, all_questions: bool = False) -> str:
        """What another tool must be told of the task before it takes the file; "" for one that need not be."""
        return tool_files.settings_of(self._db, project_id, file_format, self._store, all_questions=all_questions)

    def not_carried(self, project_id: int, file_format: str) -> list[str]:
        """What a file of all questions for another tool leaves out or says otherwise, in sentences: questions of a kind
        that it has not, conditions that it cannot take."""
        return tool_files.not_carried(self._db, project_id, file_format)

    def _count_looks(self, project_id: int, what: What) -> None:
        for one in asked(self._db, project_id, what):
            with self._db.read() as conn:
                pairs = beside(conn, one, chosen_of(conn, one, what.annotator_ids))
            count_looks(self._db, one, pairs)

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
        what = What(shape, annotator_ids, with_history, models_on_test, all_questions)
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
        what: What,
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
        rows, columns = rows_of(self._db, project_id, what)
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
        what = What(shape, annotator_ids, with_history, False, all_questions)
        rows, columns = rows_of(self._db, project_id, what, at_once=n)
        return [{name: _shown(row.get(name)) for name in columns} for row in islice(rows, n)]

    def looks_ahead(
        self, project_id: int, *, annotator_ids: Sequence[int] | None = None, all_questions: bool = False
    ) -> int:
        """As how many looks at test it would count to write all that these annotators say."""
        found = 0
        for one in asked(self._db, project_id, What("", annotator_ids, False, True, all_questions)):
            with self._db.read() as conn:
                chosen = chosen_of(conn, one, annotator_ids)
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
        what = What(shape, annotator_ids, with_history, models_on_test, all_questions)
        return count_rows(self._db, project_id, what)

    def left_out(self, project_id: int, *, annotator_ids: Sequence[int] | None = None) -> int:
        """How many answers of these annotators no file but a history holds, since the question is not asked of these
        items any more by what they said before it."""
        with self._db.read() as conn:
            return sum(map(len, kept_by(conn, chosen_of(conn, project_id, annotator_ids)).values()))

    def report(
        self, project_id: int, view: ComparisonView, fixed: Sequence[Case] = (), broken: Sequence[Case] = ()
    ) -> str:
        """One self-contained HTML page of a comparison."""
        with self._db.read() as conn:
            project = project_of(conn, project_id)
            colors = {label.name: label.color for label in tasks.task(conn, project_id).choices}
        return report_of(project.name, colors, view, fixed, broken)


def _shown(value: object) -> str:
    return "" if value is None else as_text(value)


def as_csv(rows: Sequence[Mapping[str, object]]) -> bytes:
    """A small table of figures as a file for spreadsheets; empty where there are no rows."""
    if not rows:
        return b""
    out = BytesIO()
    EXPORTERS["csv"].write(rows, list(rows[0]), out)
    return out.getvalue()

"""A zip or a folder of files as a table: one row a file, or the rows of a table that names them."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from core.errors import WorkbenchError
from core.importers import IMPORTERS, ReadOptions, format_of
from core.media import format_of as kind_of
from core.media import parse_reference, refuse_too_large
from core.message_files import with_files
from core.model import AnswerColumn, FieldShow, QuestionKind, TableData
from core.plural import count
from core.services.media.holders import Held, opened
from core.services.media.intake import Intake, has_message_files
from core.services.media.tables_among import SUFFIXES, is_beside, part_among, parts_among, read_saved, read_tables

FILE_NAME, FOLDER = "file name", "folder"
_MOST_NAMED = 5
_SPLITS = frozenset({"", "train", "training", "validation", "valid", "val", "dev", "test", "testing", "eval"})
"""Folders that say what files are for, and not what is on them."""
_SEEN = 64


def holds_media(path: Path) -> bool:
    """Whether a folder has a picture, sound or film among its first files, or one of its folders does."""
    with suppress(OSError), opened(path) as (files, _):
        return any(kind_of(_head(one)) for one in files[:200])
    return False


def _head(held: Held) -> bytes:
    with suppress(WorkbenchError):
        return held.read(_SEEN) if held.size and held.suffix not in SUFFIXES else b""
    return b""


def parts_of(path: Path) -> tuple[str, ...]:
    """The names of the tables and saved data sets in a zip or folder, one of which is read, the largest first; () where
    it holds none."""
    with suppress(WorkbenchError, OSError), opened(path) as (files, _):
        parts = parts_among(files, path.stem)
        return tuple(one.name for one in sorted(parts, key=lambda one: -sum(file.size for file in one.files)))
    return ()


def first_row(path: Path, part: str | None = None) -> int:
    """The number users see for the first record of what is read from there."""
    with suppress(WorkbenchError, OSError), opened(path) as (files, _):
        chosen = part_among(parts_among(files, path.stem), path.name, part)
        is_table = chosen is not None and not chosen.is_saved
        return IMPORTERS[format_of(chosen.files[0].name)].first_row if chosen is not None and is_table else 1
    return 1


def read_files(path: Path, options: ReadOptions, intake: Intake, progress: Callable[[float], None]) -> TableData:
    """The table in the holder with its files joined by name, or one row a file with the folder it lies in as a label.

    Raises `WorkbenchError` as `opened` does, for a holder of neither, and for several tables none of which is named.
    """
    with opened(path) as (files, left_out):
        parts = parts_among(files, path.stem)
        part = part_among(parts, path.name, options.part)
        if part is None:
            read = _one_a_row(files, path, intake, progress)
        elif part.is_saved:
            read = read_saved(part, options)
        else:
            tables = {one.name for each in parts for one in each.files}
            media = [one for one in files if one.name not in tables and not is_beside(one)]
            read = _joined(read_tables(part.files, files, options), media, part.files[0], intake, progress)
    others = [one.name for one in parts if one != part]
    return replace(read, notes=(*read.notes, *intake.notes(), *_unread(others), *_shortened(left_out)))


def _unread(names: Sequence[str]) -> list[str]:
    listed = ", ".join(names[:_MOST_NAMED]) + (" …" if len(names) > _MOST_NAMED else "")
    return [f"Also in it, and not read: {listed}."] if names else []


def _shortened(sentences: Sequence[str]) -> list[str]:
    more = len(sentences) - _MOST_NAMED
    return [*sentences[:_MOST_NAMED], *([f"{count(more, 'more file')} were left out as well."] if more > 0 else [])]


def _one_a_row(files: Sequence[Held], path: Path, intake: Intake, progress: Callable[[float], None]) -> TableData:
    rows: list[list[str]] = []
    shows: Counter[FieldShow] = Counter()
    for done, held in enumerate(files, start=1):
        reference = _take(held, intake)
        parsed = parse_reference(reference)
        if parsed is not None:
            shows[parsed.format.show] += 1
            rows.append([reference, held.base, held.folder])
        progress(done / len(files))
    if not rows:
        first = next((f" {name}: {why}" for name, why in intake.refused.items()), "")
        text = f"{path.name} contains no picture, sound or film that can be shown, and no table.{first}"
        raise WorkbenchError(text, "Check what is in it.")
    what = str(next(iter(shows))) if len(shows) == 1 else "media"
    about = ", ".join(count(number, str(show)) for show, number in shows.most_common())
    folders = list(dict.fromkeys(row[2] for row in rows))
    if len(folders) < 2 or all(one.casefold() in _SPLITS for one in folders):
        return TableData((what, FILE_NAME), [row[:2] for row in rows], about)
    said = AnswerColumn(FOLDER, QuestionKind.SINGLE_LABEL, tuple(one for one in folders if one), text=what)
    return TableData((what, FILE_NAME, FOLDER), rows, about, answers=(said,))


def _take(held: Held, intake: Intake) -> str:
    try:
        refuse_too_large(held.size)
        return intake.take(held.read(), held.name)
    except WorkbenchError as error:
        intake.refused[held.name] = error.message
        return ""


class _ByName:
    """Files by what a table may call them: the whole path, or the end of it where that tells one file."""

    def __init__(self, files: Sequence[Held]) -> None:
        self._whole = {one.name.casefold(): one for one in files}
        counted = Counter(one.base.casefold() for one in files)
        self._base = {one.base.casefold(): one for one in files if counted[one.base.casefold()] == 1}

    def find(self, cell: str) -> Held | None:
        """By its path, with folders before it or without; else by its name, where only one file has it."""
        said = unquote(cell.strip()).replace("\\", "/")
        # Label Studio names a file of its own folder so; anything else behind a question mark is no part of a name.
        name = (said.partition("?d=")[2] or said.partition("?")[0]).casefold()
        parts = [one for one in name.split("/") if one not in ("", ".", "..")]
        for start in range(len(parts)):
            found = self._whole.get("/".join(parts[start:]))
            if found is not None:
                return found
        base = PurePosixPath(name).name
        return self._base.get(base) or self._base.get(base.partition("-")[2])  # Label Studio puts a hash before it


def _joined(
    table: TableData, files: Sequence[Held], source: Held, intake: Intake, progress: Callable[[float], None]
) -> TableData:
    known = _ByName(files)
    places = [place for place in range(len(table.columns)) if _names_files(table, place, known)]
    talks = [place for place in range(len(table.columns)) if has_message_files(table, place)]
    columns, rows = list(table.columns), [list(row) for row in table.rows]
    taken: dict[str, str] = {}
    missing: list[str] = []
    for number, row in enumerate(rows, start=1):
        for place in places:
            cell, held = row[place], known.find(row[place])
            if held is not None and held.name not in taken:
                taken[held.name] = _take(held, intake)
            if held is None and cell.strip():
                missing.append(cell.strip())
            row[place] = taken[held.name] if held else ""
            row.append(held.base if held else cell)
        for place in talks:
            row[place] = with_files(row[place], lambda said: _of_message(said, known, taken, intake))
        progress(number / len(rows))
    columns += [_free(f"{table.columns[place]} {FILE_NAME}", columns) for place in places]
    notes = list(table.notes)
    if missing:
        listed = ", ".join(missing[:_MOST_NAMED]) + (" …" if len(missing) > _MOST_NAMED else "")
        notes.append(f"{count(len(missing), 'file')} that the table names are not there: {listed}.")
    if unused := [one.name for one in files if one.name not in taken]:
        listed = ", ".join(unused[:_MOST_NAMED]) + (" …" if len(unused) > _MOST_NAMED else "")
        notes.append(f"{count(len(unused), 'file')} that the table does not name were left out: {listed}.")
    about = f"{source.base}, {table.about}" + (f", {count(len(taken), 'file')}" if taken else "")
    return replace(table, columns=tuple(columns), rows=rows, notes=tuple(notes), about=about)


def _of_message(said: str, known: _ByName, taken: dict[str, str], intake: Intake) -> str:
    """What a message names as its file: the reference of one of these; any other name stays."""
    held = None if said.startswith(("data:", "http:", "https:")) else known.find(said)
    if held is None:
        return said
    if held.name not in taken:
        taken[held.name] = _take(held, intake)
    return taken[held.name] or said


def _names_files(table: TableData, place: int, known: _ByName) -> bool:
    """Whether at least half of what the column says is the name of a file."""
    cells = [row[place] for row in table.rows[:: len(table.rows) // 500 + 1] if row[place].strip()]
    short = [cell for cell in cells if len(cell) < 1_000]
    return bool(cells) and 2 * sum(known.find(cell) is not None for cell in short) >= len(cells)


def _free(name: str, taken: Sequence[str]) -> str:
    return name if name not in taken else _free(f"{name} 2", taken)

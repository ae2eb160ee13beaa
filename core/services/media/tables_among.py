"""The tables among the files of a zip or folder: those that name the others, and saved data sets."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from core.errors import WorkbenchError
from core.importers import IMPORTERS, ReadOptions, format_of, joined
from core.importers import read_saved as read_saved_folder
from core.importers.saved_folder import INFO, SPLITS, STATE
from core.model import TableData
from core.services.media.holders import Held

SUFFIXES = (*(one for format in IMPORTERS.values() for one in format.suffixes if one != ".txt"), ".conll", ".conllu")
_METADATA = ("metadata.csv", "metadata.jsonl", "metadata.parquet")
"""What the library of Hugging Face calls the table of a folder of pictures or sounds; a folder for each split has
one."""
_NAMES = ("file_name", "_file_name")
_SETTINGS = ("interface.json", "json_interface.json", "project.json", "settings.json")
_BESIDE = (".xml", *_SETTINGS)


@dataclass(frozen=True)
class Readable:
    """What of a holder is read by itself: one table, the tables of metadata of all its folders, or a saved data set.
    `name` tells it from the others."""

    name: str
    files: tuple[Held, ...]
    is_saved: bool = False


def parts_among(files: Sequence[Held], called: str) -> list[Readable]:
    """All of them, saved data sets first; one at the top of the holder is `called` as that is."""
    saved = [Readable(root or called, _of_saved(root, files), True) for root in _saved_roots(files)]
    theirs = {one.name for part in saved for one in part.files}
    tables = [one for one in files if one.suffix in SUFFIXES and one.base.lower() not in _SETTINGS]
    tables = [one for one in tables if one.name not in theirs]
    if named := tuple(one for one in tables if _is_metadata(one.base)):
        return [*saved, Readable(named[0].name, named)]
    return [*saved, *(Readable(one.name, (one,)) for one in tables)]


def part_among(parts: Sequence[Readable], called: str, wanted: str | None) -> Readable | None:
    """The one that is wanted, or the only one there is; none where there is none.

    Raises `WorkbenchError` for several of which none is wanted, and for one that is not there.
    """
    listed = ", ".join(one.name for one in parts[:3]) + (" …" if len(parts) > 3 else "")
    if wanted is not None:
        found = next((one for one in parts if one.name == wanted), None)
        if found is None:
            raise WorkbenchError(f"{called} contains no table “{wanted[:80]}”.", f"Choose one of: {listed}.")
        return found
    if len(parts) > 1:
        what = "data sets" if all(one.is_saved for one in parts) else "tables"
        raise WorkbenchError(f"{called} contains several {what}: {listed}.", "Choose one of them.")
    return parts[0] if parts else None


def _saved_roots(files: Sequence[Held]) -> list[str]:
    """The folders of saved data sets; the splits of one of several are none by themselves."""
    by_name = {name: [_folder_of(one) for one in files if one.base == name] for name in (SPLITS, STATE, INFO)}
    several = by_name[SPLITS]
    single = {*by_name[STATE]}.intersection(by_name[INFO])
    return [*several, *sorted(one for one in single if not any(_is_in(one, root) for root in several))]


def _folder_of(held: Held) -> str:
    folder = str(PurePosixPath(held.name).parent)
    return "" if folder == "." else folder


def _is_in(folder: str, root: str) -> bool:
    return not root or folder == root or folder.startswith(f"{root}/")


def _of_saved(root: str, files: Sequence[Held]) -> tuple[Held, ...]:
    is_several = any(one.base == SPLITS and _folder_of(one) == root for one in files)
    folders = ((one, _folder_of(one)) for one in files)
    return tuple(one for one, folder in folders if folder == root or is_several and _is_in(folder, root))


def _is_metadata(base: str) -> bool:
    return base.lower() in _METADATA


def is_beside(held: Held) -> bool:
    """Whether a tool says in it how its export is to be read."""
    return held.base.lower() in _SETTINGS or held.suffix == ".xml"


def read_tables(tables: Sequence[Held], files: Sequence[Held], options: ReadOptions) -> TableData:
    """The tables one below the other, each with what a tool put beside it; names of files with their folder."""
    beside = [one for one in files if is_beside(one)]
    found = [_placed(_read_table(one, beside, options), one) for one in tables]
    return found[0] if len(found) == 1 else joined([*map(_told_apart, found, tables)])


def _told_apart(table: TableData, held: Held) -> TableData:
    """Its problems with the name of the file they are in."""
    told = tuple(replace(one, message=f"{held.name}: {one.message}") for one in table.problems)
    return replace(table, problems=told)


def _read_table(held: Held, beside: Sequence[Held], options: ReadOptions) -> TableData:
    with tempfile.TemporaryDirectory() as folder:
        for one in (*beside, held):
            one.save(Path(folder) / one.base)
        path = Path(folder) / held.base
        return IMPORTERS[format_of(path)].read(path, options)


def _placed(table: TableData, held: Held) -> TableData:
    """The names of files of a folder's own table, by their place among all files."""
    folder = PurePosixPath(held.name).parent
    places = [at for at, name in enumerate(table.columns) if name in _NAMES or name.endswith(_NAMES[1])]
    if not _is_metadata(held.base) or str(folder) == "." or not places:
        return table
    rows = [list(row) for row in table.rows]
    for row in rows:
        for at in places:
            row[at] = str(folder / row[at]) if row[at] else ""
    return replace(table, rows=rows)


def read_saved(part: Readable, options: ReadOptions) -> TableData:
    """All splits of a saved data set, one below the other; its files in cells are kept as `options` says."""
    root = "" if any(_folder_of(one) == "" for one in part.files) else part.name
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / PurePosixPath(part.name).name
        for one in part.files:
            one.save(folder / one.name.removeprefix(f"{root}/" if root else ""))
        try:
            return read_saved_folder(folder, options.limits.rows, options.progress, options.keep)
        except WorkbenchError as error:
            raise WorkbenchError(error.message.replace(f"{place}/", ""), error.hint) from error

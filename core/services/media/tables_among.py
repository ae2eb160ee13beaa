"""The table among the files of a zip or folder: one that names the others, one a folder, or a saved data set."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from core.errors import WorkbenchError
from core.importers import IMPORTERS, ReadOptions, format_of, read_huggingface
from core.model import TableData
from core.services.media.holders import Held

SUFFIXES = (".csv", ".tsv", ".jsonl", ".json", ".ndjson", ".parquet", ".xlsx")
_METADATA = ("metadata.csv", "metadata.jsonl", "metadata.parquet")
"""What the library of Hugging Face calls the table of a folder of pictures or sounds; a folder for each split has
one."""
_NAMES = ("file_name", "_file_name")
_SETTINGS = ("interface.json", "json_interface.json", "project.json")
_BESIDE = (".xml", *_SETTINGS)
_SAVED = ("dataset_dict.json", "state.json")
_PIECE = 1 << 20


def tables_among(files: Sequence[Held], name: str) -> list[Held]:
    """The one table there is; of tables of metadata all, since each names the files of its own folder; or none.

    Raises `WorkbenchError` for several others.
    """
    tables = [one for one in files if one.suffix in SUFFIXES and one.base.lower() not in _SETTINGS]
    named = [one for one in tables if _is_metadata(one.base)]
    chosen = named or tables
    if len(chosen) > 1 and not named:
        listed = ", ".join(one.name for one in chosen[:3])
        raise WorkbenchError(f"{name} contains several tables: {listed}.", "Keep the one that names the files.")
    return chosen


def _is_metadata(base: str) -> bool:
    return base.lower() in _METADATA


def is_beside(held: Held) -> bool:
    """Whether a tool says in it how its export is to be read."""
    return held.base.lower() in _SETTINGS or held.suffix == ".xml"


def read_tables(tables: Sequence[Held], files: Sequence[Held], options: ReadOptions) -> TableData:
    """The tables one below the other, each with what a tool put beside it; names of files with their folder."""
    beside = [one for one in files if is_beside(one)]
    found = [_read_table(one, beside, options) for one in tables]
    return _placed(found[0], tables[0]) if len(found) == 1 else joined([*map(_placed, found, tables)])


def _read_table(held: Held, beside: Sequence[Held], options: ReadOptions) -> TableData:
    with tempfile.TemporaryDirectory() as folder:
        for one in (*beside, held):
            _write(one, Path(folder) / one.base)
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


def joined(tables: Sequence[TableData]) -> TableData:
    """One below the other, with the columns of all of them."""
    columns = tuple(dict.fromkeys(name for table in tables for name in table.columns))
    rows: list[Sequence[str]] = []
    for table in tables:
        places = [table.columns.index(name) if name in table.columns else None for name in columns]
        rows += [["" if at is None else row[at] for at in places] for row in table.rows]
    problems = tuple(problem for table in tables for problem in table.problems)
    notes = tuple(dict.fromkeys(note for table in tables for note in table.notes))
    return replace(tables[0], columns=columns, rows=rows, problems=problems, notes=notes)


def is_saved(files: Sequence[Held]) -> bool:
    """Whether it is a data set of Hugging Face as `save_to_disk` writes it."""
    names = {one.base for one in files}
    return "dataset_info.json" in names and not names.isdisjoint(_SAVED)


def read_saved(files: Sequence[Held], name: str, options: ReadOptions) -> TableData:
    """All its splits, one below the other; its files in cells are kept as `options` says."""
    with tempfile.TemporaryDirectory() as folder:
        for one in files:
            _write(one, Path(folder) / one.name)
        heads = [path for known in _SAVED for path in sorted(Path(folder).rglob(known))]
        splits = json.loads(heads[0].read_text())["splits"] if heads[0].name == _SAVED[0] else ["train"]
        tables = [
            read_huggingface(
                heads[0].parent, split=split, rows=options.limits.rows, progress=options.progress, keep=options.keep
            )
            for split in splits
        ]
    return replace(joined(tables), about=f"Hugging Face data set, {', '.join(map(str, splits))}")


def _write(held: Held, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with held.opened() as source, path.open("wb") as target:
        while piece := source.read(_PIECE):
            target.write(piece)

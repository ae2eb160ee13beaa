"""A folder of files laid out as a Hugging Face data set, read on this machine alone.

The library tells which files make a split. CSV and JSON are then read by our own readers, cell by cell as written: its
readers guess types, and a label "None" or an id "0071" would not survive that.
"""

import bz2
import gzip
import lzma
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from core.errors import WorkbenchError
from core.importers.csv_file import peek_csv, read_csv
from core.importers.jsonl import peek_jsonl, read_jsonl
from core.importers.options import ReadOptions
from core.model import TableData
from core.spelling import same_value

_MODULES = ("csv", "json", "parquet", "arrow", "text", "imagefolder", "audiofolder")
_UNPACK: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
_ELSEWHERE = ("://", "::")
_LARGE = 50_000_000


def open_folder(folder: Path, config: str | None, split: str) -> Any:
    """The library's builder for the folder. Raises WorkbenchError where it names data that is not in the folder."""
    from datasets import load_dataset_builder

    _refuse_elsewhere(folder)
    builder = load_dataset_builder(str(folder.resolve()), name=config or None)
    files = [str(name) for names in (builder.config.data_files or {}).values() for name in names]
    outside = next((name for name in files if any(sign in name for sign in _ELSEWHERE)), None)
    if outside or _module(builder) not in _MODULES:
        raise _refusal(folder, outside or _module(builder))
    return builder


def read_files(builder: Any, split: str, rows: int) -> TableData | None:
    """The first rows of a split of CSV or JSON files, as uploading them would read them; None for other formats."""
    files = (builder.config.data_files or {}).get(split)
    if not files or _module(builder) not in ("csv", "json") or getattr(builder.config, "field", None):
        return None
    tables: list[TableData] = []
    left = rows
    for name in files:
        table = _read_file(Path(str(name)), builder, left)
        if table is not None:
            tables.append(table)
            left -= len(table.rows)
        if left <= 0:
            break
    if not tables:
        return TableData((), [])
    return _named_classes(_joined(tables, rows), builder.info.features or getattr(builder.config, "features", None))


def _module(builder: Any) -> str:
    return str(type(builder).__module__).rpartition(".")[2]


def _refuse_elsewhere(folder: Path) -> None:
    """Looks through what the folder says of itself before the library does, for that asks whatever is named there."""
    if any(sign in str(folder) for sign in _ELSEWHERE):
        raise _refusal(folder, str(folder))
    for name in ("README.md", ".huggingface.yaml"):
        path = folder / name
        if path.is_file():
            for text in _texts(_yaml(path).get("configs")):
                parts = PurePosixPath(text).parts
                if any(sign in text for sign in _ELSEWHERE) or ".." in parts or text.startswith(("/", "~", "\\")):
                    raise _refusal(folder, text)


def _yaml(path: Path) -> Mapping[str, Any]:
    import yaml  # type: ignore[import-untyped]

    text = path.read_text(encoding="utf-8", errors="replace").removeprefix("\ufeff")
    if path.suffix == ".md":
        lines = text.splitlines()
        if not lines or lines[0].strip() != "---":
            return {}
        ends = [number for number, line in enumerate(lines[1:], start=1) if line.strip() == "---"]
        text = "\n".join(lines[1 : ends[0]]) if ends else ""
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        text = f"{path.name} in the folder {path.parent.name} has a head that is not YAML."
        raise WorkbenchError(text, "Repair it, or move it away.") from error
    return found if isinstance(found, dict) else {}


def _texts(value: object) -> Iterator[str]:
    """Every text in nested lists and mappings."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, Sequence):
        for one in value:
            yield from _texts(one)


def _refusal(folder: Path, what: str) -> WorkbenchError:
    text = f"The folder {folder.name} names data that is not in it: {what[:100]}."
    return WorkbenchError(text, "Only files of the folder are read. Put them there, or name the repository on the hub.")


def _read_file(path: Path, builder: Any, rows: int) -> TableData | None:
    """One file, of a large one only the rows asked for; None where it holds nothing but a header."""
    separator = getattr(builder.config, "sep", ",")
    options = ReadOptions(delimiter=separator if separator not in (None, ",") else None)
    with _unpacked(path) as plain:
        is_large = plain.stat().st_size > _LARGE
        try:
            if _module(builder) == "csv":
                return peek_csv(plain, rows, options) if is_large else read_csv(plain, options)
            return peek_jsonl(plain, rows, options) if is_large else read_jsonl(plain, options)
        except WorkbenchError as error:
            if "but no rows" in error.message:
                return None
            raise WorkbenchError(f"{path.name} could not be read: {error.message}", error.hint) from error


@contextmanager
def _unpacked(path: Path) -> Iterator[Path]:
    unpack = _UNPACK.get(path.suffix)
    if unpack is None:
        yield path
        return
    with tempfile.TemporaryDirectory() as place:
        plain = Path(place) / path.stem
        with unpack(path, "rb") as packed, plain.open("wb") as out:
            shutil.copyfileobj(packed, out)
        yield plain


def _joined(tables: Sequence[TableData], rows: int) -> TableData:
    """One below the other; columns are those of all of them, in the order they come in."""
    first = tables[0]
    columns = tuple(dict.fromkeys(name for table in tables for name in table.columns))
    cells: list[Sequence[str]] = []
    for table in tables:
        places = [table.columns.index(name) if name in table.columns else None for name in columns]
        same = table.columns == columns
        cells += table.rows if same else [["" if i is None else row[i] for i in places] for row in table.rows]
    del cells[rows:]
    kept = tuple(problem for table in tables for problem in table.problems if (problem.row or 0) <= rows + 1)
    notes = tuple(dict.fromkeys(note for table in tables for note in table.notes))
    return TableData(columns, cells, first.about, kept, notes, first.has_types)


def _named_classes(table: TableData, features: Mapping[str, Any] | None) -> TableData:
    """Class numbers by the names the folder gives them, also where a program has made 1.0 of 1; -1 is what data sets
    put where there is no label."""
    classes = {name: one for name, one in (features or {}).items() if hasattr(one, "int2str") and name in table.columns}
    if not classes:
        return table
    named = {
        table.columns.index(name): {"-1": "", **{str(number): word for number, word in enumerate(one.names)}}
        for name, one in classes.items()
    }
    rows = [[named[i].get(same_value(c), c) if i in named else c for i, c in enumerate(row)] for row in table.rows]
    return replace(table, rows=rows)

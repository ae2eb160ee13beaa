"""A folder of files laid out as a Hugging Face data set, read on this machine alone.

The library tells which files make a split. CSV and JSON are then read by our own readers, cell by cell as written: its
readers guess types, and a label "None" or an id "0071" would not survive that.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from itertools import islice
from pathlib import Path
from typing import Any

from core.errors import WorkbenchError
from core.importers import csv_file, jsonl
from core.importers.folder_head import ELSEWHERE, refusal, refuse_elsewhere
from core.importers.joining import joined
from core.importers.options import DEFAULTS, ReadOptions
from core.importers.packed import unpacked
from core.importers.problems import ProblemList
from core.importers.text_file import (
    LineTooLong,
    bounded_lines,
    check_size,
    clean_cells,
    detect_encoding,
    open_text,
)
from core.model import TableData
from core.plural import bytes_in_words
from core.spelling import same_value

_MODULES = ("csv", "json", "parquet", "arrow", "text", "imagefolder", "audiofolder")
_OURS = {"csv": csv_file.IMPORTER, "json": jsonl.IMPORTER}
_SUFFIXES = {"text": (".txt",), **{name: importer.suffixes for name, importer in _OURS.items()}}
_LARGE = 50_000_000
_OF_NO_CONSEQUENCE = frozenset(
    [
        *(
            "sep",
            "delimiter",
            "encoding",
            "encoding_errors",
            "features",
            "chunksize",
            "memory_map",
            "engine",
            "verbose",
        ),
        *("names", "column_names", "quotechar", "na_values", "keep_default_na", "na_filter", "true_values"),
        *("false_values", "mangle_dupe_cols", "error_bad_lines", "warn_bad_lines", "on_bad_lines", "float_precision"),
        *("use_threads", "block_size", "newlines_in_values", "on_mixed_types", "parse_agent_traces", "date_format"),
    ]
)
"""Reading options of the library that do not change what the cells of a file are as written, or that are obeyed."""


def open_folder(folder: Path, config: str | None, split: str) -> Any:
    """The library's builder for the folder. Raises WorkbenchError where it names data that is not in the folder."""
    from datasets import load_dataset_builder

    refuse_elsewhere(folder)
    builder = load_dataset_builder(str(folder.resolve()), name=config or None)
    files = [str(name) for names in (builder.config.data_files or {}).values() for name in names]
    outside = next((name for name in files if any(sign in name for sign in ELSEWHERE)), None)
    if outside or _module(builder) not in _MODULES:
        raise refusal(folder, outside or _module(builder))
    return builder


def read_files(builder: Any, split: str, rows: int) -> TableData | None:
    """The first rows of a split of CSV, JSON or text files, as uploading them would read them; None for other formats.

    Raises WorkbenchError where the folder wants its files read in a way that is not ours.
    """
    files = [Path(str(name)) for name in (builder.config.data_files or {}).get(split) or ()]
    if not files or not _is_ours(builder):
        _refuse_bombs(files)
        return None
    options = _options(builder)
    tables: list[TableData] = []
    left = rows
    for path in files:
        for table in _read_packed(path, builder, options, left):
            tables.append(table)
            left -= len(table.rows)
        if left <= 0:
            break
    if not tables:
        return TableData((), [])
    return _named_classes(_joined(tables, rows), builder.info.features or getattr(builder.config, "features", None))


def _module(builder: Any) -> str:
    return str(type(builder).__module__).rpartition(".")[2]


def _is_ours(builder: Any) -> bool:
    """Whether we read such files: not JSON with the name of the field that holds the rows, nor text by paragraphs."""
    config = builder.config
    by_lines = getattr(config, "sample_by", "line") == "line" and not getattr(config, "keep_linebreaks", False)
    return _module(builder) in _SUFFIXES and by_lines and not getattr(config, "field", None)


def _refuse_bombs(files: Sequence[Path]) -> None:
    """The library unpacks without end what it reads itself."""
    for path in files:
        if path.suffix != ".zip":
            with unpacked(path, DEFAULTS.limits, ()):
                pass


def _options(builder: Any) -> ReadOptions:
    """What the folder says of how its files are written. What we cannot do is refused: a file without a header would
    lose its first row in silence."""
    config = builder.config
    base = {one.name for one in fields(type(config).__mro__[1])}
    changed = [one.name for one in fields(config) if getattr(config, one.name) != one.default and one.name not in base]
    foreign = [name for name in changed if name not in _OF_NO_CONSEQUENCE and not _is_usual(config, name)]
    if getattr(config, "quotechar", '"') != '"':
        foreign.append("quotechar")
    if foreign:
        text = f"The folder {Path(builder.base_path or '').name} sets how its files are to be read"
        hint = "Remove it from README.md and write the files with a header and commas, or upload the file itself."
        raise WorkbenchError(f'{text} ("{foreign[0]}"), which LabelLoop cannot do.', hint)
    separator = getattr(config, "sep", ",")
    encoding = getattr(config, "encoding", None)
    return ReadOptions(
        encoding=None if encoding in (None, "utf-8") else encoding,
        delimiter=None if separator in (None, ",") else separator,
        names=tuple(map(str, getattr(config, "names", None) or ())),
    )


def _is_usual(config: Any, name: str) -> bool:
    """The header may be said to be there; where names are given, not to be there."""
    return name == "header" and config.header == (None if config.names else 0)


def _read_packed(path: Path, builder: Any, options: ReadOptions, rows: int) -> Iterator[TableData]:
    """The tables of one file, of an archive those of all files in it."""
    with unpacked(path, options.limits, _SUFFIXES[_module(builder)]) as files:
        for plain in files:
            table = _read_file(plain, path.name, builder, options, rows)
            if table is not None:
                yield table
                rows -= len(table.rows)
            if rows <= 0:
                return


def _read_file(plain: Path, name: str, builder: Any, options: ReadOptions, rows: int) -> TableData | None:
    """One file, of a large one only the rows asked for; None where it holds nothing but a header."""
    is_large = plain.stat().st_size > _LARGE
    importer = _OURS.get(_module(builder))
    try:
        if importer is None:
            return _read_text(plain, builder, options, rows)
        return importer.peek(plain, rows, options) if is_large else importer.read(plain, options)
    except WorkbenchError as error:
        if "but no rows" in error.message:
            return None
        raise WorkbenchError(f"{name} could not be read: {error.message}", error.hint) from error


def _read_text(plain: Path, builder: Any, options: ReadOptions, rows: int) -> TableData:
    """One line a row."""
    check_size(plain, options.limits)
    encoding = detect_encoding(plain, options.encoding)
    columns = tuple(builder.config.features or ("text",))[:1]
    found: list[list[str]] = []
    try:
        with open_text(plain, encoding) as file:
            for line in islice(bounded_lines(file, options.limits.line), rows):
                found.append([line.rstrip("\r\n").removeprefix("\ufeff")])
    except LineTooLong as error:
        limit = bytes_in_words(options.limits.line)
        text = f"line {len(found) + 1} is {bytes_in_words(error.size)} long; the limit is {limit}."
        raise WorkbenchError(text, "Check that each row is on its own line.") from error
    problems = ProblemList()
    if encoding.suspect:
        clean_cells(found, columns, 1, problems)
    return TableData(columns, found, "", problems.all())


def _joined(tables: Sequence[TableData], rows: int) -> TableData:
    """One below the other, the first rows of them."""
    whole = joined(tables)
    kept = tuple(problem for problem in whole.problems if (problem.row or 0) <= rows + 1)
    return replace(whole, rows=whole.rows[:rows], problems=kept)


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

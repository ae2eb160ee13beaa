"""One JSON object a line, one JSON array of objects, or one object that holds the table."""

import json
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from core.errors import WorkbenchError
from core.importers.json_decoder import Decoder, told
from core.importers.json_shapes import whole_object
from core.importers.label_cells import cell_text
from core.importers.naming import name_columns
from core.importers.options import DEFAULTS, Importer, Limits, ReadOptions
from core.importers.problems import ProblemList
from core.importers.text_file import (
    LineTooLong,
    bounded_lines,
    check_size,
    clean_cells,
    detect_encoding,
    open_text,
    text_of,
)
from core.importers.tools import renamed, unfolded
from core.importers.tools.spacy_data import record_of
from core.importers.uncollected import uncollected
from core.model import TableData
from core.plural import bytes_in_words
from core.text import is_storable

FIRST_ROW = 1
_HINT = "Write one whole JSON object per line, or one array of objects."
_CHUNK = 1 << 20
_PROGRESS_EVERY = 20_000
_BETWEEN = re.compile(r"[\s,]*")


def read_jsonl(source: str | Path, options: ReadOptions = DEFAULTS) -> TableData:
    """The whole table. Rows count from 1 as the lines do (as the elements do in an array).

    Columns are the union of all keys in order of first appearance; what an object lacks, or has as null, NaN, Infinity
    or {}, is "". Strings stay as they are; every other value, nested ones too, becomes its JSON text. Exports of
    annotation tools are unfolded: see `core.importers.tools`. A line that is no object is a problem named by its line,
    and an empty row in the table. Raises WorkbenchError where there is no table to show.
    """
    with uncollected():
        return _read(Path(source), options, None)


def peek_jsonl(source: str | Path, n: int = 8, options: ReadOptions = DEFAULTS) -> TableData:
    """The first n rows, from the head of the file alone; columns are those of these rows."""
    return _read(Path(source), options, n)


def _read(path: Path, options: ReadOptions, n: int | None) -> TableData:
    size = check_size(path, options.limits)
    encoding = detect_encoding(path, options.encoding, only_head=n is not None)
    problems = ProblemList()
    with open_text(path, encoding) as file:
        head = text_of(file).lstrip("\ufeff \t\r\n")
        is_array = head.startswith("[")
        whole, shape = whole_object(file, options.limits, path.name) if head.startswith("{") else (None, "")
        read = iter(whole) if whole is not None else _elements(file, options.limits, problems) if is_array else None
        found = read or _lines(file, options.limits, problems)
        records = _collect(islice(found, n), file, size, options, path)
    if not any(isinstance(record, dict) for record in records):
        first = next(iter(problems.all()), None)
        raise WorkbenchError(first.message if first else f"{path.name} contains no records.", _HINT)
    export = unfolded(records, path)
    names, records, alike = _same_names(export.records)
    columns, notes = name_columns(names, options.limits)
    rows = [[cell_text(record.get(name)) for name in names] if record else [""] * len(names) for record in records]
    clean_cells_if_needed(rows, columns, problems)
    kind = "JSON array" if is_array else "JSON" if shape else "JSONL"
    notes = (*filter(None, (shape, *export.notes, alike)), *notes)
    about = f"{kind}, {encoding.title}"
    answers = renamed(export.answers, dict(zip(names, columns, strict=True)))
    return TableData(columns, rows, about, problems.all(), notes, True, answers, export.models)


def _same_names(records: list[dict[str, Any]]) -> tuple[list[str], list[dict[str, Any]], str]:
    """The names of all records; those that differ only in case and are never together are one, which is said. A record
    that only repeats the names is none: a header that was taken for a row."""
    spelled: dict[str, dict[str, None]] = {}
    for key in dict.fromkeys(key for record in records for key in record):
        spelled.setdefault(key.strip().casefold(), {})[key] = None
    apart = {
        folded: keys
        for folded, keys in spelled.items()
        if len(keys) > 1 and not any(len(keys.keys() & record.keys()) > 1 for record in records)
    }
    called = {key: next(iter(keys)) for keys in apart.values() for key in keys}
    renamed = [{called.get(key, key): one for key, one in record.items()} for record in records] if called else records
    kept = [{} if record and all(key == one for key, one in record.items()) else record for record in renamed]
    names = list(dict.fromkeys(key for record in kept for key in record))
    shown = ", ".join(f'"{next(iter(keys))[:40]}"' for keys in list(apart.values())[:5])
    return names, kept, f"Names that differ only in case are one column: {shown}." if apart else ""


def clean_cells_if_needed(rows: list[list[str]], columns: tuple[str, ...], problems: ProblemList) -> None:
    """Searches the cells for what is no text only where there is any: escapes in JSON can hide it in clean bytes."""
    for row in rows:
        line = "".join(row)
        if "\x00" in line or not is_storable(line):
            clean_cells(rows, columns, FIRST_ROW, problems)
            return


def _collect(
    found: Iterator[dict[str, Any]], file: TextIO, size: int, options: ReadOptions, path: Path
) -> list[dict[str, Any]]:
    """All records, blank ones at the end dropped; a blank or broken line within is an empty dict."""
    records: list[dict[str, Any]] = []
    for record in found:
        records.append(record)
        if len(records) > options.limits.rows:
            text = f"{path.name} has more than {options.limits.rows:,} rows."
            raise WorkbenchError(text, "Split the file and import one part.")
        if options.progress and len(records) % _PROGRESS_EVERY == 0:
            options.progress(min(size, file.buffer.tell()), size)
    while records and not records[-1]:
        records.pop()
    return records


def _lines(file: TextIO, limits: Limits, problems: ProblemList) -> Iterator[dict[str, Any]]:
    number = 0
    try:
        for number, line in enumerate(bounded_lines(file, limits.line), start=1):
            line = line.lstrip("\ufeff")  # files may have been put one behind the other
            yield _object(line, number, problems) if line.strip() else {}
    except LineTooLong as error:
        text = f"Line {number + 1} is {bytes_in_words(error.size)} long; the limit is {bytes_in_words(limits.line)}."
        raise WorkbenchError(text, _HINT) from error


def _object(line: str, number: int, problems: ProblemList) -> dict[str, Any]:
    decoder = Decoder()
    try:
        # Elements of an array that lost its brackets end in a comma.
        value = decoder.decode(line.rstrip().removesuffix(","))
    except json.JSONDecodeError as error:
        problems.add(f"Line {number} is not JSON: {told(error)} at character {error.pos + 1}.", number, None, _HINT)
        return {}
    except (ValueError, RecursionError):
        problems.add(
            f"Line {number} contains JSON that is nested too deeply, or a number that is too long.", number, None, _HINT
        )
        return {}
    return _checked(value, f"Line {number}", number, problems, decoder.repeated)


def _checked(value: object, where: str, number: int, problems: ProblemList, repeated: str | None) -> dict[str, Any]:
    if repeated is not None:
        text = f'{where} has "{repeated[:60]}" twice with different values.'
        problems.add(text, number, None, "Keep the right one.")
        return {}
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and (pair := record_of(value)) is not None:
        return pair
    names: dict[type, str] = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    problems.add(f"{where} is {names.get(type(value), 'a number')}, not an object.", number, None, _HINT)
    return {}


def _elements(file: TextIO, limits: Limits, problems: ProblemList) -> Iterator[dict[str, Any]]:
    """The elements of one JSON array and of those that follow it, as in files put one behind the other; decoded one at
    a time, so that no more than one and a chunk are in memory."""
    decoder = Decoder()
    buffer = file.read(_CHUNK)
    place = buffer.index("[") + 1
    number = 0
    while True:
        place = _BETWEEN.match(buffer, place).end()  # type: ignore[union-attr]  # it matches nothing, too
        if buffer.startswith("]", place):
            buffer = _next_array(buffer[place + 1 :], file, number, problems)
            if not buffer:
                return
            place = 1
            continue
        try:
            value, end = decoder.raw_decode(buffer, place)
        except (ValueError, RecursionError):
            end = len(buffer)
        # What reaches the end of the buffer may go on in the next chunk, even a number that is complete as it is.
        if end < len(buffer):
            number += 1
            yield _checked(value, f"Element {number}", number, problems, decoder.repeated)
            place = end
            continue
        more = file.read(_CHUNK) if len(buffer) - place <= limits.line else ""
        if not more:
            problems.add(f"Element {number + 1} of the array is not complete JSON.", number + 1, None, _HINT)
            return
        buffer, place = buffer[place:] + more, 0


def _next_array(rest: str, file: TextIO, number: int, problems: ProblemList) -> str:
    """What begins with the next array behind the end of one; nothing where there is none. All else is a problem."""
    rest = rest.lstrip("\ufeff \t\r\n")
    while not rest and (more := file.read(_CHUNK)):
        rest = more.lstrip("\ufeff \t\r\n")
    if not rest or rest.startswith("["):
        return rest
    where = f"after element {number:,}" if number else "after an empty array"
    text = f'The array ends {where}, but the file continues: "{" ".join(rest[:30].split())}".'
    problems.add(text, number + 1, None, "Put all objects into one array, or write one object per line.")
    return ""


IMPORTER = Importer(
    "JSONL",
    "One JSON object per line, or one JSON array of objects; nested values are kept as JSON text.",
    (".jsonl", ".ndjson", ".json"),
    FIRST_ROW,
    read_jsonl,
    lambda source, n, options: peek_jsonl(source, n, options),
)

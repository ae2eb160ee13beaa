"""Rows as files of text: CSV and JSONL, written as they come, so that a million rows need the memory of one."""

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import TextIOWrapper
from typing import BinaryIO, TextIO, cast

from core.exporters.spreadsheet import BOM, safe
from core.text import is_storable

Row = Mapping[str, object]
Write = Callable[[Iterable[Row], Sequence[str], BinaryIO], int]


@dataclass(frozen=True)
class Exporter:
    """One file format. `write` gives the number of rows written; a file of this format holds `most_rows` at most."""

    title: str
    about: str
    suffix: str
    mime: str
    write: Write
    most_rows: int | None = None


def as_utf8(write: Callable[[Iterable[Row], Sequence[str], TextIO], int]) -> Write:
    """A writer of text as a writer of bytes; the file stays open."""

    def to_bytes(rows: Iterable[Row], columns: Sequence[str], out: BinaryIO) -> int:
        text = TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
        try:
            return write(rows, columns, text)
        finally:
            text.detach()

    return to_bytes


def write_csv(rows: Iterable[Row], columns: Sequence[str], out: TextIO) -> int:
    """For spreadsheets: with a byte order mark, and no cell, header included, that would be computed. See `safe`."""
    out.write(BOM)
    return _write_csv(rows, columns, out, safe)


def write_plain_csv(rows: Iterable[Row], columns: Sequence[str], out: TextIO) -> int:
    """For programs: every text as it is. A spreadsheet may take a cell that begins with = + - @ for a formula."""
    return _write_csv(rows, columns, out, str)


def _write_csv(rows: Iterable[Row], columns: Sequence[str], out: TextIO, guard: Callable[[str], str]) -> int:
    """RFC 4180: comma, CRLF, a header, quotes only where needed. None becomes "", other values their JSON text. A
    column that a row lacks is empty; what is not in `columns` is left out."""
    # CRLF also makes the csv module quote a lone carriage return, which readers would take for the end of the row.
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_cell(name, guard) for name in columns])
    count = 0
    for row in rows:
        writer.writerow([_cell(row.get(name), guard) for name in columns])
        count += 1
    return count


def write_jsonl(rows: Iterable[Row], columns: Sequence[str], out: TextIO) -> int:
    """One JSON object a line with exactly `columns` as keys, in this order; what a row lacks is null."""
    count = 0
    for row in rows:
        record = {name: row.get(name) for name in columns}
        line = json.dumps(record, ensure_ascii=False, default=_plain)
        # Half a character cannot be written as UTF-8; as an escape it can, and is read back as it was.
        out.write((line if is_storable(line) else json.dumps(record, default=_plain)) + "\n")
        count += 1
    return count


def _cell(value: object, guard: Callable[[str], str]) -> str | int | float:
    if value is None:
        return ""
    if type(value) in (int, float):
        return cast(float, value)
    return guard(as_text(value))


def as_text(value: object) -> str:
    """A value in a cell of text: times as ISO 8601, what is no text as JSON, half a character as a question mark."""
    if not isinstance(value, str):
        value = value.isoformat() if isinstance(value, datetime | date) else _json_cell(value)
    return value if is_storable(value) else value.encode("utf-8", "replace").decode()


def _json_cell(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)

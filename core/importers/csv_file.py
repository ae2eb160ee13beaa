"""Tables with one record a row: comma, semicolon, tab or pipe between cells, quotes as in RFC 4180."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import TextIO

from core.errors import WorkbenchError
from core.importers.naming import name_columns
from core.importers.options import DEFAULTS, Importer, Limits, ReadOptions
from core.importers.problems import ProblemList
from core.importers.text_file import (
    HEAD,
    Encoding,
    LineTooLong,
    bounded_lines,
    check_size,
    clean_cells,
    detect_encoding,
    megabytes,
    open_text,
    text_of,
)
from core.model import TableData

FIRST_ROW = 2
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_BATCH = 20_000
_SAMPLE = 200
_SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=(.)\"?\r?\n", re.IGNORECASE)
_QUOTE_HINT = 'Close the quote in that row; a quote inside a quoted cell is written twice ("").'


@dataclass(frozen=True)
class Dialect:
    """`quoted` is False for files that use no quotes, so that a quote at the start of a cell is text."""

    delimiter: str
    quoted: bool = True
    has_separator_line: bool = False


def read_csv(source: str | Path, options: ReadOptions = DEFAULTS) -> TableData:
    """The whole table. Row 1 is the header; row numbers are those a spreadsheet shows, blank rows included.

    Rows are as long as the header: what is missing is "", what is too much is left out, and both are problems, as are
    unclosed quotes and bytes that are no text; names are as `name_columns` gives them. A blank line within the table
    stays as a row of empty cells, so that numbers hold; blank lines at the end are dropped. Memory beyond the
    rows themselves is bounded by one line. Raises WorkbenchError where there is no table to show: no file, empty,
    only a header, not text, a line or a number of columns beyond the limits.
    """
    path = Path(source)
    size = check_size(path, options.limits)
    encoding = detect_encoding(path, options.encoding)
    with open_text(path, encoding) as file:
        return _Table(path, file, encoding, options, size).read(None)


def peek_csv(source: str | Path, n: int = 8, options: ReadOptions = DEFAULTS) -> TableData:
    """The first n rows, judged as `read_csv` would judge them, from the head of the file alone."""
    path = Path(source)
    size = check_size(path, options.limits)
    encoding = detect_encoding(path, options.encoding, only_head=True)
    with open_text(path, encoding) as file:
        return _Table(path, file, encoding, options, size).read(n)


class _Table:
    """One reading of one file."""

    def __init__(self, path: Path, file: TextIO, encoding: Encoding, options: ReadOptions, size: int) -> None:
        self.path, self.file, self.encoding, self.options, self.size = path, file, encoding, options, size
        self.problems = ProblemList()
        self.notes: tuple[str, ...] = ()
        self.rows: list[list[str]] = []
        head = text_of(file)
        self.dialect = guess_dialect(head, is_whole=len(head) < HEAD, delimiter=options.delimiter)
        csv.field_size_limit(max(csv.field_size_limit(), options.limits.line))

    def read(self, n: int | None) -> TableData:
        lines = bounded_lines(self.file, self.options.limits.line)
        if self.dialect.has_separator_line:
            next(lines)
        reader = _reader(lines, self.dialect)
        columns = self._header(reader)
        broken = self._body(reader, n)
        while self.rows and not self.rows[-1] and len(self.rows) + 1 not in broken:
            self.rows.pop()
        if not self.rows:
            text = f"{self.path.name} has a header ({_few(columns)}) but no rows."
            raise WorkbenchError(text, "Add at least one row below the header.")
        self._even_out(columns, broken)
        if self.encoding.suspect:
            clean_cells(self.rows, columns, FIRST_ROW, self.problems)
        kind = "" if self.dialect.quoted else ", no quotes"
        name = DELIMITERS.get(self.dialect.delimiter, repr(self.dialect.delimiter))
        return TableData(
            columns, self.rows, f"CSV, {self.encoding.title}, {name}{kind}", self.problems.all(), self.notes
        )

    def _header(self, reader: Iterator[list[str]]) -> tuple[str, ...]:
        try:
            cells = next(reader)
        except StopIteration:
            raise WorkbenchError(f"{self.path.name} is empty.", "Choose a file with a header and rows.") from None
        except csv.Error as error:
            raise WorkbenchError("Row 1, the header, has a quote that is not closed.", _QUOTE_HINT) from error
        except LineTooLong as error:
            raise _too_long(1, error.size, self.options.limits) from error
        if not any(cell.strip() for cell in cells):
            raise WorkbenchError("Row 1 is blank.", "Put the column names in the first row.")
        columns, self.notes = name_columns(cells, self.options.limits)
        return columns

    def _body(self, reader: Iterator[list[str]], n: int | None) -> set[int]:
        """Reads the rows and gives the numbers of those that could not be told into cells."""
        broken: set[int] = set()
        progress = self.options.progress
        while n is None or len(self.rows) < n:
            before = len(self.rows)
            try:
                self.rows.extend(islice(reader, _BATCH if n is None else n - before))
            except LineTooLong as error:
                raise _too_long(len(self.rows) + FIRST_ROW, error.size, self.options.limits) from error
            except csv.Error as error:
                row = len(self.rows) + FIRST_ROW
                broken.add(row)
                self.rows.append([])
                self.problems.add(f"Row {row} has a quote that is not closed or not doubled.", row, None, _QUOTE_HINT)
                if "field limit" in str(error):
                    break
            if len(self.rows) == before:
                break
            if len(self.rows) > self.options.limits.rows:
                text = f"{self.path.name} has more than {self.options.limits.rows:,} rows."
                raise WorkbenchError(text, "Split the file and import one part.")
            if progress:
                progress(min(self.size, self.file.buffer.tell()), self.size)
        return broken

    def _even_out(self, columns: tuple[str, ...], broken: set[int]) -> None:
        """Makes every row as long as the header. What is missing concerns those columns alone; blank cells beyond the
        header are nothing."""
        width = len(columns)
        if set(map(len, self.rows)) == {width}:
            return
        for place, row in enumerate(self.rows):
            count = len(row)
            if count == width:
                continue
            number = place + FIRST_ROW
            if row and number not in broken and (count < width or any(cell.strip() for cell in row[width:])):
                cells = "1 cell" if count == 1 else f"{count:,} cells"
                text = f"Row {number} has {cells}, the header has {width:,}."
                hint = "Quote cells that hold the separator, or fill in what is missing."
                self.problems.add(text, number, None, hint, columns[count:])
            row[width:] = [""] * (width - count)


def guess_dialect(head: str, is_whole: bool, delimiter: str | None = None) -> Dialect:
    """The delimiter under which most records are as wide as the header; among equals the one that makes more cells.

    Parsing with each candidate, instead of counting characters, keeps decimal commas and quoted text from misleading.
    Excel's `sep=;` line decides where there is one. Tab and pipe files are read without quotes where quotes would
    break their records. A file of one column is read with commas.
    """
    stated = _SEPARATOR_LINE.match(head)
    if stated and not delimiter:
        return Dialect(stated.group(1), has_separator_line=True)
    best, best_score = Dialect(delimiter or ","), (0.0, 0)
    for candidate in [delimiter] if delimiter else DELIMITERS:
        for quoted in (True, False) if candidate in "\t|" else (True,):
            dialect = Dialect(candidate, quoted)
            score = _score(head, dialect, is_whole)
            if score > best_score:
                best, best_score = dialect, score
    return best


def _score(head: str, dialect: Dialect, is_whole: bool) -> tuple[float, int]:
    """The share of records as wide as the header, and that width; nothing where the header is one cell."""
    reader = _reader(StringIO(head, newline=""), dialect)
    widths: list[int] = []
    while len(widths) < _SAMPLE:
        try:
            record = next(reader)
        except StopIteration:
            break
        except csv.Error:
            widths.append(0)
            continue
        if record:
            widths.append(len(record))
    if not is_whole and 1 < len(widths) < _SAMPLE:
        widths.pop()
    if not widths or widths[0] < 2:
        return 0.0, 0
    return widths.count(widths[0]) / len(widths), widths[0]


def _reader(lines: Iterator[str], dialect: Dialect) -> Iterator[list[str]]:
    if dialect.quoted:
        return csv.reader(lines, delimiter=dialect.delimiter, strict=True)
    return csv.reader(lines, delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE)


def _too_long(row: int, size: int, limits: Limits) -> WorkbenchError:
    text = f"Row {row} is {megabytes(size)} long; the most is {megabytes(limits.line)}."
    return WorkbenchError(text, "Check that each row is on its own line; shorten the text in that row.")


def _few(columns: tuple[str, ...]) -> str:
    shown = ", ".join(column[:40] for column in columns[:5])
    return shown + (f" and {len(columns) - 5} more" if len(columns) > 5 else "")


IMPORTER = Importer(
    "CSV",
    "One record a row under a header: comma, semicolon, tab or pipe; UTF-8, UTF-16 with a mark, or Latin-1.",
    (".csv", ".tsv", ".tab", ".txt", ".psv"),
    FIRST_ROW,
    read_csv,
    lambda source, n, options: peek_csv(source, n, options),
)

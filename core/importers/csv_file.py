"""Tables with one record a row: comma, semicolon, tab or pipe between cells, quotes as in RFC 4180."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TextIO

from core.errors import WorkbenchError
from core.importers.csv_dialect import DELIMITERS, guess_dialect, record_reader, without_marks
from core.importers.label_cells import cell_text
from core.importers.naming import name_columns
from core.importers.options import DEFAULTS, Importer, Limits, ReadOptions
from core.importers.problems import ProblemList
from core.importers.row_names import has_row_names, looks_like_a_row
from core.importers.span_rows import spans_by_row
from core.importers.spreadsheet import is_own_export, restore, restored
from core.importers.text_file import (
    HEAD,
    Encoding,
    LineTooLong,
    bounded_lines,
    check_size,
    clean_cells,
    detect_encoding,
    open_text,
    text_of,
)
from core.importers.tools import Unfolded, renamed, unfolded
from core.importers.tools.pairs import chosen
from core.importers.tools.prodigy import answered
from core.model import TableData
from core.plural import bytes_in_words

FIRST_ROW = 2
_BATCH = 20_000
_QUOTE_HINT = 'Close the quote in that row; a quote inside a quoted cell is written twice ("").'


def read_csv(source: str | Path, options: ReadOptions = DEFAULTS) -> TableData:
    """The whole table. Row 1 is the header; row numbers are those a spreadsheet shows, blank rows included.

    Rows are as long as the header: what is missing is "", what is too much is left out, and both are problems, as are
    unclosed quotes and bytes that are no text; names are as `name_columns` gives them. Where quotes inside cells are
    written with a backslash and the table makes sense only so, it is read so. A blank line within the table stays as a
    row of empty cells, so that numbers hold; blank lines at the end are dropped. Memory beyond the rows themselves is
    bounded by one line. Raises WorkbenchError where there is no table to show: no file, empty, only a header, not text,
    a line or a number of columns beyond the limits.
    """
    return _read(Path(source), options, None)


def peek_csv(source: str | Path, n: int = 8, options: ReadOptions = DEFAULTS) -> TableData:
    """The first n rows, judged as `read_csv` would judge them, from the head of the file alone."""
    return _read(Path(source), options, n)


def _read(path: Path, options: ReadOptions, n: int | None) -> TableData:
    size = check_size(path, options.limits)
    encoding = detect_encoding(path, options.encoding, only_head=n is not None)

    def attempt(has_escapes: bool) -> TableData:
        with open_text(path, encoding) as file:
            return _Table(path, file, encoding, options, size, has_escapes).read(n)

    if options.has_escapes is not None:
        return attempt(options.has_escapes)
    try:
        table = attempt(False)
    except QuoteOpen:
        return attempt(True)
    if not table.problems:
        return table
    with suppress(WorkbenchError):
        other = attempt(True)
        if len(other.problems) < len(table.problems):
            return other
    return table


class QuoteOpen(WorkbenchError):
    """The header cannot be told into cells."""


class _Table:
    """One reading of one file."""

    def __init__(
        self, path: Path, file: TextIO, encoding: Encoding, options: ReadOptions, size: int, has_escapes: bool
    ) -> None:
        self.path, self.file, self.encoding, self.options, self.size = path, file, encoding, options, size
        self.problems = ProblemList()
        self.notes: tuple[str, ...] = ()
        self.said: tuple[str, ...] = ()
        self.export = Unfolded([])
        self.rows: list[list[str]] = []
        self.head = text_of(file)
        self.dialect = guess_dialect(
            self.head, is_whole=len(self.head) < HEAD, delimiter=options.delimiter, has_escapes=has_escapes
        )
        csv.field_size_limit(max(csv.field_size_limit(), options.limits.line))

    def read(self, n: int | None) -> TableData:
        lines = without_marks(bounded_lines(self.file, self.options.limits.line), self.dialect.quote)
        if self.dialect.has_separator_line:
            next(lines)
        reader = record_reader(lines, self.dialect)
        written = list(self.options.names) or self._header(reader)
        broken = self._body(reader, n)
        self._blank_headers(written)
        while self.rows and not self.rows[-1] and len(self.rows) + 1 not in broken:
            self.rows.pop()
        if not self.rows:
            text = f"{self.path.name} has a header ({_few(written)}) but no rows."
            raise WorkbenchError(text, "Add at least one row below the header.")
        is_own = is_own_export(written, self.encoding.name)
        if is_own:
            written = [restored(name) for name in written]
        columns = self._named(written)
        self._even_out(columns, broken)
        if is_own:
            restore(self.rows)
        columns = self._without_blank_columns(columns, written)
        if self.encoding.suspect:
            clean_cells(self.rows, columns, FIRST_ROW, self.problems)
        columns = self._answered(columns)
        self.notes += self.said
        kind = "" if self.dialect.quoted else ", no quotes"
        kind += ', quotes written \\"' if self.dialect.has_escapes else ""
        kind += ", each line in quotes" if self.dialect.has_quoted_lines else ""
        kind += ", single quotes" if self.dialect.quote == "'" else ""
        name = DELIMITERS.get(self.dialect.delimiter, repr(self.dialect.delimiter))
        about, export = f"CSV, {self.encoding.title}, {name}{kind}", self.export
        answers = renamed(export.answers, dict(zip(columns, columns, strict=True)))
        table = TableData(
            columns, self.rows, about, self.problems.all(), self.notes, answers=answers, models=export.models
        )
        return table if table.problems else spans_by_row(table)

    def _header(self, reader: Iterator[list[str]]) -> list[str]:
        try:
            cells = next(reader)
        except StopIteration:
            raise WorkbenchError(f"{self.path.name} is empty.", "Choose a file with a header and rows.") from None
        except csv.Error as error:
            raise QuoteOpen("Row 1, the header, has a quote that is not closed.", _QUOTE_HINT) from error
        except LineTooLong as error:
            raise _too_long(1, error.size, self.options.limits) from error
        if not any(cell.strip() for cell in cells):
            raise WorkbenchError("Row 1 is blank.", "Put the column names in the first row.")
        return cells

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

    def _blank_headers(self, written: list[str]) -> None:
        """The header once more is no row: files were put one behind the other. Says so, and where it may be a row."""
        again = [place for place, row in enumerate(self.rows) if row == written]
        for place in again:
            self.rows[place] = []
        if again:
            shown = ", ".join(f"{place + FIRST_ROW:,}" for place in again[:5]) + (" …" if len(again) > 5 else "")
            self.said = (f"Left out, because it repeats the header: row {shown}.",)
        elif looks_like_a_row(written, self.rows):
            named = ", ".join(f'"{cell[:40]}"' for cell in written[:3])
            self.said = (
                f"Row 1 is used as the column names, but looks like a row of data: {named}."
                " If it is data, add a row of names above it, or it will be lost.",
            )

    def _named(self, written: list[str]) -> tuple[str, ...]:
        """The columns' names; one without a name comes first where the rows have names of their own."""
        if has_row_names(self.rows, len(written), self.head):
            written.insert(0, "")
        columns, self.notes = name_columns(written, self.options.limits)
        return columns

    def _without_blank_columns(self, columns: tuple[str, ...], written: list[str]) -> tuple[str, ...]:
        """Leaves out the columns that have neither a name nor a cell: separators at the ends of lines."""
        nameless = [place for place, name in enumerate(written) if not name.strip()]
        blank = {place for place in nameless if not any(row[place].strip() for row in self.rows)}
        if not blank:
            return columns
        kept = [place for place in range(len(columns)) if place not in blank]
        self.rows = [[row[place] for place in kept] for row in self.rows]
        columns, self.notes = name_columns([written[place] for place in kept], self.options.limits)
        return columns

    def _answered(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """The columns once what a person rejected in Prodigy is no label any more, nor an answer called chosen."""
        self.export = unfolded(answered(columns, self.rows) or chosen(columns, self.rows))
        if not self.export.records:
            return columns
        names = list(dict.fromkeys(name for record in self.export.records for name in record))
        self.rows = [[cell_text(record.get(name)) for name in names] for record in self.export.records]
        self.notes = (*self.export.notes, *self.notes)
        return tuple(names)

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
                hint = "Quote cells that contain the separator, or fill in what is missing."
                self.problems.add(text, number, None, hint, columns[count:])
            row[width:] = [""] * (width - count)


def _too_long(row: int, size: int, limits: Limits) -> WorkbenchError:
    text = f"Row {row} is {bytes_in_words(size)} long; the limit is {bytes_in_words(limits.line)}."
    return WorkbenchError(text, "Check that each row is on its own line; shorten the text in that row.")


def _few(columns: Sequence[str]) -> str:
    shown = ", ".join(column[:40] for column in columns[:5])
    return shown + (f" and {len(columns) - 5} more" if len(columns) > 5 else "")


IMPORTER = Importer(
    "CSV",
    "One record per row under a header: comma, semicolon, tab or pipe; UTF-8, "
    "UTF-16 with a byte order mark, or Latin-1.",
    (".csv", ".tsv", ".tab", ".txt", ".psv"),
    FIRST_ROW,
    read_csv,
    lambda source, n, options: peek_csv(source, n, options),
)

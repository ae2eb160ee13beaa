"""How a file of records is written: its separator, its quotes, and how a quote inside a cell is told from its end."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import StringIO

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_SAMPLE = 200
_SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=(.)\"?\r?\n", re.IGNORECASE)

_QUOTED_LINE = re.compile(r'"(?:[^"]|"")*"')
_SINGLE_QUOTES = re.compile(r"\ufeff?'[^'\r\n]*'(?:[,;\t|]'[^'\r\n]*')+\r?\n")
"""A header all of whose names are in single quotes."""


@dataclass(frozen=True)
class Dialect:
    """`quoted` is False for files that use no quotes, so that a quote at the start of a cell is text. `has_escapes`
    where a backslash takes the quote, separator or backslash after it as text. `has_quoted_lines` where each line as a
    whole is in quotes."""

    delimiter: str
    quoted: bool = True
    has_separator_line: bool = False
    has_escapes: bool = False
    quote: str = '"'
    has_quoted_lines: bool = False


def guess_dialect(head: str, is_whole: bool, delimiter: str | None = None, has_escapes: bool = False) -> Dialect:
    """The delimiter under which most records are as wide as the header; among equals the one that makes more cells.

    Parsing with each candidate, instead of counting characters, keeps decimal commas and quoted text from misleading.
    Excel's `sep=;` line decides where there is one. Tab and pipe files are read without quotes where quotes would
    break their records. A file of one column is read with commas.
    """
    if _are_quoted_lines(head):
        inner = "".join(_unquoted(iter(head.splitlines(keepends=True))))
        found = guess_dialect(inner, is_whole, delimiter, has_escapes)
        if _score(inner, found, is_whole)[0] == 1:
            return replace(found, has_quoted_lines=True)
    stated = _SEPARATOR_LINE.match(head)
    if stated and not delimiter:
        return Dialect(stated.group(1), has_separator_line=True, has_escapes=has_escapes)
    quote = "'" if _SINGLE_QUOTES.match(head) else '"'
    best, best_score = Dialect(delimiter or ",", has_escapes=has_escapes, quote=quote), (0.0, 0)
    for candidate in [delimiter] if delimiter else DELIMITERS:
        for quoted in (True, False) if candidate in "\t|" else (True,):
            dialect = Dialect(candidate, quoted, has_escapes=has_escapes, quote=quote)
            score = _score(head, dialect, is_whole)
            if score > best_score:
                best, best_score = dialect, score
    return best


def _score(head: str, dialect: Dialect, is_whole: bool) -> tuple[float, int]:
    """The share of records as wide as the header, and that width; nothing where the header is one cell."""
    reader = record_reader(StringIO(head, newline=""), dialect)
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


def _are_quoted_lines(head: str) -> bool:
    """Whether the header is one quoted cell that holds separators, and so is each line after it."""
    lines = [line.removeprefix("\ufeff") for line in head.splitlines() if line.strip()][:_SAMPLE]
    header = lines[0] if len(lines) > 1 else ""
    return any(sign in header for sign in DELIMITERS) and all(map(_QUOTED_LINE.fullmatch, lines))


def _unquoted(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        body = line.rstrip("\r\n")
        bare = body.removeprefix("\ufeff")
        yield bare[1:-1].replace('""', '"') + line[len(body) :] if _QUOTED_LINE.fullmatch(bare) else line


def without_marks(lines: Iterator[str], quote: str = '"') -> Iterator[str]:
    """The lines without the marks that begin files, which may have been put one behind the other. Within a cell of
    several lines such a mark is text."""
    is_open = False
    for line in lines:
        yield line.lstrip("\ufeff") if line[0] == "\ufeff" and not is_open else line
        is_open ^= line.count(quote) % 2 == 1


def record_reader(lines: Iterator[str], dialect: Dialect) -> Iterator[list[str]]:
    """The records of the lines; goes on with the next line after it has raised csv.Error."""
    if dialect.has_quoted_lines:
        return record_reader(_unquoted(lines), replace(dialect, has_quoted_lines=False))
    if dialect.has_escapes:
        return _Unescaped(lines, dialect)
    return _plain(lines, dialect)


def _plain(lines: Iterator[str], dialect: Dialect) -> Iterator[list[str]]:
    if dialect.quoted:
        return csv.reader(lines, delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True)
    return csv.reader(lines, delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE)


class _Unescaped:
    """Reads with what is escaped hidden behind halves of surrogate pairs, which no decoded text holds. A backslash
    before anything else is itself: `C:\\new` has no line break in it."""

    def __init__(self, lines: Iterator[str], dialect: Dialect) -> None:
        escaped = {"\\": "\ud801", '"': "\ud802", dialect.delimiter: "\ud803"}
        pattern = re.compile(r'\\([\\"' + re.escape(dialect.delimiter) + "])")
        hidden = (pattern.sub(lambda found: escaped[found.group(1)], line) for line in lines)
        self._back = {ord(stand_in): character for character, stand_in in escaped.items()}
        self._records = _plain(hidden, dialect)

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        return [cell if cell.isascii() else cell.translate(self._back) for cell in next(self._records)]

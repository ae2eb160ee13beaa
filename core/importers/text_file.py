"""Opening a text file nobody described: its encoding, its lines, and the bytes that are no text."""

import codecs
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from core.errors import WorkbenchError
from core.importers.options import Limits
from core.importers.problems import ProblemList
from core.importers.western import looks_western
from core.plural import bytes_in_words

_CHUNK = 1 << 20
HEAD = 1 << 18
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FOREIGN = (
    (b"PK\x03\x04", "an Excel workbook or zip archive", "Save it as CSV (UTF-8) first."),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "Save it as CSV (UTF-8) first."),
    (b"PAR1", "a Parquet file", "Put it in a folder and name that folder as a Hugging Face data set."),
    (b"\x1f\x8b", "a gzip archive", "Unpack it first."),
    (b"%PDF", "a PDF", "Export its text as CSV or JSONL first."),
    (b"x\x9c", "compressed data", "Unpack it first."),
    (b"x\xda", "compressed data", "Unpack it first."),
    (b"SQLite format 3", "a database", "Export its table as CSV first."),
)
_WEB_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<!doctype\s+html|<html[\s>]|<head>)", re.IGNORECASE)
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\x0b\x0c\x1a\x1b"))
_UNDEFINED_IN_CP1252 = b"\x81\x8d\x8f\x90\x9d"
_UNREADABLE = re.compile("[\x00\ud800-\udfff]")
TITLES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with BOM",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 without BOM",
    "utf-16-be": "UTF-16 without BOM",
    "utf-32": "UTF-32",
    "cp1252": "Latin-1 (CP1252)",
    "cp1250": "Central European (CP1250)",
    "cp1251": "Cyrillic (CP1251)",
    "gb18030": "Chinese (GB18030)",
    "big5": "Chinese (Big5)",
    "cp932": "Japanese (Shift JIS)",
    "cp949": "Korean (EUC-KR)",
}


@dataclass(frozen=True)
class Encoding:
    """`suspect` says that some bytes are no text in it, so the cells must be searched for them."""

    name: str
    suspect: bool = False

    @property
    def title(self) -> str:
        return TITLES.get(self.name, self.name)


class LineTooLong(Exception):
    """A line beyond the limit; `size` is its whole length in bytes."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


def check_size(path: Path, limits: Limits) -> int:
    """The file's size in bytes; raises WorkbenchError where there is no file, nothing in it, or too much."""
    try:
        size = os.stat(path).st_size
    except OSError as error:
        raise WorkbenchError(f"{path.name} cannot be read: {error.strerror}.", "Upload the file again.") from error
    if size == 0:
        raise WorkbenchError(f"{path.name} is empty.", "Choose a file with a header and at least one row.")
    if size > limits.file:
        text = f"{path.name} is {bytes_in_words(size)}; the limit is {bytes_in_words(limits.file)}."
        raise WorkbenchError(text, "Split it, or leave out columns that are not needed.")
    return size


def detect_encoding(path: Path, given: str | None = None, only_head: bool = False) -> Encoding:
    """The encoding of the file: a byte order mark decides, else UTF-8 where all of it is, else CP1252.

    A file that is UTF-8 but for a few bytes is called UTF-8 and suspect, not CP1252, which would garble every accent.
    Raises WorkbenchError for files that are no text, and for those whose writing is in an encoding of its own, which
    somebody must name. `only_head` looks at the first 256 KiB alone.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    _refuse_foreign(path, head)
    name = given or next((name for bom, name in _BOMS if head.startswith(bom)), "") or _wide_without_mark(head)
    if _is_wide(name):
        # Where every character takes two bytes or four, one lost byte garbles all that follows.
        if not _decodes(path, name, only_head):
            text = f"{path.name} begins like {TITLES.get(name, name)} but is broken further on."
            raise WorkbenchError(text, "Save it again, as UTF-8.")
        return Encoding(name, suspect=True)
    if not head.startswith(codecs.BOM_UTF8):
        _refuse_binary(path, head)
    name = name or "utf-8"
    if _decodes(path, name, only_head):
        return Encoding(name, suspect=_holds(path, b"\x00", only_head))
    if given or name != "utf-8" or _is_mostly(path, name, only_head):
        return Encoding(name, suspect=True)
    if not looks_western(head):
        text = f"{path.name} is not UTF-8, and does not read as Latin-1."
        raise WorkbenchError(text, "Choose its encoding in the reading options, or save it as UTF-8.")
    return Encoding("cp1252", suspect=_holds(path, b"\x00" + _UNDEFINED_IN_CP1252, only_head))


def open_text(path: Path, encoding: Encoding) -> TextIO:
    """The file as text with its line ends as they are; bytes that do not decode become lone surrogates."""
    errors = "replace" if _is_wide(encoding.name) else "surrogateescape"
    return path.open(encoding=encoding.name, errors=errors, newline="")


def bounded_lines(file: TextIO, limit: int) -> Iterator[str]:
    """The lines with their ends, never holding more than `limit` characters; raises LineTooLong beyond."""
    while line := file.readline(limit + 2):
        if len(line) > limit and len(line.rstrip("\r\n")) > limit:
            raise LineTooLong(_whole_size(line, file))
        yield line


def clean_cells(rows: list[list[str]], columns: tuple[str, ...], first_row: int, problems: ProblemList) -> None:
    """Names every cell that holds bytes or characters that are no text, and replaces those by U+FFFD in place."""
    for number, row in enumerate(rows, start=first_row):
        for place, cell in enumerate(row):
            found = _UNREADABLE.search(cell)
            if found:
                column = columns[place] if place < len(columns) else None
                problems.add(*_unreadable(found.group(), number, column))
                row[place] = _UNREADABLE.sub("\ufffd", cell)


def _unreadable(character: str, row: int, column: str | None) -> tuple[str, int, str | None, str]:
    code = ord(character)
    where = f"Row {row}" + (f', column "{column}"' if column else "")
    if code == 0:
        return f"{where} contains a NUL character (byte 0x00).", row, column, "Remove it; it is never part of text."
    if 0xDC80 <= code <= 0xDCFF:
        text = f"{where} contains the byte 0x{code - 0xDC00:02X}, which is not text in this file's encoding."
        return text, row, column, "Save the file as UTF-8."
    return (
        f"{where} contains half a character (U+{code:04X}).",
        row,
        column,
        "Remove or repair it where the file was made.",
    )


def _refuse_foreign(path: Path, head: bytes) -> None:
    for magic, what, hint in _FOREIGN:
        if head.startswith(magic):
            raise WorkbenchError(f"{path.name} is not text but {what}.", hint)
    if _WEB_PAGE.match(head):
        text = f"{path.name} is a web page, not a table."
        raise WorkbenchError(text, "Save the file itself: its address may have led to a login or an error.")


def _wide_without_mark(head: bytes) -> str:
    """UTF-16 without a mark: in most writing every second byte is zero, in other texts hardly any."""
    for name, zeros, others in (("utf-16-le", head[1::2], head[::2]), ("utf-16-be", head[::2], head[1::2])):
        if 2 * zeros.count(0) > len(zeros) > 8 and 20 * others.count(0) < len(others):
            return name
    return ""


def _refuse_binary(path: Path, head: bytes) -> None:
    """More than a few control bytes, and more than three in a hundred, is no text that somebody wrote."""
    controls = len(head) - len(head.translate(None, _CONTROL))
    if controls <= 8 or controls * 33 <= len(head):
        return
    first = next(place for place, byte in enumerate(head) if byte in _CONTROL)
    line = head.count(b"\n", 0, first) + 1
    column = first - head.rfind(b"\n", 0, first)
    text = f"{path.name} is not a text file: line {line} has the byte 0x{head[first]:02X} at position {column}."
    raise WorkbenchError(text, "Choose a CSV or JSONL file; save it as UTF-8 if it came from another program.")


def _chunks(path: Path, only_head: bool) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(HEAD if only_head else _CHUNK):
            yield chunk
            if only_head:
                return


def _decodes(path: Path, name: str, only_head: bool) -> bool:
    """Whether every byte is text in this encoding; a character cut by the end of the head is."""
    decoder = _decoder(name, "strict")
    try:
        for chunk in _chunks(path, only_head):
            decoder.decode(chunk)
        if not only_head:
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_mostly(path: Path, name: str, only_head: bool) -> bool:
    """Whether much of what is beyond ASCII decodes: by chance, one letter in many does."""
    decoder = _decoder(name, "surrogateescape")
    bad = beyond = 0
    for chunk in _chunks(path, only_head):
        text = decoder.decode(chunk)
        bad += len(re.findall("[\udc80-\udcff]", text))
        beyond += len(re.findall("[^\x00-\x7f]", text))
    return 3 * (beyond - bad) > bad


def _holds(path: Path, unwanted: bytes, only_head: bool) -> bool:
    return any(byte in chunk for chunk in _chunks(path, only_head) for byte in unwanted)


def _decoder(name: str, errors: str) -> codecs.IncrementalDecoder:
    try:
        return codecs.getincrementaldecoder(name)(errors)
    except LookupError as error:
        raise WorkbenchError(f'There is no encoding called "{name}".', "Leave it to automatic detection.") from error


def _is_wide(name: str) -> bool:
    return name.lower().replace("_", "-").startswith(("utf-16", "utf-32"))


def _whole_size(line: str, file: TextIO) -> int:
    size = len(line.encode("utf-8", "surrogatepass"))
    while part := file.readline(1 << 20):
        size += len(part.encode("utf-8", "surrogatepass"))
        if part[-1] in "\r\n":
            break
    return size


def text_of(file: TextIO) -> str:
    """The first characters of an open file, which is left at its beginning."""
    head = file.read(HEAD)
    file.seek(0)
    return head

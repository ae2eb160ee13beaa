"""Excel workbooks (.xlsx): the first sheet with cells, as text. Formulas count as the value that was last computed."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from core.errors import WorkbenchError
from core.importers.naming import name_columns
from core.importers.options import DEFAULTS, Importer, ReadOptions
from core.importers.problems import ProblemList
from core.importers.text_file import check_size, clean_cells
from core.model import TableData

FIRST_ROW = 2
MAGIC = b"PK\x03\x04"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PLACE = re.compile(r"([A-Z]{1,3})[0-9]+")
_DATES = {*range(14, 23), *range(45, 48)}
_DATE_SIGNS = re.compile(r"[dmyhs]", re.IGNORECASE)
_NOT_SIGNS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    ElementTree.ParseError,
    LookupError,
    OSError,
    EOFError,
    ValueError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
)
"""What is raised by a broken archive, by one with a password, and by XML or cells that are none."""
_HINT = "Open it in a spreadsheet and save it as .xlsx or CSV."


def is_workbook(path: Path) -> bool:
    """Whether it is a zip archive with a workbook in it."""
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except _BROKEN:
        return False


def read_excel(source: str | Path, options: ReadOptions = DEFAULTS) -> TableData:
    """The first sheet that has cells, its first row the header. Raises WorkbenchError where there is no table."""
    return _read(Path(source), options, None)


def _read(path: Path, options: ReadOptions, n: int | None) -> TableData:
    check_size(path, options.limits)
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(one.file_size for one in archive.infolist()) > 4 * options.limits.file:
                raise WorkbenchError(f"{path.name} unpacks to more than can be read.", "Save the sheet as CSV.")
            book = _Book(archive, options.limits.columns)
            title, cells, others = book.first(options.limits.rows + 1 if n is None else n + 1)
    except _BROKEN as error:
        raise WorkbenchError(f"{path.name} is no Excel workbook that can be read.", _HINT) from error
    if len(cells) < 2:
        raise WorkbenchError(f"{path.name} has no rows below a header.", "Put the column names in the first row.")
    if len(cells) > options.limits.rows:
        raise WorkbenchError(f"{path.name} has more than {options.limits.rows:,} rows.", "Split the file.")
    width = max(map(len, cells))
    columns, notes = name_columns([*cells[0], *[""] * (width - len(cells[0]))], options.limits)
    rows = [[*row, *[""] * (width - len(row))] for row in cells[1:]]
    problems = ProblemList()
    clean_cells(rows, columns, FIRST_ROW, problems)
    if others:
        notes = (f"Only the sheet “{title}” is read; the workbook also has: {', '.join(others[:5])}.", *notes)
    return TableData(columns, rows, f"Excel, sheet “{title}”", problems.all(), notes)


class _Book:
    """One open workbook."""

    def __init__(self, archive: zipfile.ZipFile, most_columns: int) -> None:
        self._archive = archive
        self._most_columns = most_columns
        self._names = set(archive.namelist())
        self._shared = list(self._shared_texts())
        self._date_styles = self._styles()

    def first(self, most: int) -> tuple[str, list[list[str]], list[str]]:
        """The title and the cells of the first sheet that has any, and the titles of the others with cells."""
        sheets = [(title, name) for title, name in self._sheets() if name in self._names]
        filled = [(title, name) for title, name in sheets if next(iter(self._rows(name)), None)]
        if not filled:
            return "", [], []
        title, name = filled[0]
        cells: list[list[str]] = []
        for number, row in self._rows(name):
            cells += [[] for _ in range(min(number - 1 - len(cells), most - len(cells)))]
            cells.append(row)
            if len(cells) >= most:
                break
        return title, cells, [other for other, _ in filled[1:]]

    def _sheets(self) -> Iterator[tuple[str, str]]:
        targets = {
            one.get("Id"): str(one.get("Target")).lstrip("/").removeprefix("xl/")
            for one in self._tree("xl/_rels/workbook.xml.rels")
        }
        for one in self._tree("xl/workbook.xml").iter(f"{_MAIN}sheet"):
            yield str(one.get("name")), f"xl/{targets.get(one.get(_RELATION))}"

    def _tree(self, name: str) -> ElementTree.Element:
        with self._archive.open(name) as file:
            return ElementTree.fromstring(_harmless(file).read())

    def _shared_texts(self) -> Iterator[str]:
        name = "xl/sharedStrings.xml"
        for one in self._tree(name).iter(f"{_MAIN}si") if name in self._names else ():
            yield _text(one)

    def _styles(self) -> set[int]:
        """The numbers of the cell styles that show a date."""
        if "xl/styles.xml" not in self._names:
            return set()
        root = self._tree("xl/styles.xml")
        custom = {
            int(one.get("numFmtId", 0))
            for one in root.iter(f"{_MAIN}numFmt")
            if _DATE_SIGNS.search(_NOT_SIGNS.sub("", one.get("formatCode", "")))
        }
        formats = root.find(f"{_MAIN}cellXfs")
        used = [int(one.get("numFmtId", 0)) for one in (formats if formats is not None else ())]
        return {place for place, number in enumerate(used) if number in custom | _DATES}

    def _rows(self, name: str) -> Iterator[tuple[int, list[str]]]:
        """The number of each row with its cells."""
        number = 0
        with self._archive.open(name) as file:
            for _, element in ElementTree.iterparse(_harmless(file)):
                if element.tag != f"{_MAIN}row":
                    continue
                number = int(element.get("r") or number + 1)
                row: list[str] = []
                following = 0
                for cell in element.iter(f"{_MAIN}c"):
                    place = _column(cell.get("r"), following)
                    following = place + 1
                    if value := self._value(cell):
                        self._refuse_beyond(place)
                        row += [""] * (place - len(row))
                        row.append(value)
                element.clear()
                if any(row):
                    yield number, row

    def _refuse_beyond(self, place: int) -> None:
        if place >= self._most_columns:
            text = f"The workbook has values beyond column {self._most_columns:,}."
            raise WorkbenchError(text, "Leave out columns that are not needed.")

    def _value(self, cell: ElementTree.Element) -> str:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return _text(cell)
        held = cell.findtext(f"{_MAIN}v") or ""
        if kind == "s":
            return self._shared[_place(held)] if held else ""
        if kind == "b":
            return "true" if held == "1" else "false"
        if kind in ("str", "e", "d") or not held:
            return _unescaped(held)
        if int(cell.get("s", 0)) in self._date_styles:
            return _date(float(held))
        return held.removesuffix(".0")


def _place(held: str) -> int:
    if not held.strip().isdecimal():
        raise ValueError("it is no place in the list of texts")
    return int(held)


def _harmless(file: IO[bytes]) -> IO[bytes]:
    """The file from its beginning. Raises ValueError where it declares entities, which no workbook does."""
    head = file.read(4096)
    file.seek(0)
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise ValueError("it declares entities")
    return file


def _column(place: str | None, following: int) -> int:
    """The column of a cell such as "AB12", from 0."""
    found = _PLACE.fullmatch(place or "")
    if found is None:
        return following
    number = 0
    for letter in found[1]:
        number = 26 * number + ord(letter) - 64
    return max(number - 1, following)


def _text(element: ElementTree.Element) -> str:
    """The text of runs, without how it is to be pronounced."""
    parts = [one.text or "" for one in element.iter(f"{_MAIN}t")]
    spoken = {one.text or "" for ruby in element.iter(f"{_MAIN}rPh") for one in ruby.iter(f"{_MAIN}t")}
    return _unescaped("".join(part for part in parts if part not in spoken or not spoken))


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _date(days: float) -> str:
    """ISO 8601; a date without time as such."""
    when = datetime(1899, 12, 30) + timedelta(seconds=round(days * 86_400))
    return when.date().isoformat() if when.hour == when.minute == when.second == 0 else when.isoformat(" ")


IMPORTER = Importer(
    "Excel",
    "The first sheet of a workbook (.xlsx), one record per row under a header.",
    (".xlsx", ".xlsm"),
    FIRST_ROW,
    read_excel,
    lambda source, n, options: _read(Path(source), options, n),
)

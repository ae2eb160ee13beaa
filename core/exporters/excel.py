"""Rows as a sheet of Excel, row by row."""

from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

from core.errors import WorkbenchError
from core.exporters.files import Row, as_text

MOST_ROWS = 1_048_575
"""Without the line of headings."""
_MOST_CHARACTERS = 32_767
_CUT = " … (cut: an Excel cell holds no more)"
_NOTHING_COMPUTED = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_excel(rows: Iterable[Row], columns: Sequence[str], out: BinaryIO) -> int:
    """Numbers and flags as such, all else as text; None is an empty cell. Raises WorkbenchError past `MOST_ROWS`."""
    import xlsxwriter  # only this export needs it

    count = 0
    with xlsxwriter.Workbook(out, {"constant_memory": True, **_NOTHING_COMPUTED}) as book:
        sheet = book.add_worksheet("LabelLoop")
        sheet.freeze_panes(1, 0)
        for place, name in enumerate(columns):
            sheet.write_string(0, place, _fitting(name))
        for count, row in enumerate(rows, start=1):
            if count > MOST_ROWS:
                raise WorkbenchError(
                    f"Excel allows {MOST_ROWS:,} rows, and there are more.",
                    "Export as CSV or Parquet, or choose fewer annotators.",
                )
            for place, name in enumerate(columns):
                _write(sheet, count, place, row.get(name))
    return count


def _write(sheet: Any, row: int, column: int, value: object) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    elif value is not None:
        sheet.write_string(row, column, _fitting(as_text(value)))


def _fitting(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS - len(_CUT)] + _CUT

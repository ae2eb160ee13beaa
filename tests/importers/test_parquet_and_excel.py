"""Tables of Parquet and Excel files come in as text, as the same table in CSV would."""

import json
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pyarrow
import pytest
import xlsxwriter
from pyarrow import parquet

from core.errors import WorkbenchError
from core.exporters.excel import write_excel
from core.exporters.parquet import write_parquet
from core.importers import format_of, peek, read_table, recognise


def _parquet(path: Path, columns: dict[str, list[object]], **features: object) -> Path:
    table = pyarrow.table(columns)
    if features:
        table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    parquet.write_table(table, path)
    return path


def _excel(path: Path, rows: list[list[object]], **sheets: list[list[object]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, cells in {"Data": rows, **sheets}.items():
            sheet = book.add_worksheet(name)
            for y, row in enumerate(cells):
                for x, cell in enumerate(row):
                    if isinstance(cell, datetime):
                        sheet.write_datetime(y, x, cell, day)
                    elif cell is not None:
                        sheet.write(y, x, cell)
    return path


def test_class_numbers_get_their_names_in_lists_too_and_none_is_none(tmp_path: Path) -> None:
    names = {"names": ["neg", "pos"], "_type": "ClassLabel"}
    path = _parquet(
        tmp_path / "a.parquet",
        {"text": ["x", "y", "z"], "label": [1, 0, -1], "tags": [[0, 1], [1], []], "n": [1, None, 3]},
        label=names,
        tags={"feature": names, "_type": "Sequence"},
    )
    table = read_table(path)
    assert table.columns == ("text", "label", "tags", "n")
    assert table.rows == [
        ["x", "pos", '["neg", "pos"]', "1"],
        ["y", "neg", '["pos"]', ""],
        ["z", "", "[]", "3"],
    ]
    assert peek(path, 1).rows == table.rows[:1]


def test_parquet_and_excel_are_known_by_their_content(tmp_path: Path) -> None:
    path = _parquet(tmp_path / "a.parquet", {"text": ["x"]}).rename(tmp_path / "a.csv")
    assert format_of(path) == "parquet" and read_table(path).rows == [["x"]]
    book = _excel(tmp_path / "b.xlsx", [["text"], ["x"]]).rename(tmp_path / "b.csv")
    assert format_of(book) == "excel" and read_table(book).rows == [["x"]]


def test_a_sheet_is_read_as_its_cells_show(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["text", "n", "when", "ok"],
        ["Grüße 😀\nzwei", 3, datetime(2026, 11, 29), True],
        [],
        ["y", 0.5, None, False],
    ]
    table = read_table(_excel(tmp_path / "a.xlsx", rows, Notes=[["more"]]))
    assert table.columns == ("text", "n", "when", "ok")
    assert table.rows == [["Grüße 😀\nzwei", "3", "2026-11-29", "true"], ["", "", "", ""], ["y", "0.5", "", "false"]]
    assert table.notes == ("Only the sheet “Data” is read; the workbook also has: Notes.",)


def test_a_cell_in_a_later_column_stays_in_its_column(tmp_path: Path) -> None:
    table = read_table(_excel(tmp_path / "a.xlsx", [["a", None, "c"], [None, None, "x"]]))
    assert table.rows == [["", "", "x"]] and table.columns[0] == "a" and table.columns[2] == "c"


@pytest.mark.parametrize("write", [write_excel, write_parquet])
@pytest.mark.parametrize("text", ["=1+1", "'quoted", "a_x000D_b", "“Ωμέγα” 😀", " spaced  "])
def test_our_own_exports_come_back_as_they_were(tmp_path: Path, write, text: str) -> None:
    out = BytesIO()
    write([{"text": text, "label": '["a", "b"]'}, {"text": "t", "label": "[]"}], ["text", "label"], out)
    path = tmp_path / f"a.{'xlsx' if write is write_excel else 'parquet'}"
    path.write_bytes(out.getvalue())
    table = read_table(path)
    assert table.rows == [[text, '["a", "b"]'], ["t", "[]"]]
    assert recognise(table).kind == "several_labels"


@pytest.mark.parametrize("name", ["a.xlsx", "a.parquet"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more", b"PAR1 and no more", b"text,label\na,b\n"])
def test_what_is_no_such_file_is_refused_with_a_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(WorkbenchError, match=r"a\.(xlsx|parquet) is (no|empty)"):
        read_table(path)


def test_a_workbook_that_declares_entities_is_refused(tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", '<!DOCTYPE x [<!ENTITY a "b">]><workbook/>')
        archive.writestr("xl/_rels/workbook.xml.rels", "<Relationships/>")
    with pytest.raises(WorkbenchError, match="no Excel workbook"):
        read_table(path)

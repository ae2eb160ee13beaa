"""Rows as Parquet and as a sheet of Excel, read back by pandas and by the file's own XML."""

import io
import zipfile
from datetime import UTC, datetime
from xml.etree import ElementTree

import pandas as pd
import pytest

from core.errors import WorkbenchError
from core.exporters import EXPORTERS, excel, long_columns
from core.exporters.annotations import column_type

WHEN = datetime(2026, 3, 1, 12, 30, 0, 123456, tzinfo=UTC)
ROWS = [
    {"item_id": 1, "id": "a", "text": "=1+1", "confidence": 0.25, "flag": True, "created_at": WHEN, "size": 3},
    {"item_id": 2, "id": "b", "text": "x\ud83d 🙂", "confidence": None, "flag": None, "created_at": None},
]
COLUMNS = ["item_id", "id", "text", "confidence", "flag", "created_at", "size"]


def written(key: str, rows, columns) -> io.BytesIO:
    out = io.BytesIO()
    assert EXPORTERS[key].write(rows, columns, out) == len(list(rows))
    out.seek(0)
    return out


def cells(out: io.BytesIO) -> list[list[tuple[str, str]]]:
    """The type and text of each cell that there is, row by row."""
    name = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    sheet = ElementTree.fromstring(zipfile.ZipFile(out).read("xl/worksheets/sheet1.xml"))
    return [
        [(cell.get("t", "n"), "".join(cell.itertext())) for cell in row.iter(f"{name}c")]
        for row in sheet.iter(f"{name}row")
    ]


def test_parquet_keeps_numbers_times_and_flags_and_has_nothing_as_nothing() -> None:
    table = pd.read_parquet(written("parquet", ROWS, COLUMNS))
    first, second = table.to_dict("records")
    assert (first["item_id"], first["text"], first["confidence"], first["flag"]) == (1, "=1+1", 0.25, True)
    assert first["created_at"] == WHEN and first["size"] == "3"
    assert second["text"] == "x? 🙂" and pd.isna(second["confidence"]) and second["flag"] is None


def test_parquet_of_many_groups_and_of_none_has_every_row() -> None:
    many = [{"item_id": number} for number in range(25_001)]
    assert pd.read_parquet(written("parquet", many, ["item_id"]))["item_id"].tolist() == list(range(25_001))
    assert list(pd.read_parquet(written("parquet", [], COLUMNS)).columns) == COLUMNS


@pytest.mark.parametrize(
    ("column", "kind"),
    [("confidence:maria", float), ("flag:maria", bool), ("note:maria", str), ("field:confidence", str), ("text", str)],
)
def test_a_column_of_the_wide_shape_has_the_type_of_its_kind(column: str, kind: type) -> None:
    assert column_type(column) is kind


def test_every_type_names_a_column_that_there_is() -> None:
    assert {"item_id", "run_id", "confidence", "flag", "blind", "created_at"} <= set(long_columns())


def test_nothing_in_a_sheet_of_excel_is_computed_and_numbers_are_numbers() -> None:
    head, first, second = cells(written("excel", ROWS, COLUMNS))
    assert head == [("inlineStr", name) for name in COLUMNS]
    assert first[:5] == [("n", "1"), ("inlineStr", "a"), ("inlineStr", "=1+1"), ("n", "0.25"), ("b", "1")]
    assert first[5] == ("inlineStr", WHEN.isoformat())
    assert second == [("n", "2"), ("inlineStr", "b"), ("inlineStr", "x? 🙂")]


def test_a_text_too_long_for_excel_is_cut_and_says_so() -> None:
    ((_, text),) = cells(written("excel", [{"a": "x" * 40_000}], ["a"]))[1]
    assert len(text) == 32_767 and text.endswith("… (cut: an Excel cell holds no more)")
    ((_, whole),) = cells(written("excel", [{"a": "x" * 32_767}], ["a"]))[1]
    assert whole == "x" * 32_767


def test_more_rows_than_excel_holds_are_refused_in_a_sentence(monkeypatch) -> None:
    monkeypatch.setattr(excel, "MOST_ROWS", 2)
    with pytest.raises(WorkbenchError, match="Excel allows 2 rows"):
        EXPORTERS["excel"].write([{"a": 1}] * 3, ["a"], io.BytesIO())

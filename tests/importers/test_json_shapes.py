"""One JSON file that holds a table in another shape than a list of records."""

import json
from pathlib import Path

import pytest

from core.errors import WorkbenchError
from core.importers import read_jsonl
from core.importers.jsonl import peek_jsonl

ROWS = [{"text": "one", "label": "a"}, {"text": "two", "label": "b"}]
CELLS = [["one", "a"], ["two", "b"]]
SHAPES = {
    "data": {"data": ROWS},
    "rows beside facts": {"version": 2, "about": {"by": "x"}, "rows": ROWS},
    "annotations": {"annotations": ROWS},
    "a list within": {"corpus": {"items": ROWS}},
    "rows of a data server": {
        "features": [{"name": "text"}],
        "rows": [{"row_idx": n, "row": row} for n, row in enumerate(ROWS)],
    },
    "by columns": {"text": {"0": "one", "1": "two"}, "label": {"0": "a", "1": "b"}},
    "lists by columns": {"text": ["one", "two"], "label": ["a", "b"]},
    "split": {"columns": ["text", "label"], "index": [0, 1], "data": CELLS},
    "table": {"schema": {"fields": [{"name": "text"}], "pandas_version": "1.4.0"}, "data": ROWS},
}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_table_inside_one_object_is_read(tmp_path: Path, shape: str, indent: int | None) -> None:
    path = tmp_path / "table.json"
    path.write_text(json.dumps(SHAPES[shape], indent=indent), encoding="utf-8")
    table = read_jsonl(path)
    assert (table.columns, table.rows) == (("text", "label"), CELLS)
    assert table.notes and table.about == "JSON, UTF-8"
    assert peek_jsonl(path, 1).rows == CELLS[:1]


def test_rows_named_by_number_keep_their_name(tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    path.write_text(json.dumps({"7": ROWS[0], "8": ROWS[1]}, indent=1), encoding="utf-8")
    table = read_jsonl(path)
    assert (table.columns, table.rows) == (("row", "text", "label"), [["7", "one", "a"], ["8", "two", "b"]])


def test_objects_over_several_lines_each_are_records(tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    path.write_text("\n".join(json.dumps(row, indent=2) for row in ROWS), encoding="utf-8")
    assert read_jsonl(path).rows == CELLS


@pytest.mark.parametrize("indent", [None, 2])
def test_one_record_alone_is_a_record(tmp_path: Path, indent: int | None) -> None:
    path = tmp_path / "table.json"
    path.write_text(json.dumps({"text": "one", "tags": [{"x": 1}]}, indent=indent), encoding="utf-8")
    assert read_jsonl(path).rows == [["one", '[{"x": 1}]']]


@pytest.mark.parametrize(
    ("whole", "says"),
    [
        ({"images": ROWS, "captions": ROWS}, 'several lists: "images", "captions"'),
        ({"ann": {"x": 1}, "ben": {"x": 2}}, 'several objects: "ann", "ben"'),
        ({"text": ["a", "b"], "label": ["x"]}, "lists of different lengths, 1 to 2"),
        ({"data": []}, "contains no records"),
    ],
)
def test_what_is_not_clear_is_refused_with_what_to_do(tmp_path: Path, whole: object, says: str) -> None:
    path = tmp_path / "table.json"
    path.write_text(json.dumps(whole, indent=2), encoding="utf-8")
    with pytest.raises(WorkbenchError, match=says) as caught:
        read_jsonl(path)
    assert "one array of objects" in caught.value.hint


def test_an_object_that_breaks_off_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    path.write_text(json.dumps({"data": ROWS}, indent=2)[:-4], encoding="utf-8")
    with pytest.raises(WorkbenchError, match="table.json is not complete JSON: .* at line 1"):
        read_jsonl(path)

"""Rows as CSV and JSONL."""

import csv
import io
import json
from datetime import UTC, datetime
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exporters import EXPORTERS, write_csv, write_jsonl

TEXT_FORMATS = ("csv", "csv-plain", "jsonl")

TEXTS = [
    "🙂 ok",
    "مرحبا",
    "<b>x</b>",
    'say "hi"',
    "two\nlines",
    "car\rriage",
    "a,b;c\td",
    "=1+1",
    "@x",
    "-3",
    "‘curly’",
    "",
]


def written(key: str, rows, columns) -> str:
    out = io.BytesIO()
    EXPORTERS[key].write(rows, columns, out)
    return out.getvalue().decode()


def read_back(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_every_text_comes_back_from_a_csv_file_as_it_went_in() -> None:
    rows = [{"text": text, "n": str(place)} for place, text in enumerate(TEXTS)]
    assert read_back(written("csv-plain", rows, ["text", "n"])) == rows


def test_a_csv_file_for_programs_leaves_every_cell_alone() -> None:
    assert written("csv-plain", [{"a": "=1+1"}], ["a"]) == "a\r\n=1+1\r\n"


COMPUTED = ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\uff1d1", "'=1", "-x", "=HYPERLINK(1)"]


@pytest.mark.parametrize("text", COMPUTED)
def test_no_cell_or_heading_of_a_csv_file_for_spreadsheets_is_computed(text: str) -> None:
    content = written("csv", [{text: text, "n": -1.5}], [text, "n"])
    assert content.startswith("\ufeff")
    assert list(csv.reader(io.StringIO(content[1:], newline=""))) == [["'" + text, "n"], ["'" + text, "-1.5"]]


@pytest.mark.parametrize("text", ["-1", "-0.5", "1", "a=b", "'tis", "it's", "🙂"])
def test_numbers_and_other_texts_are_written_as_they_are(text: str) -> None:
    assert list(csv.reader(io.StringIO(written("csv", [{"a": text}], ["a"])[1:], newline="")))[1:] == [[text]]


def test_other_values_are_written_as_json_times_as_iso_and_nothing_as_nothing() -> None:
    when = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    row = {
        "n": 1,
        "p": 0.25,
        "none": None,
        "when": when,
        "flag": True,
        "list": ["é", when],
        "map": MappingProxyType({"k": 1}),
    }
    (read,) = read_back(written("csv-plain", [row], [*row, "absent"]))
    assert read == {
        "n": "1",
        "p": "0.25",
        "none": "",
        "when": "2026-03-01T12:30:00+00:00",
        "flag": "true",
        "list": '["é", "2026-03-01T12:30:00+00:00"]',
        "map": '{"k": 1}',
        "absent": "",
    }
    record = json.loads(written("jsonl", [row], [*row, "absent"]))
    assert (record["n"], record["p"], record["none"], record["absent"]) == (1, 0.25, None, None)
    assert record["when"] == "2026-03-01T12:30:00+00:00" and record["map"] == {"k": 1}


@pytest.mark.parametrize("key", TEXT_FORMATS)
def test_every_text_is_written_row_by_row_and_counted(key: str) -> None:
    out = io.BytesIO()
    seen: list[int] = []

    def rows():
        for number in range(3):
            seen.append(len(out.getvalue()))
            yield {"a": number}

    assert EXPORTERS[key].write(rows(), ["a"], out) == 3
    assert seen[0] < seen[1] < seen[2], "each row is written before the next one is asked for"
    assert EXPORTERS[key].suffix.startswith(".") and "/" in EXPORTERS[key].mime


@pytest.mark.parametrize("key", TEXT_FORMATS)
def test_half_a_character_in_a_model_s_answer_does_not_stop_the_export(key: str) -> None:
    text = written(key, [{"raw": "x\ud83d"}, {"raw": "🙂"}], ["raw"])
    text.encode("utf-8")
    assert "🙂" in text


@given(
    st.lists(
        st.fixed_dictionaries(
            {"a": st.text(st.characters(codec="utf-8", exclude_characters="\x00")), "b": st.text('ab\r\n",;')}
        )
    )
)
def test_both_formats_lose_nothing(rows: list[dict[str, str]]) -> None:
    assert read_back(written("csv-plain", rows, ["a", "b"])) == rows
    out = io.StringIO()
    assert write_jsonl(rows, ["a", "b"], out) == len(rows)
    assert [json.loads(line) for line in out.getvalue().split("\n") if line] == rows


def test_no_rows_leave_a_header_or_nothing() -> None:
    out = io.StringIO(newline="")
    assert write_csv([], ["a", "b"], out) == 0 and out.getvalue() == "\ufeffa,b\r\n"
    assert written("jsonl", [], ["a"]) == ""

"""What is exported for spreadsheets comes back as it was."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.exporters import write_csv
from core.exporters.spreadsheet import safe
from core.importers import read_csv
from core.importers.spreadsheet import restored

TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12),
    st.text("'=+-@\t\r\n \uff1d1a\",", max_size=6),
)


@pytest.mark.parametrize("number", ["-1", "-1.5", "-0"])
def test_a_negative_number_stays_a_number(number: str) -> None:
    assert safe(number) == number


@pytest.mark.parametrize(
    "text",
    [
        "-1+cmd|'x'!A0",
        "+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "\uff1d1",
        " =1",
        "-1\n",
        "-\u0663",
        "\ufeff=1",
        "\u200b=1",
    ],
)
def test_what_may_be_computed_is_text_in_a_spreadsheet(text: str) -> None:
    assert safe(text) == "'" + text


@given(TEXTS)
def test_any_text_comes_back(text: str) -> None:
    assert restored(safe(text)) == text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=5))
def test_an_exported_file_read_again_has_the_same_cells(tmp_path: Path, pairs: list[tuple[str, str]]) -> None:
    columns = ["item_id", "id", "text", "split", "=field"]
    rows = [
        {"item_id": n, "id": own, "text": text, "split": "train", "=field": text} for n, (own, text) in enumerate(pairs)
    ]
    out = io.StringIO(newline="")
    write_csv(rows, columns, out)
    path = tmp_path / "export.csv"
    path.write_bytes(out.getvalue().encode())
    table = read_csv(path)
    assert table.columns == tuple(columns) and table.problems == ()
    assert [(row[1], row[2], row[4]) for row in table.rows] == [(own, text, text) for own, text in pairs]


def test_apostrophes_of_another_file_stay(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([("text", "label"), ("'=1", "a"), ("'tis", "b")])
    assert [row[0] for row in read_csv(path).rows] == ["'=1", "'tis"]

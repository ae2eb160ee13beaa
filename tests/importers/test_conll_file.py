"""Files of tagged words become a row a sentence with spans."""

import json
import os
from pathlib import Path

import pytest

from core.errors import WorkbenchError
from core.importers import format_of, guess_columns, read_table
from core.model import QuestionKind

DATA = Path(os.environ.get("LABELLOOP_TEST_DATA") or Path(__file__).parents[2].parent / "shared" / "data")
WORDS = "EU B-ORG\nrejects O\nGerman B-MISC\n\nPeter B-PER\nBlackburn I-PER\n"


@pytest.mark.parametrize("name", ["a.conll", "a.txt", "a.tsv", "a.csv", "a"])
@pytest.mark.parametrize("between", [" ", "\t"])
def test_tagged_words_are_recognised_whatever_the_file_is_called(tmp_path: Path, name: str, between: str) -> None:
    path = tmp_path / name
    path.write_text(WORDS.replace(" ", between), encoding="utf-8")
    table = read_table(path)
    assert table.columns == ("text", "tags")
    assert [row[0] for row in table.rows] == ["EU rejects German", "Peter Blackburn"]
    assert json.loads(table.rows[1][1]) == [{"start": 0, "end": 15, "label": "PER"}]
    assert [(one.name, one.kind, one.labels) for one in table.answers] == [
        ("tags", QuestionKind.SPANS, ("ORG", "MISC", "PER"))
    ]
    assert "Words are joined with single spaces" in table.notes[0]
    assert guess_columns(table).text == ("text",)


def test_each_column_of_tags_is_a_column_of_spans_the_last_one_first(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text("EU NNP B-ORG O\nrejects VB O B-X\n", encoding="utf-8")
    table = read_table(path)
    assert table.columns == ("text", "tags", "tags of column 3")
    assert [json.loads(cell)[0]["label"] for cell in table.rows[0][1:]] == ["X", "ORG"]


@pytest.mark.parametrize("text", ["text,label\na,B-x\nb,O\nc,O\n", "text\tlabel\nsome words\tnews\nother\tB-b\n"])
def test_tables_are_no_tagged_words(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="utf-8")
    assert format_of(path) == "csv"


def test_a_file_without_tags_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text("one\ntwo\n", encoding="utf-8")
    with pytest.raises(WorkbenchError, match="contains no tagged words"):
        read_table(path)


@pytest.mark.skipif(not DATA.is_dir(), reason="the real data is not here")
@pytest.mark.parametrize(("name", "n", "spans"), [("wnut17_dev", 1009, 836), ("wnut17_test", 1287, 1079)])
def test_published_numbers_of_sentences_and_spans_come_out(name: str, n: int, spans: int) -> None:
    table = read_table(DATA / f"{name}.conll")
    assert len(table.rows) == n and sum(len(json.loads(row[1])) for row in table.rows) == spans
    for text, cell in table.rows:
        assert all(text[one["start"] : one["end"]].strip() for one in json.loads(cell))

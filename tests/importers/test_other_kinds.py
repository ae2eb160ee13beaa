"""What is plainly no table of texts with one label each is recognised, and what is one is left alone."""

import os
from pathlib import Path

import pytest

from core.importers import guess_columns, read_table
from core.importers.other_kinds import other_kind
from core.model import TableData

DATA = Path(os.environ.get("LABELLOOP_TEST_DATA") or Path(__file__).parents[2].parent / "shared" / "data")
TEXTS = [
    f"the {word} was discussed at length in the {place}" for word in ("bill", "goal", "film") for place in "abcdef"
]


def _table(columns: str, *rows: str) -> TableData:
    return TableData(tuple(columns.split(";")), [row.split(";") for row in rows])


def _title(table: TableData, *labels: str) -> str:
    found = other_kind(table, labels)
    return "" if found is None else found.title


COMBINED = ["A|B", "B", "A", "C|A", "B|C", "C", "A|B|C", "D|A", "D", "A|B", "C", "D"]


@pytest.mark.parametrize("between", ["|", ", ", ";", " / ", "+"])
def test_several_labels_in_one_cell_are_recognised_by_labels_that_come_back(between: str) -> None:
    rows = [[text, label.replace("|", between)] for text, label in zip(TEXTS, COMBINED, strict=False)]
    found = other_kind(TableData(("text", "topics"), rows), ["topics"])
    assert found is not None and found.title == "These texts have several labels each" and found.stops
    assert "6 of 12 labelled rows" in found.found and "4 labels in 9 combinations" in found.found
    unchosen = other_kind(TableData(("text", "topics"), rows), [])
    assert unchosen is not None and not unchosen.stops


def test_lists_of_several_labels_are_several() -> None:
    rows = [[text, str(label.split("|"))] for text, label in zip(TEXTS, COMBINED, strict=False)]
    assert _title(TableData(("text", "topics"), rows), "topics") == "These texts have several labels each"


def test_labels_with_a_comma_or_a_slash_of_their_own_are_single() -> None:
    labels = ["Arts, Culture", "Science/Technology", "Media & Entertainment", "Style, Beauty", "Health/Wellness"]
    rows = [[text, labels[place % 5]] for place, text in enumerate(TEXTS)]
    assert _title(TableData(("text", "label"), rows), "label") == ""


def test_texts_with_commas_are_no_labels() -> None:
    rows = [[f"{text}, and then, as so often, {place}, it rained", "AB"[place % 2]] for place, text in enumerate(TEXTS)]
    assert _title(TableData(("text", "label"), rows), "label") == ""


@pytest.mark.parametrize(
    "table",
    [
        _table("EU;B-ORG", "rejects;O", "German;B-MISC", "call;O"),
        _table("token;tag", "Peter;B-PER", "Blackburn;I-PER", "sleeps;O"),
        _table("word;pos;ner", "Peter;NNP;U-PER", "sleeps;VB;O", "well;RB;O"),
        _table("EU NNP B-NP B-ORG", "rejects VBZ B-VP O", "German JJ B-NP B-MISC", "call NN I-NP O"),
    ],
)
def test_tagged_words_are_recognised_with_and_without_a_header(table: TableData) -> None:
    assert _title(table) == "This is a file of tagged words (CoNLL)"


def test_a_label_called_o_does_not_make_words_tagged() -> None:
    table = _table("text;answer", *(f"{text};{'XO'[place % 2]}" for place, text in enumerate(TEXTS)))
    assert _title(table, "answer") == ""


def test_places_and_pairs_are_recognised_by_their_columns() -> None:
    assert _title(_table("doc;type;start;end", "1;Insult;3;9", "1;Threat;0;4")) == "These are places in texts (spans)"
    assert _title(_table("trip;start;end", "1;Rome;Oslo", "2;Oslo;Rome")) == ""
    answers = ["prompt;chosen;rejected", "ask;this is good;this is bad"]
    assert _title(_table(*answers)) == "These are pairs of answers to choose between"
    both = _table("q;answer_a;answer_b;winner", "ask;this is good;this is bad;a")
    assert _title(both, "winner") == "These are pairs of answers to choose between"
    assert _title(_table("sentence1;sentence2;label", "it rains now;it is wet here;entailment"), "label") == ""


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("goemotions_dev.csv", "These texts have several labels each"),
        ("wnut17_dev.conll", "This is a file of tagged words (CoNLL)"),
        ("toxic_spans_spans.csv", "These are places in texts (spans)"),
        ("pandalm_pairs.jsonl", "These are pairs of answers to choose between"),
        ("banking77_train.csv", ""),
        ("huffpost8_train.csv", ""),
    ],
)
def test_real_files_are_what_they_are(name: str, title: str) -> None:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not here")
    table = read_table(path)
    assert _title(table, *guess_columns(table).labels) == title


def test_the_demo_is_what_it_is() -> None:
    table = read_table(Path(__file__).parents[2] / "core" / "demo" / "headlines.csv")
    assert _title(table, "maria", "jonas") == ""

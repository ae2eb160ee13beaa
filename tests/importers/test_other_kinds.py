"""Which kind of answers a table holds is recognised, and so is what is no table of texts."""

import os
from pathlib import Path

import pytest

from core.importers import kind_of_answers, read_table, recognise
from core.importers.other_kinds import other_kind
from core.model import TableData

DATA = Path(os.environ.get("LABELLOOP_TEST_DATA") or Path(__file__).parents[2].parent / "shared" / "data")
TEXTS = [
    f"the {word} was discussed at length in the {place}" for word in ("bill", "goal", "film") for place in "abcdef"
]


def _table(columns: str, *rows: str) -> TableData:
    return TableData(tuple(columns.split(";")), [row.split(";") for row in rows])


def _title(table: TableData) -> str:
    found = other_kind(table)
    return "" if found is None else found.title


COMBINED = ["A|B", "B", "A", "C|A", "B|C", "C", "A|B|C", "D|A", "D", "A|B", "C", "D"]


@pytest.mark.parametrize("between", ["|", ", ", ";", " / ", "+"])
@pytest.mark.parametrize("column", ["topics", "label"])
def test_several_labels_in_one_cell_are_recognised_by_labels_that_come_back(between: str, column: str) -> None:
    rows = [[text, label.replace("|", between)] for text, label in zip(TEXTS, COMBINED, strict=False)]
    found = recognise(TableData(("text", column), rows))
    assert found.kind == "several_labels" and found.columns.labels == (column,)
    assert "6 of 12 labelled rows" in found.about and "4 labels in 9 combinations" in found.about


FEW = {
    "a few combinations": (("price; taste", "price", "taste; service", "price"), "several_labels"),
    "two with a bar": (("price|taste", "price|service", "taste", "service"), "several_labels"),
    "one combination whose labels stand alone": (("price; taste", "price", "taste", "service"), "several_labels"),
    "one of three": (("price; taste; service", "price", "taste", "service"), "several_labels"),
    "one combination": (("price; taste", "price", "service"), "single_label"),
    "halves of long names": (("Science; nature", "Arts; culture", "Arts; culture", "Science; nature"), "single_label"),
    "a comma needs more": (("price, taste", "price", "taste, service", "price"), "single_label"),
}


@pytest.mark.parametrize(("cells", "kind"), FEW.values(), ids=FEW)
def test_a_few_combinations_are_several_labels_where_a_sign_plainly_parts_them(cells, kind) -> None:
    rows = [(f"a text about number {n}", cells[n % len(cells)]) for n in range(20)]
    found = recognise(TableData(("text", "topics"), rows))
    assert (found.kind, found.columns.labels) == (kind, ("topics",))


def test_what_chosen_columns_look_like_is_told_however_they_are_called() -> None:
    rows = [(f"text {n} here", f"somebody wrote this about {n}", "ab"[n % 2], str(1 + n % 5)) for n in range(20)]
    table = TableData(("text", "notes", "label", "stars"), rows)
    kinds = {name: kind_of_answers(table, ("text",), (name,)) for name in table.columns[1:]}
    assert kinds == {"notes": "text", "label": "single_label", "stars": "rating"}


def test_lists_of_several_labels_are_several() -> None:
    rows = [[text, str(label.split("|"))] for text, label in zip(TEXTS, COMBINED, strict=False)]
    assert recognise(TableData(("text", "topics"), rows)).kind == "several_labels"


def test_labels_with_a_comma_or_a_slash_of_their_own_are_single() -> None:
    labels = ["Arts, Culture", "Science/Technology", "Media & Entertainment", "Style, Beauty", "Health/Wellness"]
    rows = [[text, labels[place % 5]] for place, text in enumerate(TEXTS)]
    assert recognise(TableData(("text", "label"), rows)).kind == "single_label"


def test_texts_with_commas_are_no_labels() -> None:
    rows = [[f"{text}, and then, as so often, {place}, it rained", "AB"[place % 2]] for place, text in enumerate(TEXTS)]
    assert recognise(TableData(("text", "label"), rows)).kind == "single_label"


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
    assert _title(table) == ""


def test_places_are_recognised_by_their_columns() -> None:
    assert _title(_table("doc;type;start;end", "1;Insult;3;9", "1;Threat;0;4")) == "These are places in texts (spans)"
    assert _title(_table("trip;start;end", "1;Rome;Oslo", "2;Oslo;Rome")) == ""


def test_pairs_are_recognised_by_their_columns_and_verdicts() -> None:
    rows = ["ask this;this is good;this is bad;a", "ask that;that is bad;that is good;b", "and this;as is;so is;tie"]
    found = recognise(_table("question;answer_a;answer_b;winner", *rows))
    assert (found.kind, found.candidates) == ("preference", ("answer_a", "answer_b"))
    assert found.columns.text == ("question",) and found.columns.labels == ("winner",)
    plain = recognise(_table("sentence1;sentence2;label", "it rains now;it is wet here;entailment"))
    assert plain.kind == "single_label" and plain.candidates == ()


@pytest.mark.parametrize(
    ("name", "kind", "labels"),
    [
        ("goemotions_dev.csv", "several_labels", ("labels",)),
        ("wnut17_dev.conll", "spans", ("tags",)),
        ("pandalm_pairs.jsonl", "preference", ("annotator1", "annotator2", "annotator3", "gpt35", "pandalm7b")),
        ("banking77_train.csv", "single_label", ("category",)),
        ("huffpost8_train.csv", "single_label", ("category",)),
    ],
)
def test_real_files_are_what_they_are(name: str, kind: str, labels: tuple[str, ...]) -> None:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not here")
    table = read_table(path)
    found = recognise(table)
    assert (found.kind, found.columns.labels, _title(table)) == (kind, labels, "")


def test_real_places_are_no_texts() -> None:
    path = DATA / "toxic_spans_spans.csv"
    if not path.exists():
        pytest.skip("toxic_spans_spans.csv is not here")
    assert _title(read_table(path)) == "These are places in texts (spans)"


def test_the_demo_is_what_it_is() -> None:
    table = read_table(Path(__file__).parents[2] / "core" / "demo" / "headlines.csv")
    found = recognise(table)
    assert found.kind == "single_label" and found.columns.labels[:1] == ("maria",) and _title(table) == ""

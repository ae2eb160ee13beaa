"""What is found before rows are imported."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import WorkbenchError
from core.importers import check_rows, guess_columns, joined_text
from core.model import Problem, TableData
from core.spelling import variants as label_variants


def table(*rows: str, columns: str = "id|text|label", **more: object) -> TableData:
    return TableData(tuple(columns.split("|")), [row.split("|") for row in rows], **more)  # type: ignore[arg-type]


def test_a_clean_table_passes_with_its_labels_counted() -> None:
    check = check_rows(table("1|a|x", "2|b|y", "3|c|x", "4|d|"), ["text"], "label", "id")
    assert check.ok and check.problems == () and check.n_rows == 4
    assert check.label_counts == {"x": 2, "y": 1}
    assert check.label_variants == {} and check.duplicates == () and check.surplus == 0


def test_rows_without_text_block_by_name_unless_they_may_be_skipped() -> None:
    data = table("1|a|x", "2| |y", "3|c|y", "||")
    check = check_rows(data, ["text"], "label")
    assert [(problem.row, problem.column) for problem in check.problems] == [(3, "text")]
    assert check.problems[0].message == 'Row 3 has no text in column "text".'
    skipping = check_rows(data, ["text"], "label", skip_empty=True)
    assert skipping.ok and skipping.skipped == {1, 3} and skipping.n_rows == 2
    assert skipping.label_counts == {"x": 1, "y": 1}


def test_rows_are_numbered_as_their_format_shows_them() -> None:
    assert check_rows(table("1|a|x", "2||y"), ["text"], first_row=1).problems[0].row == 2


def test_a_row_has_text_if_one_of_several_text_columns_has() -> None:
    data = table("head|body", "head|", "|body", columns="title|text")
    assert joined_text(data, ["title", "text"]) == ["head\nbody", "head", "body"]
    assert check_rows(data, ["title", "text"]).ok
    assert not check_rows(data, ["title"]).ok


def test_identical_texts_are_grouped_with_their_first_rows_and_do_not_block() -> None:
    check = check_rows(table("1|a|x", "2|b|y", "3|a|x", "4|a|y", "5|b|y"), ["text"])
    assert check.ok and check.surplus == 3
    assert [(one.text, one.count, one.rows) for one in check.duplicates] == [("a", 3, (2, 4, 5)), ("b", 2, (3, 6))]


def test_repeated_ids_are_named_with_the_row_they_repeat_and_empty_ones_are_not_ids() -> None:
    check = check_rows(table("7|a|", "8|b|", "7 |c|", "|d|", "|e|"), ["text"], None, "id")
    (problem,) = check.problems
    assert problem.message == 'Row 4 has the same id "7" as row 2 in column "id".'


def test_a_text_over_a_million_characters_is_named() -> None:
    check = check_rows(table("1|a|", "2|" + "x" * 1_000_001 + "|", "3|" + "x" * 1_000_000 + "|"), ["text"])
    (problem,) = check.problems
    assert problem.message == "The text of row 3 has 1,000,001 characters; the limit is 1,000,000."


def test_nul_characters_and_half_characters_are_named_in_the_columns_chosen() -> None:
    data = table("1|a\x00|x", "2|b|y\ud800")
    check = check_rows(data, ["text"], "label")
    assert check_rows(data, ["id"]).ok
    assert [(problem.row, problem.column) for problem in check.problems] == [(2, "text"), (3, "label")]
    for problem in check.problems:
        problem.message.encode("utf-8")


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        ([""] * 4, "is empty"),
        ([f"l{n}" for n in range(501)], "has 501 different labels; the limit is 500"),
        (["x", "y" * 201], "The label in row 3"),
        (["x", "y\nz"], "The label in row 3"),
    ],
)
def test_a_column_that_cannot_be_labels_gets_one_sentence(labels: list[str], sentence: str) -> None:
    check = check_rows(table(*(f"{n}|t{n}|{label}" for n, label in enumerate(labels))), ["text"], "label")
    assert len(check.problems) == 1 and sentence in check.problems[0].message and check.problems[0].hint


@pytest.mark.parametrize("labels", [["x"] * 4, ["x", "X ", "x\u200b", " x"], ["1", "1.0", "", "1"]])
def test_a_reference_of_one_label_only_is_hinted_at_and_does_not_block(labels: list[str]) -> None:
    check = check_rows(table(*(f"{n}|t{n}|{label}" for n, label in enumerate(labels))), ["text"], "label")
    assert check.ok
    (hint,) = check.hints
    assert "contains only one label" in hint.message and hint.hint


def test_five_hundred_labels_are_not_too_many() -> None:
    assert check_rows(table(*(f"{n}|t{n}|l{n}" for n in range(500))), ["text"], "label").ok


def test_spaces_and_case_are_proposed_to_merge_into_the_most_frequent_spelling() -> None:
    counts = {"Sports": 5, "Sports ": 2, "SPORTS": 4, "Politics": 1, "politics": 1, "World  News": 3}
    assert label_variants(counts) == {
        "Sports ": "Sports",
        "SPORTS": "Sports",
        "politics": "Politics",
        "World  News": "World News",
    }


def test_a_composed_and_a_decomposed_accent_are_one_label() -> None:
    assert label_variants({"caf\u00e9": 2, "cafe\u0301": 1}) == {"cafe\u0301": "caf\u00e9"}


@given(st.dictionaries(st.text(" aAbB\t", min_size=1).filter(str.strip), st.integers(1, 9), max_size=12))
def test_merging_leaves_no_two_labels_that_differ_only_in_case_or_spaces(counts: dict[str, int]) -> None:
    variants = label_variants(counts)
    merged = {variants.get(spelling, spelling) for spelling in counts}
    assert len({" ".join(name.split()).casefold() for name in merged}) == len(merged)
    assert not set(variants) & set(variants.values())


def test_problems_found_while_reading_still_block() -> None:
    check = check_rows(table("1|a|x", problems=(Problem("Row 9 has 2 cells, the header has 3.", 9),)), ["text"])
    assert not check.ok and check.problems[0].row == 9


@pytest.mark.parametrize(
    ("text", "label", "id_column", "sentence"),
    [
        ([], None, None, "No text column"),
        (["nope"], None, None, 'no column "nope"'),
        (["text"], "text", None, "both as text and as label"),
        (["text"], "label", "label", "both as label and as id"),
    ],
)
def test_a_choice_of_columns_that_cannot_work_is_refused(
    text: list[str], label: str | None, id_column: str | None, sentence: str
) -> None:
    with pytest.raises(WorkbenchError, match=sentence):
        check_rows(table("1|a|x"), text, label, id_column)


def test_more_than_a_hundred_problems_are_counted() -> None:
    check = check_rows(table("0|a|x", *(f"{n}||x" for n in range(130))), ["text"])
    assert len(check.problems) == 101 and check.problems[0].row == 3
    assert check.problems[100].message == "… and 30 more."


def test_a_text_column_without_any_text_is_one_problem_not_one_a_row() -> None:
    check = check_rows(table("1||x", "2||y"), ["text"], skip_empty=True)
    assert [problem.message for problem in check.problems] == ['No row has text in column "text".']


GUESSES = [
    (
        "id|text|category",
        [(str(n), f"Some headline number {n}", ["A", "B"][n % 2]) for n in range(20)],
        (("text",), "category", "id"),
    ),
    (
        "uuid|Author|Comment|n|Sentiment",
        [
            (f"u{n}", ["ann", "bob"][n % 2], f"quite long {n} " * 5, "1", ["pos", "neg", "neu"][n % 3])
            for n in range(20)
        ],
        (("Comment",), "Sentiment", "uuid"),
    ),
    ("a|b", [(f"free text of row {n}", str(n % 2)) for n in range(20)], (("a",), "b", None)),
    ("text", [(f"t{n}",) for n in range(5)], (("text",), None, None)),
    ("itemId|label", [(str(n), ["yes", "no"][n % 2]) for n in range(10)], ((), "label", "itemId")),
    (
        "comment_id|idx|verdict",
        [(f"{n // 2:09d}", str(n), ["ok", "bad"][n % 2]) for n in range(20)],
        ((), "verdict", "idx"),
    ),
    ("text|label", [("one", "x")], (("text",), None, None)),
    ("text|label|lang", [(f"text number {n}", "spam", "en") for n in range(20)], (("text",), "label", None)),
    ("text|n|label", [(f"text no {n}", "ab"[n % 2], "spam") for n in range(20)], (("text",), "label", None)),
]


@pytest.mark.parametrize(("columns", "rows", "expected"), GUESSES, ids=[guess[0] for guess in GUESSES])
def test_columns_are_guessed_from_their_names_and_content(columns: str, rows: list, expected: tuple) -> None:
    guess = guess_columns(TableData(tuple(columns.split("|")), rows))
    assert (guess.text, guess.label, guess.id) == expected


def test_of_equally_frequent_spellings_one_that_does_not_shout_wins():
    assert label_variants({"SPORTS": 2, "Sports": 2, "MONEY": 3, "Money": 2}) == {"SPORTS": "Sports", "Money": "MONEY"}


LONG_GUESSES = [
    (
        "worker_id|item|text|answer",
        [("w1", "1", "a b c", "x"), ("w2", "1", "a b c", "y"), ("w1", "2", "d e", "x"), ("w2", "2", "d e", "y")],
        (("text",), ("answer",), "item", "worker_id"),
    ),
    (
        "id|rater|sentence|verdict",
        [("1", "r1", "a b", "x"), ("1", "r2", "a b", "y"), ("2", "r1", "a b", "x"), ("2", "r2", "a b", "x")],
        (("sentence",), ("verdict",), "id", "rater"),
    ),
    (
        "id|user|tweet|label",
        [(str(n), f"u{n % 3}", f"some tweet number {n}", "AB"[n % 2]) for n in range(20)],
        (("tweet",), ("label",), "id", None),
    ),
    (
        "text|coder_a|coder_b",
        [(f"text number {n}", "01"[n % 2], ["0.0", "1.0"][n % 2]) for n in range(20)],
        (("text",), ("coder_a", "coder_b"), None, None),
    ),
]


@pytest.mark.parametrize(("columns", "rows", "expected"), LONG_GUESSES, ids=[guess[0] for guess in LONG_GUESSES])
def test_who_gave_the_labels_is_guessed_from_names_and_from_texts_that_come_again(
    columns: str, rows: list, expected: tuple
) -> None:
    guess = guess_columns(TableData(tuple(columns.split("|")), rows))
    assert (guess.text, guess.labels, guess.id, guess.annotator) == expected


def test_numbers_and_truth_values_of_a_typed_source_are_asked_about_and_stay_labels() -> None:
    rows = [(str(n), f"text {n}", label) for n, label in enumerate(["1", "1.0", "true", "x", "1"])]
    typed = check_rows(TableData(("id", "text", "label"), rows, has_types=True), ["text"], "label")
    assert {cell: (one.why, one.counts_as) for cell, one in typed.asked.items()} == {
        "1": ("a number, not a text", "1"),
        "1.0": ("a number, not a text", "1"),
        "true": ("true or false, not a text", "true"),
    }
    untyped = check_rows(TableData(("id", "text", "label"), rows), ["text"], "label")
    assert untyped.asked == {} and untyped.label_variants == {"1.0": "1"}

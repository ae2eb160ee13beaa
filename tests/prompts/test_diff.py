from hypothesis import given
from hypothesis import strategies as st

from core.prompts import Change, diff_pieces, diff_words


def test_a_changed_word_is_shown_as_removed_and_added():
    assert diff_words("Sort the text.", "Sort the item.") == [
        Change("same", "Sort the "),
        Change("removed", "text"),
        Change("added", "item"),
        Change("same", "."),
    ]


def test_the_same_text_has_no_changes():
    assert diff_words("Sort.", "Sort.") == [Change("same", "Sort.")]
    assert diff_words("", "") == []


def test_white_space_counts():
    assert diff_words("a b", "a  b") == [
        Change("same", "a"), Change("removed", " "), Change("added", "  "), Change("same", "b"),
    ]  # fmt: skip


@given(st.text(max_size=60), st.text(max_size=60))
def test_both_texts_can_be_put_together_again(older, newer):
    changes = diff_words(older, newer)
    assert "".join(c.text for c in changes if c.kind != "added") == older
    assert "".join(c.text for c in changes if c.kind != "removed") == newer


def test_only_the_changed_line_is_compared_by_word():
    older, newer = "First line.\nSort the text.\nLast line.", "First line.\nSort the item.\nLast line."
    assert diff_words(older, newer) == [
        Change("same", "First line.\nSort the "),
        Change("removed", "text"),
        Change("added", "item"),
        Change("same", ".\nLast line."),
    ]


def test_words_that_moved_to_another_line_are_not_taken_for_the_same():
    changes = diff_words("kept and\nmoved\n", "moved\nkept and\n")
    assert [change.text for change in changes if change.kind == "same"] == ["kept and\n"]


def test_a_long_text_that_changed_altogether_is_told_apart_by_line_only():
    # By word this would take minutes: the square of 60,000.
    older, newer = "old word " * 20_000, "new word " * 20_000
    assert diff_words(older, newer) == [Change("removed", older), Change("added", newer)]


def test_a_long_text_with_one_changed_line_is_still_told_by_word():
    lines = [f"line {i} of the guidelines\n" for i in range(20_000)]
    newer = [*lines[:10_000], lines[10_000].replace("line", "row", 1), *lines[10_001:]]
    changes = [change for change in diff_words("".join(lines), "".join(newer)) if change.kind != "same"]
    assert changes == [Change("removed", "line"), Change("added", "row")]


def test_pieces_are_the_same_or_not():
    assert diff_pieces(["A: one two\n", "B: three\n"], ["A: one four\n", "B: three\n"]) == [
        Change("removed", "A: one two\n"),
        Change("added", "A: one four\n"),
        Change("same", "B: three\n"),
    ]

from hypothesis import given
from hypothesis import strategies as st

from core.prompts import Change, diff_words


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

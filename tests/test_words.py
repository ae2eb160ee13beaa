"""The words of a text: what tells whether two texts are the same."""

import unicodedata

import pytest

from core.words import plain_words, text_key

SAME = {
    "composed and not": ("Café crème", unicodedata.normalize("NFD", "Café crème")),
    "full width": ("ＡＢＣ１２３ order", "ABC123 order"),
    "case": ("HELLO there", "hello There"),
    "spaces and line breaks": (" a  b\n c ", "a b c"),
    "punctuation": ("Where is my card?", "where is my card"),
    "quotes": ("“so” he said", '"so" he said'),
    "what shows nothing": ("pay\u200bment \ufeffdue", "payment due"),
    "thai, decomposed am": ("น้ำ", "น\u0e49\u0e4d\u0e32"),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_texts_that_read_the_same_have_one_key(one, other):
    assert text_key(one) == text_key(other)


OTHER = {
    "a word": ("where is my card", "where is my cash"),
    "order": ("a b", "b a"),
    "thai vowel": ("กา", "กี"),
    "devanagari mark": ("कि", "की"),
    "signs alone": ("🙂", "🙁"),
    "nothing and something": ("", "?"),
    "what is joined": ("ab c", "a bc"),
}


@pytest.mark.parametrize(("one", "other"), OTHER.values(), ids=OTHER)
def test_texts_that_do_not_read_the_same_have_two(one, other):
    assert text_key(one) != text_key(other)


def test_a_key_stays_the_same_for_ever_since_it_is_stored():
    assert text_key("Where is my card?") == 4097359860600774221
    assert plain_words("Größe: 3,5 m²") == "grösse 3 5 m2"

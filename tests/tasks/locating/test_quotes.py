"""Quotes of a model, and what becomes of each: exact, folded, fuzzy, ambiguous, absent."""

import pytest

from core.tasks.locating import Found, Quote, locate_quotes

TEXT = "The cat saw the other cat. Then THE  Café\r\nCAT “slept” — for 2 m² 😀."


def one(quote, occurrence=None, text=TEXT):
    (located,) = locate_quotes(text, [Quote("thing", quote, occurrence)])
    return located


def words(located, text=TEXT):
    return text[slice(*located.place)] if located.place else None


@pytest.mark.parametrize(
    ("quote", "occurrence", "place"),
    [
        ("other cat", None, (16, 25)),
        ("cat", 1, (4, 7)),
        ("cat", 2, (22, 25)),
        ("😀", None, (TEXT.index("😀"), TEXT.index("😀") + 1)),
        (" saw ", None, (7, 12)),
        ("The cat saw the other cat.", 1, (0, 26)),
    ],
)
def test_a_quote_that_stands_there_is_exact(quote, occurrence, place):
    located = one(quote, occurrence)
    assert (located.found, located.place) == (Found.EXACT, place)


FOLDED = {
    "case": ("OTHER CAT", "other cat"),
    "white space": ("THE Café CAT", "THE  Café\r\nCAT"),
    "decomposed": ("Cafe\u0301", "Café"),
    "quotation marks": ('"slept"', "“slept”"),
    "a dash": ('slept" - for', "slept” — for"),
    "compatibility": ("2 m2", "2 m²"),
    "what shows nothing": ("oth\u00ader\u200b cat", "other cat"),
    "blanks around": ("  other cat\n", "other cat"),
}


@pytest.mark.parametrize(("quote", "place"), FOLDED.values(), ids=FOLDED)
def test_a_quote_in_another_spelling_is_folded(quote, place):
    located = one(quote)
    assert (located.found, words(located)) == (Found.FOLDED, place)


def test_letters_that_grow_when_folded_shift_nothing_behind_them():
    text = "İİİ ﬁre in STRASSE ẞ here"
    assert words(one("strasse ss HERE", text=text), text) == "STRASSE ẞ here"
    assert words(one("fire", text=text), text) == "ﬁre"


FUZZY = {
    "a letter too few": ("The cat saw the othr cat", "The cat saw the other cat"),
    "a letter too many": ("saw thee other", "saw the other"),
    "another letter": ("the othar cat", "the other cat"),
    "a word left out": ("The cat saw other cat. Then", "The cat saw the other cat. Then"),
}


@pytest.mark.parametrize(("quote", "place"), FUZZY.values(), ids=FUZZY)
def test_a_quote_with_a_slip_is_fuzzy(quote, place):
    located = one(quote)
    assert (located.found, words(located)) == (Found.FUZZY, place)


@pytest.mark.parametrize(
    "quote", ["dog", "a wholly different sentence", "cta", "", "\t", "\u200b", "the cat saw nobody at all"]
)
def test_a_quote_that_is_not_there_is_absent_with_its_reason(quote):
    located = one(quote)
    assert (located.found, located.place, located.quote) == (Found.ABSENT, None, quote)
    assert located.reason


def test_a_quote_at_several_places_is_ambiguous_with_all_of_them():
    located = one("cat")
    assert (located.found, located.candidates) == (Found.AMBIGUOUS, ((4, 7), (22, 25)))
    assert located.reason == "the text has it 2 times, and nothing says which is meant"


def test_an_occurrence_that_is_not_there_is_ambiguous():
    located = one("cat", 3)
    assert (located.found, len(located.candidates)) == (Found.AMBIGUOUS, 2)
    assert located.reason == "the text has it 2 times, not 3"
    assert one("other", 2).reason == "the text has it 1 time, not 2"


@pytest.mark.parametrize("occurrence", [0, -1])
def test_an_occurrence_that_counts_nothing_is_none(occurrence):
    assert one("other", occurrence).found is Found.EXACT
    assert one("cat", occurrence).found is Found.AMBIGUOUS


def test_whole_words_count_before_parts_of_words():
    text = "then he said the word"
    assert one("he", text=text).place == (5, 7)
    assert one("he", 1, text).place == (5, 7)
    assert one("he", 2, text).place == (1, 3)
    assert one("aid", text=text).place == (9, 12)


def located_in_order(text, *quotes):
    return [own.place for own in locate_quotes(text, [Quote("x", quote) for quote in quotes])]


def test_the_order_of_the_quotes_tells_which_is_meant():
    text = "Ada met Bob. Ada met Cyd. Bob met Ada."
    assert located_in_order(text, "Bob", "Ada", "Cyd") == [(8, 11), (13, 16), (21, 24)]
    # as many as there are
    assert located_in_order(text, "Ada", "Ada", "Ada") == [(0, 3), (13, 16), (34, 37)]
    # Ada may be the second or, for all that is said, the first
    assert located_in_order(text, "Ada", "Cyd") == [None, (21, 24)]


def test_quotes_that_follow_no_order_tell_nothing():
    text = "Ada met Bob. Then Cyd met Ada."
    assert located_in_order(text, "Cyd", "Ada", "Bob") == [(18, 21), None, (8, 11)]


def test_marks_within_marks_keep_their_order():
    text = "Paris. University of Paris in Paris"
    assert located_in_order(text, "University of Paris", "Paris", "in Paris") == [(7, 26), (21, 26), (27, 35)]


def test_one_answer_keeps_its_order_and_drops_nothing():
    quotes = [Quote("x", "cat", 2), Quote("y", "dog"), Quote("z", "CAFÉ"), Quote("x", "cat")]
    located = locate_quotes(TEXT, quotes)
    assert [(own.label, own.quote) for own in located] == [(quote.label, quote.text) for quote in quotes]
    assert [own.found for own in located] == [Found.EXACT, Found.ABSENT, Found.FOLDED, Found.AMBIGUOUS]


def test_of_very_many_places_the_first_hundred_are_recorded():
    (own,) = locate_quotes("ab " * 5_000, [Quote("x", "ab")])
    assert (own.found, len(own.candidates), own.candidates[:2]) == (Found.AMBIGUOUS, 100, ((0, 2), (3, 5)))
    assert own.reason == "the text has it 5,000 times, and nothing says which is meant"


def test_a_quote_that_repeats_itself_all_through_a_text_is_told_from_one_that_is_not_there():
    text = "a" * 20_000
    found = locate_quotes(text, [Quote("x", "a" * 9_000), Quote("x", "b" * 6), Quote("x", "a" * 90_000)])
    assert [own.found for own in found] == [Found.AMBIGUOUS, Found.ABSENT, Found.ABSENT]

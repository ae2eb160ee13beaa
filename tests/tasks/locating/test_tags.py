"""Tags in a copy of the text: true, changed, crossing, halved."""

import pytest

from core.tasks.locating import Found, locate_tags, tagged

LABELS = ("person", "place")
TEXT = "Ada Lovelace met Charles Babbage in London. Ada went home to London."


def located(answer, text=TEXT):
    return locate_tags(text, answer, LABELS)


def shown(answer, text=TEXT):
    return [
        (own.label, own.found.value, text[slice(*own.place)] if own.place else None) for own in located(answer, text)
    ]


def test_a_text_is_written_with_its_spans_between_tags():
    spans = [(0, 12, "person"), (36, 42, "place")]
    assert tagged(TEXT, spans, LABELS).startswith(
        "<person>Ada Lovelace</person> met Charles Babbage in <place>London</place>."
    )
    assert tagged("", [], LABELS) == ""


def test_a_true_copy_gives_the_very_places():
    answer = TEXT.replace("Charles Babbage", "<person>Charles Babbage</person>").replace("home", "<place>home</place>")
    assert [own.place for own in located(answer)] == [(17, 32), (53, 57)]


@pytest.mark.parametrize("tag", ["Person", "PERSON", "person ", "per\u00adson"])
def test_a_tag_may_be_spelled_as_a_label_may(tag):
    assert shown(f"<{tag}>Ada</{tag}>{TEXT[3:]}") == [("person", "exact", "Ada")]


def test_crossing_and_nested_tags_are_read_as_they_stand():
    answer = (
        "<person>Ada <place>Lovelace</person> met</place> <place><place>Charles</place> Babbage</place>" + TEXT[32:]
    )
    assert shown(answer) == [
        ("person", "exact", "Ada Lovelace"),
        ("place", "exact", "Lovelace met"),
        ("place", "exact", "Charles Babbage"),
        ("place", "exact", "Charles"),
    ]


def test_half_a_tag_is_absent_with_what_stands_there():
    opened, closed = located(f"<person>{TEXT[:44]}</place>{TEXT[44:]}")
    assert (opened.label, opened.found, opened.reason) == ("person", Found.ABSENT, "the tag is never closed")
    assert opened.quote.startswith("Ada Lovelace")
    assert (closed.label, closed.found, closed.reason) == ("place", Found.ABSENT, "the tag was never opened")
    assert closed.quote.endswith("in London. ")


def test_a_tag_around_nothing_is_absent():
    (own,) = located(f"<place></place>{TEXT}")
    assert (own.found, own.reason) == (Found.ABSENT, "there is nothing between its tags")


def test_a_tag_of_no_label_is_recorded_as_it_is_called():
    assert shown(f"<animal>Ada</animal>{TEXT[3:]}") == [("animal", "exact", "Ada")]


def test_what_only_looks_like_a_tag_is_text():
    text = "if a <b> c </b> and <person> is x < y"
    assert shown(text, text) == []
    assert shown("if <place>a</place> <b> c </b> and <person> is x < y", text) == [("place", "exact", "a")]


CHANGED = {
    "words before": ("Here is the text:\n\n{}", "exact"),
    "a fence": ("```\n{}\n```", "exact"),
    "other blanks": ("  {}\n", "exact"),
}


@pytest.mark.parametrize(("around", "state"), CHANGED.values(), ids=CHANGED)
def test_what_stands_around_the_copy_does_not_matter(around, state):
    answer = around.format(TEXT.replace("in London", "in <place>London</place>"))
    (own,) = located(answer)
    assert (own.found.value, own.place) == (state, (36, 42))


def test_of_two_alike_the_one_at_the_same_place_of_the_copy_is_meant():
    answer = "Ada Lovelace met someone in London. Ada went back to <place>London</place>."
    (own,) = located(answer)
    assert (own.found, own.place) == (Found.EXACT, (61, 67))


def test_a_copy_that_breaks_off_marks_what_it_got_to():
    assert [own.place for own in located("<person>Ada</person> Lovelace met Charles Bab")] == [(0, 3)]
    answer = "Ada Lovelace met Charles Babbage in <place>London</place>. <person>Ada</person> we"
    assert [own.place for own in located(answer)] == [(36, 42), (44, 47)]


def test_a_changed_word_within_a_mark_is_folded_fuzzy_or_absent():
    assert shown("<person>ADA  lovelace</person> met Charles Babbage") == [("person", "folded", "Ada Lovelace")]
    assert shown("Ada Lovelace met <person>Charlse Babbage</person> in London") == [
        ("person", "fuzzy", "Charles Babbage")
    ]
    assert shown("Ada Lovelace met <person>the inventor of it</person> in London") == [("person", "absent", None)]


def test_a_mark_whose_surroundings_are_gone_is_looked_up_as_a_quote():
    assert shown("<person>Charles Babbage</person>") == [("person", "exact", "Charles Babbage")]
    (own,) = located("I found <place>London</place>")
    assert (own.found, own.candidates) == (Found.AMBIGUOUS, ((36, 42), (61, 67)))


def test_a_copy_in_another_unicode_form_is_folded_back():
    text = "Zoe\u0308 and Ren\u00e9 \u2014 \u201cfriends\u201d"
    answer = '<person>Zo\u00eb</person> and <person>Rene\u0301</person> - "<place>friends</place>"'
    assert shown(answer, text) == [
        ("person", "folded", "Zoe\u0308"),
        ("person", "folded", "René"),
        ("place", "exact", "friends"),
    ]


@pytest.mark.parametrize(
    "answer", ["", TEXT, "none", "<", "<person", "</person", "<person>", "<>" * 9, "<person>" * 500]
)
def test_an_answer_without_marks_or_with_broken_ones_has_no_places(answer):
    assert all(own.place is None and own.reason for own in located(answer))


def test_tags_that_are_nested_without_end_are_located_in_a_measure_and_none_is_dropped():
    found = located("<person>" * 300 + TEXT + "</person>" * 300)
    assert len(found) == 300
    assert [own.found for own in found[:2]] == [Found.EXACT, Found.EXACT]
    assert found[-1].reason == "the answer marks the same text again and again"

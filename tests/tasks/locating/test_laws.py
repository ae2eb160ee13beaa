"""What is written for a model and copied truly comes back to the same offsets, whatever the text."""

import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from core.tasks.locating import Found, Quote, locate_quotes, locate_tags, quoted, tagged
from core.tasks.locating.folding import folded

LABELS = ("person", "place of work", "C#", "a<b>/c", "R&D")
PIECES = (
    *("a", "b ", " ", "the", "he ", "Ada", ".", "\n", "\r\n", "\t", "\u00a0", "\u2028", "\u200b", "\u200d", "\ufe0f"),
    *("e", "\u0301", "é", "İ", "ß", "ﬁ", "ΐ", "각", "\u1100\u1161\u11a8", "น้ำ", "\u0301\u0327"),
    *("😀", "👩‍👩‍👧", "🏳️‍🌈", "👍🏽", "𝒳", "שלום", "مرحبا", "\u202e", "x\u202cy"),
    *("<", "</", ">", "/", "&", "amp;", "lt;", "#2", "person", "<person>", "</person>", "<person#1>", "&lt;person>"),
    *("<PERSON>", "&amp;lt;/person>", "<b>", "</b>", "R&D", "<R&D>", "“", '"', "—", "-", "…", "..."),
)
TEXTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=25).map("".join)


@st.composite
def texts_with_spans(draw, texts=TEXTS):
    text = draw(texts)
    edges = st.tuples(st.integers(0, len(text) - 1), st.integers(1, len(text)))
    spans = draw(st.lists(st.tuples(edges, st.sampled_from(LABELS)), max_size=6))
    found = {(start, end, label) for (start, end), label in spans if start < end}
    return text, sorted(found)


@given(texts_with_spans())
@example(("<person>", [(0, 8, "person")]))
@example(("abcdefgh", [(0, 5, "person"), (2, 4, "person"), (3, 8, "person")]))
def test_tags_that_are_written_and_read_mark_the_same(case):
    text, spans = case
    located = locate_tags(text, tagged(text, spans, LABELS), LABELS)
    assert all(own.found is Found.EXACT for own in located)
    assert sorted((*own.place, own.label) for own in located) == spans
    assert all(text[slice(*own.place)] == own.quote for own in located)


@given(texts_with_spans())
@example(("the he", [(1, 3, "person"), (4, 6, "person")]))
def test_quotes_that_are_written_and_located_mark_the_same(case):
    text, spans = case
    located = locate_quotes(text, quoted(text, spans))
    assert all(own.found is Found.EXACT for own in located)
    assert [(*own.place, own.label) for own in located] == spans


@given(texts_with_spans(), st.sampled_from(("NFC", "NFD", "NFKC")))
def test_a_copy_in_another_form_still_marks_the_same_words(case, form):
    """A span that begins or ends within a sign of several characters is widened to all of it."""
    text, spans = case
    whole = folded(text)
    copy = unicodedata.normalize(form, tagged(text, spans, LABELS))
    for own in locate_tags(text, copy, LABELS):
        assert own.found is not Found.EXACT or text[slice(*own.place)] == own.quote
        if own.found is Found.FOLDED:
            assert folded(own.quote).text.strip() in folded(text[slice(*own.place)]).text
    assert folded(unicodedata.normalize(form, text)).text.rstrip() == whole.text.rstrip()


@given(TEXTS, TEXTS, st.lists(st.tuples(TEXTS, st.none() | st.integers(-1, 4)), max_size=5))
def test_nothing_is_dropped_and_no_place_lies_outside(text, answer, quotes):
    asked = [Quote("person", quote, number) for quote, number in quotes]
    found = locate_quotes(text, asked)
    assert [own.quote for own in found] == [quote.text for quote in asked]
    for own in [*found, *locate_tags(text, answer, LABELS)]:
        assert (own.place is not None) == own.found.has_place == (own.reason == "")
        for start, end in (*own.candidates, *filter(None, [own.place])):
            assert 0 <= start < end <= len(text)
        assert bool(own.candidates) == (own.found is Found.AMBIGUOUS)


@given(TEXTS)
def test_each_folded_sign_knows_the_characters_it_came_from(text):
    own = folded(text)
    assert len(own.text) == len(own.starts) == len(own.ends)
    assert all(start < end <= len(text) for start, end in zip(own.starts, own.ends, strict=True))
    assert list(own.starts) == sorted(own.starts) and list(own.ends) == sorted(own.ends)
    assert folded(own.text).text.rstrip() == folded(folded(own.text).text).text.rstrip()

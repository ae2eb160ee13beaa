"""Tags and quotes: what this host writes is what the workbench reads, and back, whatever stands in the text."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.embedded.heads.bio import Marked, decoded, marks_of, tags_of
from core.embedded.marked_text import TagNames, escaped, occurrence_of, place_of, tag_name, untagged
from core.embedded.words import word_places
from core.tasks.locating.quotes import quoted
from core.tasks.locating.tags import tagged

LABELS = ["PER", "a/b", "x#1", "creative work"]
PARTS = [
    "Ann",
    " ",
    "e\u0301",
    "👩‍👩‍👧",
    "<PER>",
    "&lt;PER>",
    "</a∕b>",
    "<b>",
    "\r\n",
    "שלום",
    "ann",
    "漢字",
    "&amp;lt;x>",
]
TEXTS = st.lists(st.sampled_from(PARTS)).map("".join)


@st.composite
def marked(draw):
    text = draw(TEXTS)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6, unique=True)))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    return text, [Marked(start, end, draw(st.sampled_from(LABELS))) for start, end in pairs]


@given(marked())
def test_tags_that_the_workbench_writes_are_read_back_to_the_very_places(case):
    text, marks = case
    assert untagged(tagged(text, marks, LABELS), LABELS) == (text, marks)


@given(marked())
def test_tags_are_written_as_the_workbench_writes_them(case):
    text, marks = case
    names = TagNames(LABELS)
    parts, position = [], 0
    for start, end, label in marks:
        name = tag_name(label)
        parts += [escaped(text[position:start], names), f"<{name}>", escaped(text[start:end], names), f"</{name}>"]
        position = end
    assert "".join([*parts, escaped(text[position:], names)]) == tagged(text, marks, LABELS)


@given(marked())
def test_quotes_are_counted_as_the_workbench_counts_them(case):
    text, marks = case
    for mark, quote in zip(marks, quoted(text, marks), strict=True):
        assert occurrence_of(mark.start, mark.end, text) == quote.occurrence
        assert place_of(quote.text, quote.occurrence, text) == (mark.start, mark.end)


def test_half_a_tag_and_a_quote_that_is_not_there_are_told():
    for answer, why in (("<PER>Ann", "<per> is never closed"), ("Ann</PER>", "</PER> was never opened")):
        with pytest.raises(ValueError, match=why):
            untagged(answer, LABELS)
    for quote, number, why in (("Bob", 1, "not in the text"), ("Ann", 2, "only once"), ("a", 3, "only 2 times")):
        with pytest.raises(ValueError, match=why):
            place_of(quote, number, "Ann a la")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Ann's e\u0301te\u0301, 3.5€", ["Ann", "'", "s", "e\u0301te\u0301", ",", "3", ".", "5", "€"]),
        ("漢字 #tag_1", ["漢", "字", "#", "tag_1"]),
        ("👩‍👧 ok", ["👩", "\u200d", "👧", "ok"]),
        (" \r\n", []),
    ],
)
def test_words_have_the_places_of_code_points(text, words):
    assert [text[start:end] for start, end in word_places(text)] == words


def test_tags_say_marks_and_of_marks_that_share_words_the_longest_is_kept():
    text = "Ann Lee met Bob"
    places = word_places(text)
    marks = [Marked(0, 3, "PER"), Marked(0, 7, "PER"), Marked(13, 15, "ORG")]
    tags = tags_of(places, marks, ["ORG", "PER"])
    assert tags.tolist() == [3, 4, 0, 1]
    # A mark that begins within a word has the whole word.
    assert [mark for mark, _ in marks_of(places, tags, ["ORG", "PER"])] == [Marked(0, 7, "PER"), Marked(12, 15, "ORG")]


def test_decoding_finds_the_best_tags_that_fit_together():
    generator = np.random.default_rng(0)
    fits = [[b % 2 == 1 or b == 0 or a in (b, b - 1) for b in range(5)] for a in range(5)]
    for _ in range(30):
        logits = generator.normal(size=(4, 5))
        best, path = -np.inf, None
        for candidate in np.ndindex(5, 5, 5, 5):
            pairs = zip((0, *candidate), candidate, strict=False)
            score = logits[np.arange(4), candidate].sum()
            if score > best and all(fits[a][b] for a, b in pairs):
                best, path = score, candidate
        assert tuple(decoded(logits)) == path

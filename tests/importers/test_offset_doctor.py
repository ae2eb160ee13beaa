"""In which unit a file counts its offsets, found out by the spans' own text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.importers.offset_doctor import AS_WRITTEN, READINGS, Quoted, Reading, diagnose

TEXT = "  😀 Émile rang\r\nParis at 9,\r\nthen 🏳️‍🌈 Oslo"
WORDS = ("Émile", "Paris", "Oslo", "🏳️‍🌈")


def spans_of(text, count):
    """Each word as a file has it whose offsets `count` makes of the text before it."""
    return [
        Quoted(row, text, *count(text[: text.index(word)], word), word)
        for row, word in enumerate(WORDS, start=1)
        if word in text
    ]


def utf16(text):
    return len(text.encode("utf-16-le")) // 2


FILES = {
    "code points": (lambda before, word: (len(before), len(before + word)), ""),
    "UTF-16": (
        lambda before, word: (utf16(before), utf16(before + word)),
        "Offsets were UTF-16 units: 4 of 4 spans now fit.",
    ),
    "bytes": (
        lambda before, word: (len(before.encode()), len((before + word).encode())),
        "Offsets were UTF-8 bytes: 4 of 4 spans now fit.",
    ),
    "the last character": (
        lambda before, word: (len(before), len(before + word) - 1),
        "Offsets were characters with the last character as the end: 4 of 4 spans now fit.",
    ),
    "UTF-16 and the last": (
        lambda before, word: (utf16(before), utf16(before + word) - 1),
        "Offsets were UTF-16 units with the last character as the end: 4 of 4 spans now fit.",
    ),
    "leading spaces lost": (
        lambda before, word: (len(before) - 2, len(before + word) - 2),
        "Offsets were characters of the text without its leading spaces: 4 of 4 spans now fit.",
    ),
    "one for a line break of two": (
        lambda before, word: tuple(len(part.replace("\r\n", "\n")) for part in (before, before + word)),
        "Offsets were characters with a line break of two characters counted as one: 4 of 4 spans now fit.",
    ),
    "UTF-16 and one for a line break": (
        lambda before, word: tuple(utf16(part.replace("\r\n", "\n")) for part in (before, before + word)),
        "Offsets were UTF-16 units with a line break of two characters counted as one: 4 of 4 spans now fit.",
    ),
}


@pytest.mark.parametrize(("count", "sentence"), FILES.values(), ids=FILES)
def test_the_way_a_file_counts_is_found_and_said(count, sentence):
    found = diagnose(spans_of(TEXT, count))
    assert [TEXT[start:end] for start, end in found.places] == list(WORDS)
    assert (found.sentence, found.problems) == (sentence, ())
    assert (found.reading == AS_WRITTEN) == (sentence == "")


def test_two_for_a_line_break_of_one():
    text = "a\nb\nOslo"
    found = diagnose([Quoted(1, text, 6, 10, "Oslo")])
    assert found.places == ((4, 8),)
    assert "with a line break of one character counted as two" in found.sentence


def test_a_file_that_fits_is_left_alone_though_other_readings_fit_as_well():
    assert diagnose(spans_of("Paris, Oslo", FILES["code points"][0])).reading == AS_WRITTEN
    assert diagnose([]).places == ()


def test_a_quote_whose_blanks_were_squeezed_fits():
    assert diagnose([Quoted(1, "in New  York now", 3, 12, "New York")]).problems == ()


def test_a_few_misfits_are_problems_by_row_and_are_not_moved():
    fine = [Quoted(row, "😀 Paris", 3, 8, "Paris") for row in range(1, 40)]
    found = diagnose([*fine, Quoted(77, "😀 Paris", 0, 4, "Rome"), Quoted(78, "short", 2, 99, "x")])
    assert found.reading == Reading("UTF-16 units")
    assert found.places == ((2, 7),) * 39 + (None, None)
    assert [(problem.row, problem.message) for problem in found.problems] == [
        (77, 'The span from 0 to 4 is "😀 Pa" in the text, not "Rome".'),
        (78, "The span from 2 to 99 does not lie in its text, which has 5 characters."),
    ]
    assert found.sentence == "Offsets were UTF-16 units: 39 of 41 spans now fit."


def test_where_most_fit_nothing_nothing_is_moved():
    right = Quoted(1, "😀 Paris", 2, 7, "Paris")
    found = diagnose([right, *(Quoted(row, "😀 Paris", 3, 8, "Rome") for row in range(2, 9))])
    assert found.reading == AS_WRITTEN
    assert found.places == ((2, 7), *(None,) * 7)
    assert len(found.problems) == 7


def test_spans_without_a_quote_go_the_way_of_the_others():
    quoted = [Quoted(1, "😀 Paris", 3, 8, "Paris")]
    assert diagnose([*quoted, Quoted(2, "🙂🙂 Oslo", 5, 9, None)]).places == ((2, 7), (3, 7))
    assert diagnose([Quoted(2, "Oslo", 0, 9, None)]).places == (None,)


@pytest.mark.parametrize("reading", [Reading("UTF-16 units"), Reading("UTF-8 bytes")])
def test_an_offset_within_a_character_is_none(reading):
    assert reading.place("😀!", 1, 3) is None
    assert reading.place("😀!", -1, 2) is None


@given(st.text("a é😀\r\n\u0301ש", min_size=1, max_size=12), st.data())
def test_the_right_reading_finds_every_span_of_any_text(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    for reading in READINGS:
        if reading.view or reading.is_inclusive:
            continue
        size = {"characters": len, "UTF-16 units": utf16, "UTF-8 bytes": lambda part: len(part.encode())}[reading.unit]
        assert reading.place(text, size(text[:start]), size(text[:end])) == (start, end)

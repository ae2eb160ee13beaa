"""The boundary for text and numbers from outside: what comes out of it can be stored, sent and shown."""

import sqlite3
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import WorkbenchError
from core.model import TableData
from core.text import admit, clean, read_json

ANY_TEXT = st.text(st.characters(codec=None, categories=None))


@pytest.mark.parametrize("text", ["plain", "Überschrift", "日本語", "🙂", "\x01"])
def test_rows_that_need_nothing_are_not_walked_cell_by_cell(text, monkeypatch):
    looked_at = []
    monkeypatch.setattr("core.text.clean", lambda one: looked_at.append(one) or clean(one))
    table = TableData(("a", "b"), [(text, f"{text} {n}") for n in range(1_000)])
    assert admit(table) is table and len(looked_at) < 10


def test_one_bad_cell_among_accents_is_cleaned_and_all_others_kept():
    table = admit(TableData(("a", "b"), [("é", "ö"), ("\ud83d", "ü"), ("ß", "a\0")]))
    assert table.rows == [("é", "ö"), ("\ufffd", "ü"), ("ß", "a\ufffd")]


@given(ANY_TEXT)
def test_clean_text_comes_back_from_the_database_as_it_went_in(text):
    connection = sqlite3.connect(":memory:")
    assert connection.execute("SELECT ?", (clean(text),)).fetchone() == (clean(text),)
    assert connection.execute("SELECT length(?)", (clean(text),)).fetchone() == (len(clean(text)),)


@given(st.text().filter(lambda text: "\0" not in text))
def test_text_that_needs_nothing_is_the_very_text(text):
    assert clean(text) is text


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("a\ud83d", "a\ufffd"),
        ("\ude00a", "\ufffda"),
        ("\ud83d\ude00", "😀"),
        ("\ud83d \ude00", "\ufffd \ufffd"),
        ("\ud83d\ud83d\ude00", "\ufffd😀"),
        ("a\0b", "a\ufffdb"),
        ("é\0\udcff", "é\ufffd\ufffd"),
    ],
)
def test_halves_of_a_character_are_joined_or_seen_and_never_dropped(text, right):
    assert clean(text) == right


@dataclass(frozen=True)
class Form:
    name: str
    parts: tuple[object, ...] = ()
    more: dict[str, object] = field(default_factory=dict)


def test_text_is_cleaned_however_deep_it_lies():
    form = Form("\ud83d", ({"a\0": ["\udc00", 1, None]},), {"k": Form("x\0", ("plain",))})
    assert admit(form) == Form("\ufffd", ({"a\ufffd": ["\ufffd", 1, None]},), {"k": Form("x\ufffd", ("plain",))})


def test_what_needs_nothing_is_the_very_object():
    form = Form("plain", ({"a": ["é", 1, True, 0.5, b"\xff"]},))
    assert admit(form) is form
    table = TableData(("a",), [["plain"], ["é"]])
    assert admit(table) is table


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**400])
@pytest.mark.parametrize("around", [lambda n: n, lambda n: [1, n], lambda n: Form("x", (n,)), lambda n: {"a": n}])
def test_a_number_that_the_database_cannot_hold_is_refused_in_a_sentence(number, around):
    with pytest.raises(WorkbenchError, match="too large"):
        admit(around(number))


def test_what_is_nested_without_end_is_refused_in_a_sentence():
    endless = []
    for _ in range(100_000):
        endless = [endless]
    with pytest.raises(WorkbenchError, match="nested too deeply"):
        admit(endless)
    with pytest.raises(ValueError, match="nested too deeply"):
        read_json("[" * 100_000)
    with pytest.raises(ValueError, match="nested too deeply"):
        read_json("[" * 200 + "]" * 200)


def test_json_gives_clean_text_and_numbers_that_can_be_kept():
    assert read_json('{"\\ud83d": ["\\u0000", 12345678901234567890]}') == {"\ufffd": ["\ufffd", 12345678901234567890.0]}
    assert read_json("1" + "0" * 5000) == float("inf")
    for broken in (b"\xff\xfe\xff", "{", b"\x80", "[1,]"):
        with pytest.raises(ValueError, match=r"."):
            read_json(broken)

"""Text from data shown through Markdown: letter for letter, and no link where the data holds an address."""

import re

import pytest

from pages._ui.words.figures import unbroken
from pages._ui.words.text import breakable, plain

# What Streamlit makes links of, in the text between two elements.
_LINKS = re.compile(r"(?i)https?://|www\.|[\w.+-]@[-\w]")
ADDRESSES = (
    "http://evil.example/x",
    "HTTPS://evil.example",
    "www.evil.example",
    "bob@evil.example",
    "mailto:bob@evil.example",
    "http://www.evil.example/~a_b",
    "see http://a.example and https://b.example",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_piece_of_an_address_would_become_a_link(address: str) -> None:
    pieces = [piece.replace("\\", "") for piece in plain(address).split(":small[]")]
    assert "".join(pieces) == address, "nothing but empty elements is put in between"
    assert not [piece for piece in pieces if _LINKS.search(piece)]


def test_other_text_is_only_escaped() -> None:
    assert plain("a@ b, wwwx, http: *x*") == r"a@ b, wwwx, http\: \*x\*"


def test_an_address_is_cut_before_it_is_taken_apart() -> None:
    assert plain("http://evil.example", 8).replace("\\", "") == "http:small[]://…"


def test_a_name_may_be_broken_after_a_mark_that_joins_words_and_nowhere_else() -> None:
    pieces = breakable("card_not-working/http://evil.example a_ b").split(":small[]")
    assert [piece.replace("\\", "") for piece in pieces if piece] == [
        "card_", "not-", "working/", "http", "://", "evil.", "example a_ b",
    ]  # fmt: skip


def test_a_number_stays_on_one_line_with_what_it_is_the_value_of() -> None:
    said = "67 % of them, p < .0001; n = 341"
    assert unbroken(said) == said.replace(" %", "\u00a0%").replace(" < ", "\u00a0<\u00a0").replace(
        " = ", "\u00a0=\u00a0"
    )
    assert unbroken(plain(said)).replace("\\", "") == unbroken(said)

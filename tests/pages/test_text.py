"""Text from data shown through Markdown: letter for letter, and no link where the data holds an address."""

import re

import pytest

from pages._ui.words.text import plain

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

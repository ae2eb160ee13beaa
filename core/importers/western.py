"""Whether bytes that are no UTF-8 are Western text at all: read as Latin-1 every byte is some letter, so that Chinese
or Russian would become other text without a word."""

import re

_BEYOND = re.compile(rb"[\x80-\xff]+")
_FEWEST, _MANY = 8, 3
_SIGN_IN_WORD = re.compile(rb"[A-Za-z][\xa5\xb1\xb3\xb6\xb9\xbc\xbe\xbf][a-z]")
"""A number or a sign between two letters: a letter of Central Europe in its own encoding."""


def looks_western(sample: bytes) -> bool:
    """In Western text what is beyond ASCII stands alone or beside a quote; other writing is whole words of it."""
    runs = [len(found) for found in _BEYOND.findall(sample)]
    if sum(runs) < _FEWEST:
        return True
    in_words = sum(length for length in runs if length >= _MANY)
    return 2 * in_words < sum(runs) and 4 * len(_SIGN_IN_WORD.findall(sample)) < len(runs)

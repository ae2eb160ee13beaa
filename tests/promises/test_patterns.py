"""No regular expression of the product goes back and forth over a text that somebody chose to be bad for it."""

import re

import pytest

from tests.promises import hostile

PATTERNS = hostile.patterns()


@pytest.mark.parametrize("where", PATTERNS)
def test_a_pattern_reads_any_text_in_one_pass(where):
    for text in hostile.texts(where, PATTERNS[where]):
        try:
            hostile.read_through(where, PATTERNS[where], text)
        except hostile.TooLong:
            pytest.fail(f"{where} takes too long over {text[:40]!r} and so on")


def test_the_walk_finds_the_patterns_of_the_product():
    assert len(PATTERNS) > 100
    assert any(where.startswith("core.prompts.telephone") for where in PATTERNS)
    assert any(where.startswith("pages._ui.words") for where in PATTERNS)


@pytest.mark.parametrize("bad", [r"\{\{\s*(.*?)\s*\}\}", r"(a+)+$", r"\s+$", r"[\[(]([^\])]+)[\])]", r"(?:\w|\d)*!"])
def test_the_walk_knows_a_pattern_that_goes_back_and_forth(bad):
    with pytest.raises(hostile.TooLong):
        for text in hostile.texts("", re.compile(bad)):
            hostile.read_through("", re.compile(bad), text)

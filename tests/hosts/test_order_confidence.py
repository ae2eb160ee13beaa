"""How sure a model was of a ranking: of its least certain letter or break."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.hosts.order_confidence import order_confidence
from tests.hosts.test_confidence import token

OPEN = token('{"order": [["')
NEXT, WITH = '"], ["', '", "'


def sure(*tokens):
    return order_confidence({"content": list(tokens)})


def test_the_least_certain_letter_tells():
    tokens = [OPEN, token("B", 0.9, A=0.1), token(NEXT), token("A", 0.7, C=0.3), token(NEXT), token("C"), token('"]]}')]
    assert sure(*tokens) == pytest.approx(0.7)


def test_whether_two_tie_is_as_certain_as_what_stands_between_them():
    tokens = [OPEN, token("B"), token(NEXT, 0.6, **{WITH: 0.4}), token("A"), token('"]]}')]
    assert sure(*tokens) == pytest.approx(0.6)
    tokens = [OPEN, token("B"), token(WITH, 0.8, **{NEXT: 0.2}), token("A"), token('"]]}')]
    assert sure(*tokens) == pytest.approx(0.8)


def test_those_that_tie_are_the_same_in_any_order():
    tokens = [OPEN, token("B", 0.5, A=0.4), token(WITH), token("A"), token('"], ["'), token("C"), token('"]]}')]
    assert sure(*tokens) == pytest.approx(0.9)
    tokens = [OPEN, token("B", 0.5, A=0.4), token(NEXT), token("A"), token('"]]}')]
    assert sure(*tokens) == pytest.approx(0.5), "these do not tie"


def test_letters_written_in_plain_text_count_as_well():
    assert sure(
        token("B", 0.9), token(" >"), token(" A", 0.6, **{" C": 0.3}), token(" ="), token(" C")
    ) == pytest.approx(0.9)
    assert sure(token("B", 0.9), token(" >"), token(" A", 0.6), token(" >"), token(" C")) == pytest.approx(0.6)
    flat = [token('{"order": ["'), token("B", 0.5, A=0.4), token(WITH), token("A"), token('"]}')]
    assert sure(*flat) == pytest.approx(0.5), "a flat list has a place for each"


@pytest.mark.parametrize(
    "tokens",
    [[], [token("I prefer the second.")], [token('{"order": []}')], [token('{"order": [["B"')], [{"token": "B"}]],
)
def test_nothing_is_said_where_nothing_is_known(tokens):
    assert sure(*tokens) is None


@pytest.mark.parametrize("logprobs", [None, {}, {"content": 3}])
def test_without_log_probabilities_there_is_none(logprobs):
    assert order_confidence(logprobs) is None


@given(
    st.lists(
        st.tuples(st.sampled_from(['{"order": [["', "A", "B", WITH, NEXT, '"]]}', " > ", "="]), st.floats(0.01, 1)),
        max_size=12,
    )
)
def test_whatever_is_written_it_is_a_probability_or_nothing(written):
    found = sure(*[token(text, p, A=0.2) for text, p in written])
    assert found is None or 0 <= found <= 1

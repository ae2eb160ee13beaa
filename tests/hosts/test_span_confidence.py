"""How sure a model was of what it marked: of each mark, and that there are no others."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.hosts.span_confidence import span_confidence
from tests.hosts.test_confidence import token

LABELS = ("person", "place")


def sure(*tokens, by_tags=True):
    return span_confidence({"content": list(tokens)}, LABELS, by_tags=by_tags)


def test_a_mark_by_tags_is_as_certain_as_its_least_certain_part():
    tokens = [token("<"), token("person", 0.8, place=0.2), token(">"), token("Ada"), token("</"), token("person>")]
    found = sure(*tokens, token(" wrote"))
    assert found.marks == (pytest.approx(0.8),) and found.answer == pytest.approx(0.8)
    tokens = [token("<person", 0.9), token(">", 0.9), token("Ada"), token("</person", 0.7, **{" L": 0.3}), token(">")]
    assert sure(*tokens).answer == pytest.approx(0.7), "that it ends there"
    tokens = [token("<person", 0.9), token(">", 0.9), token("Ada", 0.99), token("</person>")]
    assert sure(*tokens).answer == pytest.approx(0.81), "an opening tag of two tokens has their product"


def test_each_mark_has_its_own_and_the_answer_the_least():
    tokens = [token("<person>", 0.9), token("Ada"), token("</person>"), token(" in ")]
    found = sure(*tokens, token("<place>", 0.6), token("Oslo"), token("</place>", 0.95))
    assert found.marks == (pytest.approx(0.9), pytest.approx(0.6)) and found.answer == pytest.approx(0.6)


def test_a_tag_that_might_have_been_opened_elsewhere_counts_against_the_answer_but_against_no_mark():
    tokens = [
        token("<person>", 0.9),
        token("Ada"),
        token("</person>"),
        token(" in"),
        token(" Oslo", 0.6, **{" <": 0.4}),
    ]
    found = sure(*tokens)
    assert (found.marks, found.answer) == ((pytest.approx(0.9),), pytest.approx(0.6))
    assert sure(token("Nothing", 0.7, **{"<": 0.2, "<place>": 0.05}), token(" here")).answer == pytest.approx(0.75)


def test_marks_within_marks_and_numbered_ones_are_told_apart():
    tokens = [token("<place>", 0.9), token("<person>", 0.8), token("Ada"), token("</person>"), token("</place>", 0.95)]
    assert sure(*tokens).marks == (pytest.approx(0.9), pytest.approx(0.8))
    tokens = [
        token("<person#1>", 0.9),
        token("a"),
        token("<person#2>", 0.7),
        token("b"),
        token("</person#1>"),
        token("</person#2>"),
    ]
    assert sure(*tokens).marks == (pytest.approx(0.9), pytest.approx(0.7))


def test_thoughts_before_the_answer_do_not_count():
    tokens = [token("<think>a <person> b</person></think>", 0.1), token("<person>", 0.9), token("Ada</person>")]
    assert sure(*tokens).marks == (pytest.approx(0.9),)


QUOTE = [token('{"spans": [{"quote": "'), token("Ada", 0.9, Bob=0.1), token('", "label": "')]


def test_a_quote_is_as_certain_as_its_words_its_label_and_its_occurrence():
    tokens = [*QUOTE, token("per", 0.8), token("son", 0.9), token('", "occurrence": '), token("1", 0.95), token("}]}")]
    assert sure(*tokens, by_tags=False).marks == (pytest.approx(0.72),)
    tokens = [*QUOTE, token("person"), token('", "occurrence": '), token("2", 0.5, **{"1": 0.5}), token("}]}")]
    assert sure(*tokens, by_tags=False).marks == (pytest.approx(0.5),)


def test_the_list_of_quotes_might_have_gone_on():
    whole = [*QUOTE, token("person"), token('", "occurrence": '), token("1"), token("}")]
    found = sure(*whole, token("]", 0.7, **{",": 0.3}), token("}"), by_tags=False)
    assert (found.marks, found.answer) == ((pytest.approx(0.9),), pytest.approx(0.7))
    nothing = [token('{"spans": ['), token("]}", 0.6, **{'{"': 0.4})]
    assert sure(*nothing, by_tags=False).answer == pytest.approx(0.6)


def test_what_differs_by_case_or_blanks_alone_is_the_same():
    tokens = [token("<person>", 0.5, **{" <person>": 0.3, "<Person>": 0.1}), token("Ada"), token("</person>")]
    assert sure(*tokens).answer == pytest.approx(0.9)


@pytest.mark.parametrize(
    "logprobs",
    [
        None,
        {},
        {"content": None},
        {"content": []},
        {"content": [{"token": "<person>", "logprob": "x"}]},
        {"content": [token("<person>"), token("Ada")]},
        {"content": [{"token": "plain", "logprob": -0.1}]},
    ],
)
def test_nothing_is_said_where_nothing_is_known(logprobs):
    assert span_confidence(logprobs, LABELS, by_tags=True) is None


def test_quotes_in_another_form_tell_nothing():
    assert sure(token('{"person": ["Ada"]}'), by_tags=False) is None
    assert sure(token('{"spans": [{"text": "Ada", "type": "person"}]}'), by_tags=False) is None


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["<person>", "</person>", "Ada", " ", "<", "place>", "]", '{"spans": [']),
            st.floats(0.01, 1),
        ),
        max_size=12,
    ),
    st.booleans(),
)
def test_whatever_is_written_it_is_a_probability_or_nothing(written, by_tags):
    found = span_confidence({"content": [token(text, p, **{"<": 0.3}) for text, p in written]}, LABELS, by_tags=by_tags)
    assert found is None or all(math.isfinite(p) and 0 <= p <= 1 for p in (found.answer, *found.marks))

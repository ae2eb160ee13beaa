"""How sure a model was of a set of labels: of its least certain part."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.hosts.set_confidence import set_confidence
from tests.hosts.test_confidence import token

LABELS = ("joy", "anger", "fear", "joyless")
OPEN = token('{"labels": ["')


def sure(*tokens, said, labels=LABELS):
    return set_confidence({"content": list(tokens)}, said, labels)


def test_the_least_certain_label_of_the_set_tells():
    tokens = [OPEN, token("joy", 0.9), token('", "'), token("fear", 0.6), token('"]}')]
    assert sure(*tokens, said=("fear", "joy")) == pytest.approx(0.6)


def test_those_of_the_set_in_another_order_are_the_same_set():
    tokens = [OPEN, token("joy", 0.5, fear=0.45), token('", "'), token("fear", 0.98), token('"]}')]
    assert sure(*tokens, said=("fear", "joy")) == pytest.approx(0.95)


def test_a_label_left_out_counts_by_its_largest_chance_over_all_places():
    tokens = [OPEN, token("joy", 0.9, anger=0.05), token('", "'), token("fear", 0.7, anger=0.3), token('"]}')]
    assert sure(*tokens, said=("joy", "fear")) == pytest.approx(0.7)
    tokens = [OPEN, token("joy", 0.55, anger=0.44), token('", "'), token("fear", 0.99), token('"]}')]
    assert sure(*tokens, said=("joy", "fear")) == pytest.approx(0.55)


def test_the_list_might_have_gone_on():
    tokens = [OPEN, token("joy", 0.9), token('"]}', 0.6, **{'", "': 0.4})]
    assert sure(*tokens, said=("joy",)) == pytest.approx(0.6)
    tokens = [OPEN, token("joy", 0.9), token('"', 0.9, **{'",': 0.1}), token("]}", 0.5, **{",": 0.5})]
    assert sure(*tokens, said=("joy",)) == pytest.approx(0.45 / (0.45 + 0.1 + 0.45))


def test_of_no_labels_it_is_the_chance_that_the_list_is_empty():
    tokens = [token('{"labels": ['), token("]}", 0.8, **{'"': 0.2})]
    assert sure(*tokens, said=()) == pytest.approx(0.8)
    tokens = [token('{"labels":'), token(" []}", 0.75, **{' ["': 0.25})]
    assert sure(*tokens, said=()) == pytest.approx(0.75)


def test_labels_of_several_tokens_and_those_where_one_begins_another():
    tokens = [OPEN, token("jo", 0.9, an=0.1), token("y", 0.8, fight=0.1), token('"]}', 0.9, less=0.1)]
    assert sure(*tokens, said=("joy",)) == pytest.approx(0.72)
    tokens = [OPEN, token("jo", 0.99), token("y", 0.99), token("less", 0.7, **{'"': 0.3}), token('"]}')]
    assert sure(*tokens, said=("joyless",)) == pytest.approx(0.99 * 0.99 * 0.7)


def test_the_token_itself_is_no_alternative_to_it_in_whatever_letters():
    tokens = [OPEN, token("Not", 0.99), token(" spam", 0.99, **{" sure": 0.01}), token('"]}')]
    assert sure(*tokens, said=("Not spam",), labels=("Not spam", "Not sure")) == pytest.approx(0.99 * 0.99)


@pytest.mark.parametrize(
    ("logprobs", "said"),
    [
        (None, ()),
        ({"content": None}, ()),
        ({"content": [token("joy, fear")]}, ("joy", "fear")),
        ({"content": [OPEN, token("joy"), token('"')]}, ("joy",)),
        ({"content": [OPEN, token("joy"), token('"]}')]}, ("fear",)),
        ({"content": [OPEN, {"token": "joy", "logprob": "?"}, token('"]}')]}, ("joy",)),
    ],
)
def test_there_is_none_where_the_answer_does_not_tell(logprobs, said):
    assert set_confidence(logprobs, said, LABELS) is None


@given(st.lists(st.sampled_from(LABELS), unique=True), st.lists(st.floats(0.01, 1.0), min_size=9, max_size=9))
def test_it_is_a_probability(said, chances):
    tokens = [token('{"labels": [')]
    for place, name in enumerate(said):
        tokens += [token('"' if not place else '", "'), token(name, chances[place], anger=1 - chances[place] or 0.01)]
    tokens.append(token('"]}' if said else "]}", chances[-1], **{'", "': 0.3}))
    found = sure(*tokens, said=said)
    assert found is not None and 0.0 <= found <= 1.0 and math.isfinite(found)

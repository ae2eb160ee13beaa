"""Decisions, without any I/O; what they look like to the SDK is in tests/contract."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import WorkbenchError
from core.hosts.decisions import can_decide, check_choices, choice_of, read_decision
from core.hosts.wire import Reply
from core.model import ErrorKind, Label


def decided(**answer):
    usage = {"input_tokens": 9, "output_tokens": 1, "input_tokens_details": {"cached_tokens": 3}}
    return json.dumps({"answers": [{"type": "choice", **answer}], "model": "m", "usage": usage}).encode()


CHOICE = {"choice": "B", "confidence": 0.4, "probabilities": [{"value": "A", "probability": 0.3}]}


def test_a_decision_is_read_with_its_usage():
    reply = read_decision(decided(**CHOICE), seconds=1.5)
    assert json.loads(reply.content)["choice"] == "B"
    assert (reply.prompt_tokens, reply.completion_tokens, reply.cached_tokens, reply.seconds) == (9, 1, 3, 1.5)


@pytest.mark.parametrize(
    ("answer", "read"),
    [
        ({**CHOICE, "probabilities": [{"value": "B", "probability": 0.7}]}, ("B", 0.7)),
        (CHOICE, ("B", 0.4)),
        ({"choice": "B"}, ("B", None)),
        ({"choice": "B", "confidence": 7}, ("B", None)),
        ({"choice": "B", "confidence": True, "probabilities": "high"}, ("B", None)),
        ({"type": "refusal"}, ("", None)),
    ],
    ids=str,
)
def test_the_probability_of_the_choice_is_the_confidence_else_what_the_host_calls_so(answer, read):
    assert choice_of(json.dumps(answer)) == read


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"answers": []}',
        b'{"answers": [{"type": "score", "score": 1}]}',
        b'{"answers": [7]}',
        b"[" * 99_999,
    ],
    ids=lambda body: repr(body[:20]),
)
def test_what_is_no_decision_is_malformed(body):
    assert read_decision(body).kind is ErrorKind.MALFORMED


def test_an_error_inside_a_200_is_an_error():
    assert read_decision(b'{"error": {"message": "busy"}}').message == "busy"


@given(
    st.text(max_size=50) | st.dictionaries(st.sampled_from(["choice", "probabilities"]), st.integers()).map(json.dumps)
)
def test_reading_a_choice_never_raises(content):
    label, probability = choice_of(content)
    assert isinstance(label, str)
    assert probability is None


@given(st.binary(max_size=100))
def test_reading_never_raises(body):
    assert isinstance(read_decision(body), Reply) or read_decision(body).message


def test_only_models_that_decide_are_asked_to_where_the_host_can():
    assert can_decide({"chat", "decisions"}, "gpt-6-luna")
    assert can_decide({"chat", "decisions"}, "gpt-6-luna-2026-10-06")
    assert not can_decide({"chat"}, "gpt-6-luna")
    assert not can_decide({"chat", "decisions"}, "gpt-6-sol")
    assert not can_decide({"chat", "decisions"}, "ft:gpt-6-luna:me")


@pytest.mark.parametrize(("n", "is_allowed"), [(1, False), (2, True), (255, True), (256, False)])
def test_a_question_has_two_to_255_choices(n, is_allowed):
    labels = [Label(f"L{i}") for i in range(n)]
    if is_allowed:
        check_choices(labels)
    else:
        with pytest.raises(WorkbenchError, match=f"the task has {n}"):
            check_choices(labels)


def test_an_error_that_comes_in_place_of_a_decision_is_known_to_have_come_as_an_answer():
    found = read_decision(b'{"error": {"code": "429", "message": "slow"}}')
    assert (found.kind, found.message, found.is_answer) == (ErrorKind.RATE_LIMIT, "slow", True)

"""How a host's refusals narrow down the manner of asking it, and how that is remembered."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.hosts.wire import Asking, Failure, Manner, TokenLimit, after_refusal, manner_of_json, manner_to_json
from core.model import ErrorKind


def refused(message, parameter=""):
    return Failure(ErrorKind.BAD_REQUEST, message, parameter=parameter)


def test_the_ladder_ends_at_plain_text():
    manner, seen = Manner(), []
    while manner is not None:
        seen.append(manner.asking)
        manner = after_refusal(manner, refused("response_format is not supported"))
    assert seen == [Asking.STRICT_SCHEMA, Asking.SCHEMA, Asking.JSON_OBJECT, Asking.PLAIN]


# What hosts say of what, as they word it.
REFUSALS = {
    "temperature of a reasoning model": (
        "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.",
        "temperature",
        {"temperature": False},
    ),
    "logprobs, not allowed": ("You are not allowed to request logprobs from this model", "", {"logprobs": False}),
    "logprobs of an older server": ("Unrecognized request argument supplied: logprobs", "", {"logprobs": False}),
    "logprobs in FastAPI's words": (
        '[{"type": "extra_forbidden", "loc": ["body", "logprobs"], "msg": "Extra inputs are not permitted"}]',
        "",
        {"logprobs": False},
    ),
    "too many alternatives": ("top_logprobs should be between 0 and 5", "", {"top_logprobs": 5}),
    "alternatives at all": ("Unrecognized request argument supplied: top_logprobs", "", {"logprobs": False}),
    "reasoning effort": ("Unrecognized request argument supplied: reasoning_effort", "", {"reasoning_effort": False}),
    "the new name of the limit": (
        "Unrecognized request argument supplied: max_completion_tokens", "", {"token_limit": TokenLimit.OLD},
    ),
    "the new name in FastAPI's words": (
        '[{"type": "extra_forbidden", "loc": ["body", "max_completion_tokens"], "msg": "Extra inputs"}]',
        "",
        {"token_limit": TokenLimit.OLD},
    ),
    "a schema": ("This model does not support response format `json_schema`.", "", {"asking": Asking.SCHEMA}),
    "strictness": ("Invalid schema for response_format 'annotation'", "response_format", {"asking": Asking.SCHEMA}),
    "the parameter it names before others it mentions": (
        "logprobs are not supported with temperature", "temperature", {"temperature": False},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("message", "parameter", "change"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_changes_just_what_was_refused(message, parameter, change):
    assert after_refusal(Manner(), refused(message, parameter)) == replace(Manner(), **change)


def test_a_host_that_wants_the_new_name_gets_it_back():
    old = Manner(token_limit=TokenLimit.OLD)
    wanted = (
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    )
    assert after_refusal(old, refused(wanted, "max_tokens")) == Manner()
    assert after_refusal(old, refused(wanted)) == Manner()


def test_a_host_that_takes_neither_name_gets_none():
    refusal = refused("Extra inputs are not permitted: max_tokens")
    assert after_refusal(Manner(token_limit=TokenLimit.OLD), refusal) == Manner(token_limit=TokenLimit.NONE)


@pytest.mark.parametrize(
    "message",
    [
        "'max_completion_tokens' is too large: 99999. This model supports at most 16384.",
        "max_tokens must be at least 1",
    ],
)
def test_a_limit_the_host_finds_wrong_is_not_lifted_silently(message):
    assert after_refusal(Manner(), refused(message)) is None


def test_alternatives_are_given_up_in_two_steps():
    few = after_refusal(Manner(), refused("top_logprobs must be <= 8"))
    assert (few.logprobs, few.top_logprobs) == (True, 5)
    assert after_refusal(few, refused("top_logprobs must be <= 1")).logprobs is False


@pytest.mark.parametrize(
    "failure",
    [refused("the prompt is too long"), Failure(ErrorKind.SERVER, "logprobs broke")],
)
def test_a_refusal_of_something_else_changes_no_manner(failure):
    assert after_refusal(Manner(), failure) is None


@pytest.mark.parametrize(
    ("manner", "message"),
    [
        (Manner(logprobs=False), "no logprobs"),
        (Manner(temperature=False), "no temperature"),
        (Manner(reasoning_effort=False), "no reasoning_effort"),
        (Manner(token_limit=TokenLimit.NONE), "max_tokens is not supported"),
        (Manner(Asking.PLAIN), "no response_format"),
    ],
)
def test_what_was_given_up_already_is_not_given_up_again(manner, message):
    assert after_refusal(manner, refused(message)) is None


manners = st.builds(
    Manner, st.sampled_from(Asking), st.booleans(), st.booleans(), st.integers(0, 20), st.booleans(),
    st.sampled_from(TokenLimit),
)  # fmt: skip


@given(manners)
def test_a_manner_is_remembered_as_it_was(manner):
    assert manner_of_json(manner_to_json(manner)) == manner


@given(manners, st.text(max_size=60))
def test_refusals_come_to_an_end(manner, words):
    for message in (
        "max_tokens unknown, use max_completion_tokens instead",
        "logprobs temperature schema effort",
        words,
    ):
        for _ in range(20):
            if (manner := after_refusal(before := manner, refused(message))) is None:
                manner = before
                break
        else:
            assert {manner.token_limit, before.token_limit} == {TokenLimit.NEW, TokenLimit.OLD}


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "7", '{"asking": "song", "logprobs": 1, "colour": "red"}'])
def test_what_cannot_be_understood_counts_as_not_known_yet(text):
    assert manner_of_json(text) == Manner()


@given(
    st.dictionaries(st.sampled_from(["asking", "logprobs", "top_logprobs", "x"]), st.none() | st.integers() | st.text())
)
def test_remembering_never_raises(told):
    assert isinstance(manner_of_json(json.dumps(told)), Manner)

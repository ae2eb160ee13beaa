"""Questions on the wire, without any I/O: what is sent, and that its parts join to the whole."""

import json

from hypothesis import given
from hypothesis import strategies as st

from core.hosts.wire import (
    Asking,
    Manner,
    Parameters,
    TokenLimit,
    chat_body,
    chat_parameters,
    closing,
    opening,
    own_part,
)
from core.model import Message

SCHEMA = {"type": "object"}
HUMBLEST = Manner(Asking.PLAIN, logprobs=False, temperature=False)


def test_the_best_way_of_asking_wants_a_strict_schema_logprobs_and_no_randomness():
    body = chat_body("m", [Message("user", "hello")], SCHEMA, Manner())
    assert body == {
        "model": "m",
        "messages": [{"role": "user", "content": "hello"}],
        "temperature": 0,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "annotation", "strict": True, "schema": SCHEMA},
        },
        "logprobs": True,
        "top_logprobs": 10,
    }


def test_each_rung_of_the_ladder_asks_for_less_of_a_shape():
    shapes = [chat_parameters(SCHEMA, Manner(asking), Parameters()).get("response_format") for asking in Asking]
    assert shapes == [
        {"type": "json_schema", "json_schema": {"name": "annotation", "strict": True, "schema": SCHEMA}},
        {"type": "json_schema", "json_schema": {"name": "annotation", "schema": SCHEMA}},
        {"type": "json_object"},
        None,
    ]


def test_the_humblest_way_of_asking_sends_nothing_but_the_messages():
    assert set(chat_body("m", [], SCHEMA, HUMBLEST)) == {"model", "messages"}


def test_what_the_user_wants_of_a_reasoning_model_is_sent_by_the_names_the_host_takes():
    wanted = Parameters(0.7, reasoning_effort="low", answer_tokens=500)
    best = chat_parameters(SCHEMA, Manner(), wanted)
    assert (best["temperature"], best["reasoning_effort"], best["max_completion_tokens"]) == (0.7, "low", 500)
    narrowed = Manner(temperature=False, reasoning_effort=False, token_limit=TokenLimit.OLD)
    old = chat_parameters(SCHEMA, narrowed, wanted)
    assert old["max_tokens"] == 500
    assert {"temperature", "reasoning_effort", "max_completion_tokens"}.isdisjoint(old)
    assert 500 not in chat_parameters(SCHEMA, Manner(token_limit=TokenLimit.NONE), wanted).values()


def test_extra_parameters_come_last_and_a_null_takes_one_out():
    extra = {"temperature": 1, "response_format": None, "chat_template_kwargs": {"enable_thinking": False}}
    body = chat_parameters(SCHEMA, Manner(logprobs=False), Parameters(extra=extra))
    assert body == {"temperature": 1, "chat_template_kwargs": {"enable_thinking": False}}


def test_extra_parameters_cannot_change_what_is_asked_of_whom_nor_make_the_answer_a_stream():
    extra = {"model": "other", "messages": [], "stream": True}
    body = chat_body("m", [Message("user", "hello")], SCHEMA, HUMBLEST, Parameters(extra=extra))
    assert body == {"model": "m", "messages": [{"role": "user", "content": "hello"}]}


texts = st.text(max_size=40)
messages = st.builds(Message, st.sampled_from(["system", "user", "assistant"]), texts)


@given(texts, st.lists(messages, max_size=4), st.lists(messages, min_size=1, max_size=2), st.sampled_from(Asking))
def test_opening_own_part_and_closing_join_to_the_body(model, fixed, own, asking):
    manner = Manner(asking)
    parts = opening(model, fixed) + own_part(own) + closing(chat_parameters(SCHEMA, manner, Parameters()))
    assert json.loads(parts) == chat_body(model, [*fixed, *own], SCHEMA, manner)


def test_with_nothing_besides_the_messages_the_parts_join_as_well():
    assert json.loads(opening("m", []) + own_part([Message("user", "a")]) + closing({})) == {
        "model": "m",
        "messages": [{"role": "user", "content": "a"}],
    }


def test_half_a_character_in_an_item_is_sent_as_a_question_mark():
    assert json.loads(own_part([Message("user", "broken \ud83d emoji")]))["content"] == "broken ? emoji"

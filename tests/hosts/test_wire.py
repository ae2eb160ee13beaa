"""Questions and answers on the wire, without any I/O."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.hosts.wire import (
    Asking,
    Failure,
    Manner,
    Reply,
    after_refusal,
    chat_body,
    failure_of,
    label_confidence,
    read_reply,
    retry_after_of,
)
from core.model import ErrorKind, Message

SCHEMA = {"type": "object"}


def completion(content="x", logprobs=None, **usage):
    choice = {"message": {"content": content}, "finish_reason": "stop", "logprobs": logprobs}
    return json.dumps({"choices": [choice], "usage": usage}).encode()


def reply_with(*tokens):
    return Reply("", "stop", None, 0, 0, tuple(tokens))


# asking


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
        "top_logprobs": 5,
    }


def test_the_humblest_way_of_asking_sends_nothing_but_the_messages():
    manner = Manner(Asking.PLAIN, logprobs=False, temperature=False)
    assert set(chat_body("m", [], SCHEMA, manner)) == {"model", "messages"}


def test_the_ladder_ends_at_plain_text():
    manner, refusal = Manner(), Failure(ErrorKind.BAD_REQUEST, "response_format is not supported")
    seen = []
    while manner is not None:
        seen.append(manner.asking)
        manner = after_refusal(manner, refusal)
    assert seen == [Asking.STRICT_SCHEMA, Asking.JSON_OBJECT, Asking.PLAIN]


@pytest.mark.parametrize(
    "failure",
    [Failure(ErrorKind.BAD_REQUEST, "the prompt is too long"), Failure(ErrorKind.SERVER, "logprobs broke")],
)
def test_a_refusal_of_something_else_changes_no_manner(failure):
    assert after_refusal(Manner(), failure) is None


def test_what_was_given_up_already_is_not_given_up_again():
    manner = Manner(logprobs=False)
    assert after_refusal(manner, Failure(ErrorKind.BAD_REQUEST, "no logprobs")) is None


# answers


def test_an_answer_is_read_with_its_usage():
    body = completion("hello", prompt_tokens=7, completion_tokens=2, prompt_tokens_details={"cached_tokens": 5})
    reply = read_reply(body)
    assert (reply.content, reply.finish_reason, reply.prompt_tokens, reply.completion_tokens, reply.cached_tokens) == (
        "hello", "stop", 7, 2, 5,
    )  # fmt: skip


def test_an_answer_in_parts_is_joined():
    assert read_reply(completion([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}])).content == "ab"


def test_an_answer_without_content_or_usage_is_an_empty_one():
    assert read_reply(b'{"choices": [{"message": {}}]}') == Reply("", None, None, 0, 0)


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"{}", b'"text"', b'{"choices": []}', b'{"choices": [{}]}', b'{"choices": [{"message": 1}]}']
    + [b"\xff\xfe", b"<html>", b"[" * 100_000],
    ids=lambda body: repr(body[:20]),
)
def test_what_is_no_chat_completion_is_malformed_and_kept_as_it_came(body):
    failure = read_reply(body)
    assert failure.kind is ErrorKind.MALFORMED
    assert failure.raw == body[:20_000].decode("utf-8", "replace")


def test_an_error_inside_a_200_is_an_error():
    failure = read_reply(b'{"error": {"message": "overloaded", "code": 502}}')
    assert (failure.kind, failure.message) == (ErrorKind.SERVER, "overloaded")
    assert read_reply(b'{"error": {"message": "m", "code": "insufficient_quota"}}').kind is ErrorKind.QUOTA


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: completion(text)))
def test_reading_never_raises_and_what_it_gives_can_be_stored(body):
    found = read_reply(body)
    for text in (found.content, found.refusal or "") if isinstance(found, Reply) else (found.message, found.raw):
        text.encode("utf-8")


# confidence


def test_the_confidence_is_the_product_over_the_label_s_tokens():
    reply = reply_with(('{"label": "', -3.0), ("SPO", math.log(0.5)), ("RTS", math.log(0.8)), ('"}', -9.0))
    assert label_confidence(reply, "SPORTS") == pytest.approx(0.4)


def test_a_token_that_holds_part_of_the_label_counts_whole():
    assert label_confidence(reply_with(('"SP', math.log(0.5)), ('ORTS"', math.log(0.5))), "SPORTS") == pytest.approx(
        0.25
    )


def test_the_last_mention_counts_since_models_may_think_aloud():
    reply = reply_with(("SPORTS? ", math.log(0.1)), ("SPORTS", math.log(0.9)))
    assert label_confidence(reply, "SPORTS") == pytest.approx(0.9)


def test_a_label_with_quotes_is_found_as_json_spells_it():
    reply = reply_with(('{"label": "', 0.0), (r"\"A\"", math.log(0.5)), ("B", math.log(0.5)), ('"}', -5.0))
    assert label_confidence(reply, '"A"B') == pytest.approx(0.25)


@pytest.mark.parametrize("label", ["POLITICS", ""])
def test_a_label_the_tokens_do_not_spell_has_no_confidence(label):
    assert label_confidence(reply_with(("SPORTS", -0.1)), label) is None
    assert label_confidence(reply_with(), label) is None


def test_a_confidence_is_never_above_one():
    assert label_confidence(reply_with(("A", 0.001)), "A") == 1.0


@pytest.mark.parametrize(("odd", "confidence"), [(1000.0, 1.0), (math.nan, None), (math.inf, None), (-math.inf, None)])
def test_an_odd_logprob_gives_no_odd_confidence(odd, confidence):
    assert label_confidence(reply_with(("A", odd)), "A") == confidence


@pytest.mark.parametrize("number", ["1e400", "1e30", "NaN", "-1", '"many"', "true", "null", "9007199254740992"])
def test_a_number_of_tokens_that_cannot_be_counts_as_none(number):
    body = '{"choices": [{"message": {"content": "x"}}], "usage": {"prompt_tokens": %s, "completion_tokens": 3}}'
    reply = read_reply((body % number).encode())
    assert (reply.content, reply.prompt_tokens, reply.completion_tokens) == ("x", 0, 3)


def test_a_logprob_no_float_can_hold_is_as_good_as_none():
    body = '{"choices": [{"message": {"content": "x"}, "logprobs": {"content": [{"token": "x", "logprob": 1%s}]}}]}'
    assert read_reply((body % ("0" * 400)).encode()).token_logprobs == ()


# errors


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ErrorKind.BAD_REQUEST), (401, ErrorKind.AUTHENTICATION), (402, ErrorKind.QUOTA),
        (403, ErrorKind.AUTHENTICATION), (404, ErrorKind.NOT_FOUND), (408, ErrorKind.TIMEOUT),
        (413, ErrorKind.BAD_REQUEST), (422, ErrorKind.BAD_REQUEST), (429, ErrorKind.RATE_LIMIT),
        (500, ErrorKind.SERVER), (503, ErrorKind.SERVER), (529, ErrorKind.SERVER), (302, ErrorKind.BAD_REQUEST),
    ],
)  # fmt: skip
def test_the_status_says_what_kind_of_trouble_it_is(status, kind):
    assert failure_of(status, b"") == Failure(kind, f"HTTP {status}")


@pytest.mark.parametrize("error", [{"code": "insufficient_quota"}, {"type": "insufficient_quota", "code": None}])
def test_a_429_about_money_is_no_rate_limit(error):
    assert failure_of(429, json.dumps({"error": error}).encode()).kind is ErrorKind.QUOTA


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": {"message": "said"}}, "said"),
        ({"error": "said"}, "said"),
        ({"message": "said"}, "said"),
        ({"detail": "said"}, "said"),
        ({"detail": [{"msg": "said"}]}, '[{"msg": "said"}]'),
        ({"error": {"message": None}}, "HTTP 400"),
        ({"error": None}, "HTTP 400"),
        ({}, "HTTP 400"),
    ],
)
def test_the_message_is_found_in_the_shapes_servers_use(body, message):
    assert failure_of(400, json.dumps(body).encode()).message == message


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None), ({"retry-after": "2"}, 2.0), ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25), ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
        ({"retry-after": "-1"}, 0.0), ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),
        ({"retry-after": "inf"}, None), ({"retry-after": "nan"}, None),
    ],
)  # fmt: skip
def test_the_wish_to_wait_is_read_in_seconds(headers, seconds):
    assert retry_after_of(headers) == seconds

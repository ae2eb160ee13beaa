"""Answers and errors on the wire, without any I/O."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.host_refusals import retry_after_of
from core.hosts.wire import Failure, Reply, failure_of, read_reply, reply_of
from core.model import ErrorKind


def completion(content="x", logprobs=None, message=None, **usage):
    choice = {"message": {"content": content, **(message or {})}, "finish_reason": "stop", "logprobs": logprobs}
    return json.dumps({"choices": [choice], "usage": usage}).encode()


def test_an_answer_is_read_with_its_usage():
    body = completion("hello", prompt_tokens=7, completion_tokens=2, prompt_tokens_details={"cached_tokens": 5})
    reply = read_reply(body)
    assert (reply.content, reply.finish_reason, reply.prompt_tokens, reply.completion_tokens, reply.cached_tokens) == (
        "hello", "stop", 7, 2, 5,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("usage", "cached"),
    [
        ({"prompt_cache_hit_tokens": 4, "prompt_cache_miss_tokens": 3}, 4),
        ({"prompt_tokens_details": None}, 0),
        ({"prompt_tokens_details": {"cached_tokens": None}, "prompt_cache_hit_tokens": 4}, 4),
        ({"prompt_tokens_details": {"cached_tokens": 0}, "prompt_cache_hit_tokens": 4}, 0),
    ],
)
def test_cached_tokens_are_found_in_the_shapes_hosts_use(usage, cached):
    assert read_reply(completion(**usage)).cached_tokens == cached


def test_an_answer_that_is_read_already_is_the_same():
    body = completion("hello", prompt_tokens=7)
    assert reply_of(json.loads(body)) == read_reply(body)
    assert reply_of({"error": {"message": "said"}}).message == "said"
    assert reply_of({"odd": 1}).raw == '{"odd":1}'


def test_an_answer_in_parts_is_joined():
    assert read_reply(completion([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}])).content == "a\nb"


def test_an_answer_without_content_or_usage_is_an_empty_one():
    assert read_reply(b'{"choices": [{"message": {}}]}') == Reply("", None, None, 0, 0)


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_thinking_that_comes_apart_is_kept_before_the_answer(name):
    reply = read_reply(completion("SPORTS", message={name: "A team, so ..."}))
    assert (reply.content, reply.raw) == ("SPORTS", "<think>A team, so ...</think>\nSPORTS")


def test_what_is_kept_of_an_endless_answer_is_its_beginning_and_its_end():
    reply = read_reply(completion("<think>" + "hm " * 20_000 + "</think>SPORTS"))
    assert reply.raw.startswith("<think>hm")
    assert reply.raw.endswith("</think>SPORTS")
    assert len(reply.raw) <= 20_000


def test_of_a_refusal_its_words_are_kept():
    assert read_reply(completion(None, message={"refusal": "I cannot."})).raw == "I cannot."


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


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (429, ErrorKind.RATE_LIMIT),
        (401, ErrorKind.AUTHENTICATION),
        (400, ErrorKind.BAD_REQUEST),
        (503, ErrorKind.SERVER),
        (200, ErrorKind.SERVER),
        ("context_length", ErrorKind.SERVER),
        (True, ErrorKind.SERVER),
        (None, ErrorKind.SERVER),
    ],
)
def test_an_error_inside_a_200_is_what_its_code_says_where_that_is_a_status(code, kind):
    found = read_reply(json.dumps({"error": {"message": "no", "code": code}}).encode())
    assert (found.kind, found.message) == (kind, "no")


def test_an_error_inside_a_200_is_an_error():
    failure = read_reply(b'{"error": {"message": "overloaded", "code": 502}}')
    assert (failure.kind, failure.message) == (ErrorKind.SERVER, "overloaded")
    assert read_reply(b'{"error": {"message": "m", "code": "insufficient_quota"}}').kind is ErrorKind.QUOTA


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: completion(text)))
def test_reading_never_raises_and_what_it_gives_can_be_stored(body):
    found = read_reply(body)
    for text in (found.content, found.refusal or "") if isinstance(found, Reply) else (found.message, found.raw):
        text.encode("utf-8")


def test_half_a_surrogate_pair_and_a_nul_are_read_as_signs_that_can_be_kept():
    body = (
        rb'{"choices": [{"message": {"content": "\ud83d SPORTS\u0000", "reasoning": "\ud83d"}, "finish_reason": "x"}]}'
    )
    reply = read_reply(body.replace(b'"x"', rb'"\u0000"'))
    assert (reply.content, reply.reasoning, reply.finish_reason) == ("\ufffd SPORTS\ufffd", "\ufffd", "\ufffd")


GARBAGE = [[1], 1, "x", True, {"a": [1]}, None, 10**30, -1, "12"]


@pytest.mark.parametrize("odd", GARBAGE, ids=repr)
@pytest.mark.parametrize("place", ["usage", "id", "model", "created", "index", "logprobs", "finish_reason", "refusal",
    "reasoning_content", "tool_calls", "prompt_tokens", "prompt_tokens_details"])  # fmt: skip
def test_whatever_stands_beside_a_good_answer_does_not_lose_it(place, odd):
    message = {"content": "SPORTS", "reasoning_content": None}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 7}
    answer = {"id": "x", "choices": [choice], "usage": usage}
    for where in (answer, choice, message, usage):
        if place in where or (where, place) == (message, "refusal"):
            where[place] = odd
    choice.setdefault("logprobs", odd if place == "logprobs" else None)
    if place == "tool_calls":
        message[place] = odd
    reply = read_reply(json.dumps(answer).encode())
    assert isinstance(reply, Reply) and reply.content == "SPORTS"
    assert 0 <= reply.prompt_tokens < 10**9


def test_parts_that_are_thoughts_or_hold_nothing_are_none_of_the_answer():
    parts = [
        {"type": "thinking", "thinking": [{"text": "POLITICS"}]},
        {"type": "text", "text": None},
        {"text": "SPORTS"},
    ]
    assert read_reply(completion(parts)).content == "SPORTS"
    assert read_reply(completion([{"type": "text", "text": None}])).content == ""


@pytest.mark.parametrize("arguments", ['{"label": "SPORTS"}', {"label": "SPORTS"}])
def test_the_arguments_of_a_tool_are_the_answer_where_there_is_no_other(arguments):
    called = {"function": {"name": "annotate", "arguments": arguments}}
    said = read_reply(completion(None, message={"tool_calls": [called]})).content
    assert json.loads(said) == {"label": "SPORTS"}
    assert json.loads(read_reply(completion("", message={"function_call": called["function"]})).content)
    assert read_reply(completion("POLITICS", message={"tool_calls": [called]})).content == "POLITICS"


@pytest.mark.parametrize(
    "number", ["1e400", "1e30", "1" + "0" * 30, "1e9", "NaN", "-1", '"many"', "true", "null", "9007199254740992"]
)
def test_a_number_of_tokens_that_cannot_be_counts_as_none(number):
    body = '{"choices": [{"message": {"content": "x"}}], "usage": {"prompt_tokens": %s, "completion_tokens": 3}}'
    reply = read_reply((body % number).encode())
    assert (reply.content, reply.prompt_tokens, reply.completion_tokens) == ("x", 0, 3)


# errors


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ErrorKind.BAD_REQUEST), (401, ErrorKind.AUTHENTICATION), (402, ErrorKind.QUOTA),
        (403, ErrorKind.AUTHENTICATION), (404, ErrorKind.NOT_FOUND), (408, ErrorKind.TIMEOUT),
        (413, ErrorKind.BAD_REQUEST), (422, ErrorKind.BAD_REQUEST), (429, ErrorKind.RATE_LIMIT),
        (500, ErrorKind.SERVER), (503, ErrorKind.SERVER), (529, ErrorKind.SERVER),
    ],
)  # fmt: skip
def test_the_status_says_what_kind_of_trouble_it_is(status, kind):
    assert failure_of(status, b"") == Failure(kind, f"HTTP {status}")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_host_that_sends_requests_elsewhere_is_not_followed_but_named(status):
    failure = failure_of(status, b"<html>Moved</html>")
    assert (failure.kind, failure.message) == (
        ErrorKind.NOT_FOUND,
        f"it redirects requests to another address, HTTP {status}",
    )


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


NOW = "Wed, 21 Oct 2026 07:27:00 GMT"
SOON = "Wed, 21 Oct 2026 07:28:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None), ({"retry-after": "2"}, 2.0), ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25), ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
        ({"retry-after": "86400"}, 86400.0), ({"retry-after": "1795300000"}, None), ({"retry-after": "1e12"}, None),
        ({"retry-after": "-1"}, 0.0), ({"retry-after": "inf"}, None), ({"retry-after": "nan"}, None),
        ({"retry-after": SOON}, None), ({"retry-after": SOON, "date": NOW}, 60.0),
        ({"retry-after": NOW, "date": SOON}, 0.0), ({"retry-after": SOON, "date": "today"}, None),
    ],
)  # fmt: skip
def test_the_wish_to_wait_is_read_in_seconds(headers, seconds):
    assert retry_after_of(headers) == seconds


# what a 200 holds that is no whole answer


def ended(word, content="SPORTS or", **choice):
    return read_reply(
        json.dumps({"choices": [{"message": {"content": content}, "finish_reason": word, **choice}]}).encode()
    )


@pytest.mark.parametrize(
    "word",
    ["length", "LENGTH", "max_tokens", "MAX_TOKENS", "max_output_tokens", "model_length", "token_limit", "max_length",
     "model_context_window_exceeded", "truncated"],
)  # fmt: skip
def test_an_answer_that_a_limit_cut_off_is_known_as_such_in_whatever_word(word):
    assert ended(word).finish_reason == "length"


@pytest.mark.parametrize(
    "word",
    ["content_filter", "content-filter", "SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "refusal",
     "guardrail_intervened", "sensitive"],
)  # fmt: skip
def test_an_answer_that_a_host_withholds_is_known_as_such_in_whatever_word(word):
    assert ended(word).finish_reason == "content_filter"


@pytest.mark.parametrize(
    "word", ["error", "abort", "aborted", "cancelled", "network_error", "insufficient_system_resource", "time_limit"]
)
def test_an_answer_that_broke_off_is_no_answer_and_is_asked_for_again(word):
    found = ended(word)
    assert (found.kind, found.is_answer) == (ErrorKind.SERVER, True)
    assert found.message == f"the host cut its answer off: {word}"


@pytest.mark.parametrize("word", ["stop", "STOP", "end_turn", "eos", "tool_calls", "stop_sequence", "complete", None])
def test_an_answer_that_came_to_its_own_end_is_one(word):
    assert (ended(word).content, ended(word).finish_reason) == ("SPORTS or", word)


def test_an_error_beside_half_an_answer_is_what_its_code_says():
    found = ended("error", error={"code": 429, "message": "slow down"})
    assert (found.kind, found.message, found.is_answer) == (ErrorKind.RATE_LIMIT, "slow down", True)


@pytest.mark.parametrize("details", [{"incomplete_details": {"reason": "max_output_tokens"}}, {}])
def test_a_response_that_is_not_complete_was_cut_off(details):
    output = [{"type": "message", "content": [{"type": "output_text", "text": "SPORTS or"}]}]
    found = read_reply(json.dumps({"status": "incomplete", "output": output, **details}).encode())
    assert (found.content, found.finish_reason) == ("SPORTS or", "length")


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        ({"error": {"code": "429", "message": "slow"}}, ErrorKind.RATE_LIMIT, "slow"),
        ({"error": {"status": 429, "message": "slow"}}, ErrorKind.RATE_LIMIT, "slow"),
        ({"error": {"code": "rate_limit_exceeded", "message": "slow"}}, ErrorKind.RATE_LIMIT, "slow"),
        ({"type": "error", "error": {"type": "rate_limit_error", "message": "slow"}}, ErrorKind.RATE_LIMIT, "slow"),
        ({"error": {"status": "RESOURCE_EXHAUSTED", "message": "slow"}}, ErrorKind.RATE_LIMIT, "slow"),
        ({"errors": [{"code": 429, "message": "slow"}]}, ErrorKind.RATE_LIMIT, "slow"),
        ({"code": 429, "message": "slow"}, ErrorKind.RATE_LIMIT, "slow"),
        ({"status_code": 503, "msg": "away"}, ErrorKind.SERVER, "away"),
        ({"error": {"code": "invalid_api_key", "message": "key"}}, ErrorKind.AUTHENTICATION, "key"),
        (
            {"error": {"code": 403, "message": "Your input was flagged"}},
            ErrorKind.BAD_REQUEST,
            "Your input was flagged",
        ),
        ({"message": "odd"}, ErrorKind.MALFORMED, "The host's answer is not a chat completion."),
    ],
)
def test_what_a_200_says_instead_of_an_answer_is_told_from_garbage_in_every_shape(answer, kind, said):
    found = read_reply(json.dumps(answer).encode())
    assert (found.kind, found.message) == (kind, said)


def test_warnings_beside_an_answer_do_not_lose_it():
    body = {"choices": [{"message": {"content": "SPORTS"}}], "errors": [{"code": 429}], "message": "m", "code": 429}
    assert read_reply(json.dumps(body).encode()).content == "SPORTS"


def test_a_text_that_a_host_will_not_take_does_not_stop_the_run_as_a_refused_key_would():
    assert failure_of(403, b'{"error": {"message": "Your input was flagged"}}').kind is ErrorKind.BAD_REQUEST
    assert failure_of(403, b'{"error": {"message": "Forbidden"}}').kind is ErrorKind.AUTHENTICATION

"""Lines of batch files: what is written, and what comes back from different programs."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.hosts.answers import Reply
from core.hosts.batch_lines import LONGEST_ID, Returned, Wanted, custom_id, read_custom_id, read_line, request_line
from core.model import ErrorKind

WANTED = Wanted(7, 1234, 2, bytes(range(16)))
COMPLETION = {
    "id": "c",
    "object": "chat.completion",
    "choices": [{"message": {"role": "assistant", "content": '{"label": "A"}'}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 11, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 4}},
}


def line(response=None, error=None, wanted=WANTED):
    return json.dumps({"id": "x", "custom_id": custom_id(wanted), "response": response, "error": error}).encode()


def outcome(response=None, error=None):
    return read_line(line(response, error)).outcome


@given(st.integers(1, 2**31), st.integers(1, 2**40), st.integers(0, 99), st.binary(min_size=16, max_size=16))
def test_a_custom_id_says_run_item_ordinal_and_request_and_is_short_enough_for_every_host(run, item, ordinal, key):
    wanted = Wanted(run, item, ordinal, key)
    assert read_custom_id(custom_id(wanted)) == wanted and len(custom_id(wanted)) <= LONGEST_ID


@pytest.mark.parametrize(
    "text",
    ["", "7-1234", "7-1234-2-zz", "request-1", "07-1234-2-00", "7-1234-2-00-1", "7- 1234-2-00", None, 7, "7-" * 40],
)
def test_an_id_that_is_not_ours_is_nobodys(text):
    assert read_custom_id(text) is None


def test_a_request_is_one_line_of_json_with_the_body_as_it_is():
    written = request_line(WANTED, b'{"model":"m","messages":[]}')
    assert written.count(b"\n") == 1 and written.endswith(b"\n")
    assert json.loads(written) == {
        "custom_id": "7-1234-2-000102030405060708090a0b0c0d0e0f",
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {"model": "m", "messages": []},
    }


@pytest.mark.parametrize(
    "response",
    [
        {"status_code": 200, "request_id": "r", "body": COMPLETION},
        {"request_id": "r", "body": COMPLETION},
        {"status_code": 200, "body": json.dumps(COMPLETION)},
        COMPLETION,
    ],
    ids=["as OpenAI", "without a status", "body as text", "without an envelope"],
)
def test_an_answer_is_read_in_every_shape_that_is_about(response):
    found = outcome(response)
    assert isinstance(found, Reply) and found.content == '{"label": "A"}'
    assert (found.prompt_tokens, found.completion_tokens, found.cached_tokens) == (11, 5, 4)


@pytest.mark.parametrize(
    ("response", "error", "kind", "said"),
    [
        ({"status_code": 400, "body": {"error": {"message": "bad schema"}}}, None, ErrorKind.BAD_REQUEST, "bad schema"),
        ({"status_code": 429, "body": {"error": {"message": "slow"}}}, None, ErrorKind.RATE_LIMIT, "slow"),
        # vLLM: the reason stands beside a response without a body, as text or as an object
        ({"status_code": 400, "request_id": "v", "body": None}, "too long", ErrorKind.BAD_REQUEST, "too long"),
        ({"status_code": 404, "body": None}, {"error": {"message": "no model"}}, ErrorKind.NOT_FOUND, "no model"),
        (None, {"code": "server_error", "message": "crashed"}, ErrorKind.SERVER, "crashed"),
        ({"status_code": 200, "body": {"object": "embedding"}}, None, ErrorKind.MALFORMED, "not a chat completion"),
        (None, None, ErrorKind.MALFORMED, "neither an answer nor a reason"),
        ({"status_code": 200, "body": None}, None, ErrorKind.MALFORMED, "neither"),
        ("nonsense", None, ErrorKind.MALFORMED, "neither"),
    ],
)
def test_a_failed_line_is_a_failure_with_the_hosts_words(response, error, kind, said):
    found = outcome(response, error)
    assert found.kind is kind and said in found.message


@pytest.mark.parametrize("code", ["batch_expired", "batch_cancelled"])
def test_a_line_the_host_did_not_get_to_is_neither_an_answer_nor_a_failure(code):
    assert read_line(line(None, {"code": code, "message": "in time"})) == Returned(WANTED, None)


@pytest.mark.parametrize("content", [b"{", b"[]", b'"x"', b"{}", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_result_line_is_said_to_be_none(content):
    with pytest.raises(ValueError):
        read_line(content)


def test_a_line_with_somebody_elses_id_is_not_ours():
    assert read_line(b'{"custom_id": "mine", "response": {"status_code": 200, "body": {}}}') is None

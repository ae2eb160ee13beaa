"""Hosts that stream their answer though nobody asked for a stream."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.hosts.answers import Reply, read_reply
from core.hosts.failures import Failure
from core.model import ErrorKind


def stream(*events, end="data: [DONE]\n\n", sign="\n"):
    text = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + end
    return text.replace("\n", sign).encode()


def part(finish=None, **delta):
    return {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


USAGE = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2}}
WHOLE = {"choices": [{"message": {"content": "SPORTS"}, "finish_reason": "stop"}], "usage": USAGE["usage"]}


@pytest.mark.parametrize(
    "body",
    [
        stream(part(role="assistant", content="SP"), part(content="ORTS"), part("stop"), USAGE),
        stream(part(role="assistant", content="SP"), part(content="ORTS"), part("stop"), USAGE, sign="\r\n"),
        stream(part(content="SP"), part("stop", content="ORTS"), USAGE, end=""),
        stream(WHOLE),
        b": PROCESSING\n\n: PROCESSING\n\n" + stream(part("stop", content="SPORTS"), USAGE),
        b": PROCESSING\n\n" + json.dumps(WHOLE).encode(),
        b"\xef\xbb\xbfevent: message\nid: 1\n" + stream(WHOLE),
    ],
)
def test_an_answer_that_is_streamed_is_the_answer_it_would_be_whole(body):
    reply = read_reply(body)
    assert isinstance(reply, Reply), reply
    assert (reply.content, reply.finish_reason, reply.prompt_tokens) == ("SPORTS", "stop", 7)


def test_thinking_and_the_arguments_of_a_tool_are_put_together_each_by_itself():
    calls = [{"index": 0, "function": {"name": "label"}}, {"index": 0, "function": {"arguments": '{"label": '}}]
    calls.append({"index": 0, "function": {"arguments": '"SPORTS"}'}})
    reply = read_reply(
        stream(
            part(reasoning_content="A mat"),
            part(reasoning_content="ch."),
            *(part(tool_calls=[call]) for call in calls),
            part("stop"),
        )
    )
    assert (reply.content, reply.reasoning) == ('{"label": "SPORTS"}', "A match.")


def test_a_response_that_is_streamed_is_what_its_last_event_holds():
    output = [{"type": "message", "content": [{"type": "output_text", "text": "SPORTS"}]}]
    done = {"type": "response.completed", "response": {"status": "completed", "output": output}}
    assert read_reply(stream({"type": "response.output_text.delta", "delta": "SP"}, done)).content == "SPORTS"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (stream(part(content="SPORTS or"), end=""), ErrorKind.SERVER),
        (stream(part(content="SP"), {"error": {"code": 429, "message": "slow"}}), ErrorKind.RATE_LIMIT),
        (b'event: error\ndata: {"error": {"code": 503, "message": "away"}}\n\n', ErrorKind.SERVER),
        (b'data: {"choices": [{"delta": {"content": "SP', ErrorKind.MALFORMED),
        (stream(), ErrorKind.MALFORMED),
        (b": PROCESSING\n\n", ErrorKind.MALFORMED),
    ],
)
def test_a_stream_that_broke_off_or_ends_in_an_error_is_no_answer(body, kind):
    assert read_reply(body).kind is kind


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "delta", "content", "tool_calls", "function", "index", "error", "usage", "type"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(ANY, max_size=4))
def test_whatever_a_stream_holds_reading_it_raises_nothing(events):
    assert isinstance(read_reply(stream(*events)), (Reply, Failure))


def test_a_stream_of_many_events_is_read_in_one_pass():
    body = stream(*(part(content="x" * 40) for _ in range(50_000)), part("stop"))
    assert len(read_reply(body).content) == 2_000_000

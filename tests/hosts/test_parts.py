"""An answer in parts: a paid answer is never lost, words never run together, and a thought is never the answer."""

import json

import pytest

from core.hosts.answers import Reply, read_reply, reply_of
from core.hosts.batch_lines import Wanted, custom_id, read_line
from core.hosts.decisions import choice_of, read_decision
from core.hosts.failures import Failure
from core.model import AnswerKind, Label, Task
from core.tasks import parse_answer

TASK = Task((Label("SPORTS"), Label("POLITICS")))
SAID = {"type": "text", "text": "SPORTS"}
THOUGHTS = ["thinking", "reasoning", "reasoning_text", "summary_text", "analysis", "thought", "redacted_thinking",
    "reasoning.text", "inner_monologue_thought", "scratchpad", "plan", "commentary"]  # fmt: skip
ANSWERS = [
    "SPORTS",
    ["SPORTS"],
    [None, "SPORTS"],
    [None, SAID, None],
    SAID,
    {"text": "SPORTS"},
    [{"type": "text", "text": {"value": "SPORTS", "annotations": []}}],
    [{"type": "output_text", "text": "SPORTS", "annotations": [], "logprobs": []}],
    [{"type": "text", "content": "SPORTS"}],
    [[SAID]],
    [{"type": "text", "text": None}, SAID],
    [{"type": "text", "text": [{"type": "text", "text": "SPORTS"}]}],
    [{"type": "answer", "text": "SPORTS"}],
    [{"type": "message_text", "value": "SPORTS"}],
    {"label": "SPORTS"},
    [{"label": "SPORTS"}],
    {"text": "POLITICS today", "category": "SPORTS"},
    [{"type": "json", "json": {"label": "SPORTS"}}],
    [{"type": "tool_use", "id": "1", "name": "classify", "input": {"label": "SPORTS"}}],
    [{"type": "text", "text": '{"label": "SPO'[:10]}, {"type": "text", "text": '"SPORTS"}'}],
    [{"type": "text", "text": "The label is"}, SAID],
    [{"thought": True, "text": "POLITICS"}, {"text": "SPORTS"}],
    [{"type": "text", "channel": "analysis", "text": "POLITICS"}, {**SAID, "channel": "final"}],
    [{"type": "search_result", "text": "POLITICS"}, {"type": "widget", "text": "SPORTS"}],
    [{"type": "refusal", "refusal": None}, SAID],
]


def chat(content, **message):
    return {"choices": [{"message": {"role": "assistant", "content": content, **message}, "finish_reason": "stop"}]}


def response(content, *before, status="completed", **beside):
    message = {"type": "message", "role": "assistant", "status": status, "content": content}
    return {"object": "response", "status": status, "output": [*before, message], **beside}


def label_of(reply):
    assert isinstance(reply, Reply), reply
    return parse_answer(TASK, reply.content, reply.finish_reason, reply.refusal).said


@pytest.mark.parametrize("shape", [chat, response], ids=["chat", "responses"])
@pytest.mark.parametrize("content", ANSWERS, ids=lambda content: json.dumps(content)[:60])
def test_an_answer_is_read_however_its_parts_are_shaped(content, shape):
    assert label_of(read_reply(json.dumps(shape(content)).encode())) == "SPORTS"
    assert label_of(in_a_batch(shape(content))) == "SPORTS"


def in_a_batch(body):
    wanted = Wanted(1, 2, 3, b"0" * 16)
    line = {"custom_id": custom_id(wanted), "response": {"status_code": 200, "body": body}}
    bare = {"custom_id": custom_id(wanted), "response": body}
    found = read_line(json.dumps(line).encode()).outcome
    assert read_line(json.dumps(bare).encode()).outcome == found
    return found


@pytest.mark.parametrize("shape", [chat, response], ids=["chat", "responses"])
@pytest.mark.parametrize("kind", THOUGHTS)
def test_a_part_that_is_a_thought_is_never_the_answer(kind, shape):
    thought = {"type": kind, "text": "POLITICS"}
    assert label_of(reply_of(shape([thought, SAID]))) == "SPORTS"
    assert label_of(reply_of(shape([SAID, thought]))) == "SPORTS"
    assert reply_of(shape([thought])).content == ""
    assert reply_of(shape(thought)).content == ""


def test_words_of_two_parts_never_run_together_and_json_in_parts_stays_whole():
    several = reply_of(chat([{"type": "text", "text": "POLITICS"}, SAID]))
    assert several.content == "POLITICS\nSPORTS"
    assert parse_answer(TASK, several.content).kind is AnswerKind.SEVERAL_LABELS
    assert reply_of(chat([{"text": '{"label": '}, {"text": '"SPORTS"}'}])).content == '{"label": "SPORTS"}'


def test_a_part_that_refuses_is_a_refusal_unless_there_is_an_answer():
    refused = reply_of(chat([{"type": "refusal", "refusal": "I cannot help with that."}]))
    assert (refused.content, refused.refusal) == ("", "I cannot help with that.")
    assert reply_of(response([{"type": "refusal", "refusal": "No."}])).refusal == "No."


def test_thinking_that_comes_apart_in_parts_is_kept_whole():
    said = reply_of(chat("SPORTS", reasoning=[{"type": "reasoning.text", "text": "A team"}, None]))
    assert (said.content, said.reasoning) == ("SPORTS", "A team")


def test_responses_say_what_was_used_and_why_they_end():
    thought = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "POLITICS"}]}
    early = {"type": "message", "phase": "commentary", "content": [{"type": "output_text", "text": "POLITICS"}]}
    usage = {"input_tokens": 7, "output_tokens": 3, "input_tokens_details": {"cached_tokens": 2}}
    said = reply_of(response([{"type": "output_text", "text": "SPORTS"}], thought, early, None, usage=usage))
    assert (said.content, said.finish_reason) == ("SPORTS", "stop")
    assert (said.prompt_tokens, said.completion_tokens, said.cached_tokens) == (7, 3, 2)
    cut = reply_of(response("SPO", status="incomplete", incomplete_details={"reason": "max_output_tokens"}))
    assert cut.finish_reason == "length"
    called = reply_of({"output": [{"type": "function_call", "name": "f", "arguments": '{"label": "SPORTS"}'}]})
    assert label_of(called) == "SPORTS"


@pytest.mark.parametrize(
    "odd", [{"output": None}, {"output": [None]}, {"output": "x"}, {"choices": [None]}, {"choices": [{"message": 1}]}]
)
def test_what_is_no_answer_in_either_shape_is_malformed_or_empty_and_never_raises(odd):
    found = reply_of(odd)
    assert isinstance(found, Failure) or found.content == ""


@pytest.mark.parametrize(
    "answers",
    [
        {"type": "choice", "choice": "SPORTS"},
        [None, {"type": "choice", "choice": "SPORTS"}],
        [{"type": "reasoning", "text": "POLITICS"}, {"type": "choice", "choice": "SPORTS"}],
    ],
)
def test_a_decision_is_found_beside_what_is_none(answers):
    found = read_decision(json.dumps({"answers": answers}).encode())
    assert isinstance(found, Reply)
    assert choice_of(found.content) == ("SPORTS", None)

"""Logs of calls of models: each generation an item, scores and feedback annotations, and what has no place named."""

import json
from pathlib import Path

import pytest

from core.conversation import turns
from core.importers import further_questions, read_jsonl, recognise
from core.model import QuestionKind

ASKED = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Who wrote Faust?"}]


@pytest.fixture
def read(tmp_path: Path):
    def of(*records):
        path = tmp_path / "log.jsonl"
        path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
        table = read_jsonl(path)
        return table, [dict(zip(table.columns, row, strict=True)) for row in table.rows]

    return of


def told(row):
    found = turns(row["conversation"])
    assert found is not None
    return [(one.role, one.text) for one in found]


def scored(name, value, source="ANNOTATION", **more):
    return {"id": "s", "name": name, "source": source, "traceId": "t", **more, **value}


LANGFUSE = {
    "id": "t1",
    "name": "faq",
    "sessionId": "s1",
    "userId": "u1",
    "timestamp": "2026-01-01T00:00:00Z",
    "tags": ["beta"],
    "metadata": {"tenant": "acme", "nested": {"a": 1}},
    "input": {"messages": ASKED},
    "output": {"role": "assistant", "content": "Goethe."},
    "latency": 1.2,
    "totalCost": 0.01,
    "scores": [
        scored("correct", {"dataType": "CATEGORICAL", "stringValue": "yes"}, authorUserId="ana", comment="fine"),
        scored("helpful", {"dataType": "NUMERIC", "value": 4.0}, authorUserId="ana"),
        scored("correct", {"dataType": "BOOLEAN", "value": 0, "stringValue": "False"}, "EVAL"),
        scored("quality", {"dataType": "NUMERIC", "value": 0.83}, "EVAL"),
        scored("thumbs", {"dataType": "NUMERIC", "value": 1}, "API"),
    ],
}


def test_a_trace_of_langfuse_is_an_item_and_its_scores_are_annotations_of_whoever_gave_them(read) -> None:
    table, rows = read(LANGFUSE, LANGFUSE | {"id": "t2", "input": "Who?", "output": "Me.", "scores": []})
    assert told(rows[0]) == [("system", "Be brief."), ("user", "Who wrote Faust?"), ("assistant", "Goethe.")]
    said = {row["annotator"]: (row["correct"], row["helpful"], row["thumbs"]) for row in rows[:3]}
    assert said == {"ana": ("yes", "4", ""), "model evaluator": ("False", "", ""), "user feedback": ("", "", "1")}
    assert rows[0]["session"] == "s1" and rows[0]["metadata.tenant"] == "acme" and rows[0]["tags"] == '["beta"]'
    assert told(rows[3]) == [("user", "Who?"), ("assistant", "Me.")]
    assert table.models == {"model evaluator"}
    assert table.notes[0].startswith("Recognised as a log of calls to models: 2 items, 4 rows, 2 annotators, 1 model")
    lost = table.notes[-1]
    for what in ("latency (2)", "totalCost (2)", "comments on scores (1)", "scores “quality” with decimals (1)"):
        assert what in lost
    assert "nested metadata (2)" in lost
    found = recognise(table)
    assert found.columns.text == ("conversation",) and found.columns.annotator == "annotator"
    assert (found.kind, found.columns.labels) == (QuestionKind.SINGLE_LABEL, ("correct",))
    further = {one.column: one.kind for one in further_questions(table, found, [*found.columns.labels, "annotator"])}
    assert further["helpful"] is QuestionKind.RATING


def test_of_a_trace_with_its_steps_each_generation_is_an_item_and_the_last_has_the_scores(read) -> None:
    steps = [
        {"type": "GENERATION", "id": "g1", "model": "small", "input": ASKED, "output": "Thinking."},
        {"type": "SPAN", "id": "x", "input": "q", "output": "a"},
        {"type": "GENERATION", "id": "g2", "model": "large", "input": ASKED, "output": {"content": "Goethe."}},
    ]
    table, rows = read(LANGFUSE | {"observations": steps, "scores": LANGFUSE["scores"][:1]})
    assert [(row["id"], row["model"], row["correct"]) for row in rows] == [("g1", "small", ""), ("g2", "large", "yes")]
    assert told(rows[1])[-1] == ("assistant", "Goethe.")
    assert "steps that are no generations (1)" in table.notes[-1]


OTEL = {
    "name": "chat gpt",
    "context": {"trace_id": "t", "span_id": "s1"},
    "attributes": {
        "gen_ai.request.model": "gpt",
        "gen_ai.usage.input_tokens": 12,
        "gen_ai.system_instructions": json.dumps([{"type": "text", "content": "Be brief."}]),
        "gen_ai.input.messages": json.dumps(
            [{"role": "user", "parts": [{"type": "text", "content": "Weather?"}]},
             {"role": "assistant", "parts": [{"type": "tool_call", "id": "c", "name": "now", "arguments": {"c": 1}}]},
             {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c", "result": "rain"}]}]
        ),
        "gen_ai.output.messages": [{"role": "assistant", "parts": [{"type": "text", "content": "Rain."}]}],
    },
    "events": [
        {"name": "gen_ai.evaluation.result", "attributes": {
            "gen_ai.evaluation.name": "Relevance", "gen_ai.evaluation.score.label": "relevant",
            "gen_ai.evaluation.explanation": "it is"}},
    ],
}  # fmt: skip


def test_a_span_of_opentelemetry_is_a_conversation_with_its_tools(read) -> None:
    table, rows = read(OTEL, {"name": "db", "attributes": {"gen_ai.operation.name": "embeddings"}})
    [row] = rows
    found = told(row)
    assert [role for role, _ in found] == ["system", "user", "assistant", "tool", "assistant"]
    assert '"name": "now"' in found[2][1] and found[3][1] == "rain" and found[4][1] == "Rain."
    assert (row["annotator"], row["Relevance"]) == ("model evaluator", "relevant")
    assert row["id"] == "s1" and row["model"] == "gpt"
    assert table.notes[0].startswith("Recognised as spans of OpenTelemetry: 2 items, 1 row")
    assert "spans without messages (1)" in table.notes[-1] and "further attributes of spans (1)" in table.notes[-1]


def kv(name, value):
    return {"key": name, "value": {"stringValue": value}}


SPELLINGS = {
    "otlp": {"resourceSpans": [{"scopeSpans": [{"spans": [{"name": "chat", "spanId": "a", "attributes": [
        kv("gen_ai.prompt.0.role", "user"), kv("gen_ai.prompt.0.content", "Hi"),
        kv("gen_ai.completion.0.role", "assistant"), kv("gen_ai.completion.0.content", "Hello")]}]}]}]},
    "logged": {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"eventName": "details",
        "attributes": [kv("gen_ai.input.messages", '[{"role": "user", "parts": [{"type": "text", "content": "Hi"}]}]'),
                       kv("gen_ai.output.messages", '[{"role": "assistant", "parts": [{"content": "Hello"}]}]')]}]}]}]},
    "openinference": {"name": "llm", "attributes": {"llm": {"input_messages": [{"message": {
        "role": "user", "content": "Hi"}}], "output_messages": [{"message": {
            "role": "assistant", "content": "Hello"}}]}}},
    "columns": {"attributes.llm.input_messages": [{"message.role": "user", "message.content": "Hi", "role": "user",
                                                   "content": "Hi"}],
                "attributes.llm.output_messages": [{"role": "assistant", "content": "Hello"}]},
    "events": {"name": "chat", "attributes": {"gen_ai.system": "x"}, "events": [
        {"name": "gen_ai.user.message", "attributes": {"content": "Hi"}},
        {"name": "gen_ai.choice", "attributes": {"message": {"role": "assistant", "content": "Hello"}}}]},
    "request and response": {"request": {"messages": [{"role": "user", "content": "Hi"}]},
                             "response": {"choices": [{"message": {"role": "assistant", "content": "Hello"}}]}},
    "stored completion": {"object": "chat.completion", "messages": [{"role": "user", "content": "Hi"}],
                          "choices": [{"message": {"role": "assistant", "content": "Hello"}}]},
    "responses": {"request": {"input": "Hi", "instructions": None}, "response": {"output": [
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hello"}]}]}},
    "langsmith": {"run_type": "llm", "inputs": {"messages": [[{"kwargs": {"type": "human", "content": "Hi"}}]]},
                  "outputs": {"output": {"kwargs": {"type": "ai", "content": "Hello"}}}},
    "texts": {"input": "Hi", "output": "Hello", "trace_id": "t"},
}  # fmt: skip


LC = {"lc": 1, "type": "constructor"}
SPELLINGS |= {
    "langsmith generations": {
        "run_type": "llm",
        "inputs": {"messages": [[LC | {"id": ["schema", "HumanMessage"], "kwargs": {"content": "Hi"}}]]},
        "outputs": {"generations": [[{"text": "Hello", "type": "ChatGeneration", "message": LC | {
            "id": ["schema", "AIMessage"], "kwargs": {"content": "Hello", "type": "ai"}}}]]}},
    "langsmith texts": {"run_type": "llm", "inputs": {"prompt": "Hi"},
                        "outputs": {"generations": [[{"text": "Hello", "type": "Generation"}]]}},
    "openinference, flat": {"attributes.llm.input_messages": [{"message.role": "user", "message.content": "Hi"}],
                            "attributes.llm.output_messages": [{"message.role": "assistant", "message.contents": [
                                {"message_content.type": "text", "message_content.text": "Hello"}]}]},
    "a prompt by name": {"prompt": "greeting_v2", "messages": [{"role": "user", "content": "Hi"}],
                         "response": {"choices": [{"message": {"role": "assistant", "content": "Hello"}}]}},
}  # fmt: skip


@pytest.mark.parametrize("record", SPELLINGS.values(), ids=SPELLINGS)
def test_whatever_wrote_the_log_who_said_what_is_found(read, record) -> None:
    table, rows = read(record, record)
    assert told(rows[0]) == [("user", "Hi"), ("assistant", "Hello")], table.notes


CALL = {"id": "c", "type": "function", "function": {"name": "get", "arguments": "{}"}}
DONE = {"role": "tool", "content": '{"temp": 57}', "tool_call_id": "c"}
STEPS = {
    "responses": ([{"type": "function_call", "call_id": "c", "name": "get", "arguments": "{}"},
                   {"type": "function_call_output", "call_id": "c", "output": '{"temp": 57}'}], [CALL, DONE]),
    "langchain": ({"output": {"content": "", "type": "ai", "tool_calls": [CALL]}}, [CALL]),
    "beside": ({"output": {"content": "", "type": "ai", "additional_kwargs": {"tool_calls": [CALL]}}}, [CALL]),
    "openinference": ([{"message.role": "assistant", "message.tool_calls": [{
        "tool_call.id": "c", "tool_call.type": "function", "tool_call.function.name": "get",
        "tool_call.function.arguments": "{}"}]}], [CALL]),
}  # fmt: skip


@pytest.mark.parametrize(("output", "steps"), STEPS.values(), ids=STEPS)
def test_calls_of_tools_and_what_they_answered_stay(read, output, steps) -> None:
    _, rows = read({"run_type": "llm", "inputs": {"question": "Temp?"}, "outputs": output})
    _, call, *answers = json.loads(rows[0]["conversation"])
    assert call["role"] == "assistant" and [*call["tool_calls"], *answers] == steps


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"type": "tool_call_response", "response": {"temp": 57}}, '{"temp": 57}'),
        ({"type": "text", "content": None, "text": "57"}, "57"),
        ({"type": "tool_call_response", "result": 57}, "57"),
    ],
)
def test_a_part_says_what_it_holds_whatever_that_is(read, part, said) -> None:
    record = OTEL | {"attributes": {"gen_ai.input.messages": [{"role": "tool", "parts": [part, {"type": "blob"}]}]}}
    table, rows = read(record)
    assert told(rows[0]) == [("tool", said)] and "parts of messages without a text (1)" in table.notes[-1]


def test_what_has_no_place_in_a_conversation_is_named(read) -> None:
    answers = [{"message": {"role": "assistant", "content": text, "reasoning": "hm"}} for text in "ab"]
    record = {"prompt": "greeting_v2", "messages": ASKED, "response": {"choices": answers}, "trace_id": "t"}
    steps = {"input": "Hi", "output": [{"type": "web_search_call", "id": "w"}, {"content": "Hello"}], "trace_id": "t"}
    table, rows = read(record, steps, {"input": {"messages": ASKED, "memo": "x"}, "output": "y", "trace_id": "t"})
    assert told(rows[0])[-1] == ("assistant", "a") and told(rows[1]) == [("user", "Hi"), ("assistant", "Hello")]
    for what in ("prompt (1)", "further answers to one call (1)", "further fields of messages (1)"):
        assert what in table.notes[-1]
    assert "steps “web_search_call” (1)" in table.notes[-1] and "“memo” beside messages (1)" in table.notes[-1]


def test_scores_called_as_the_facts_of_an_item_leave_those_alone(read) -> None:
    names = ("conversation", "annotator", "model", "id")
    _, rows = read(LANGFUSE | {"model": "m", "scores": [scored(name, {"value": 1}, "API") for name in names]})
    assert told(rows[0])[-1] == ("assistant", "Goethe.")
    assert (rows[0]["annotator"], rows[0]["model"], rows[0]["id"]) == ("user feedback", "m", "t1")
    assert [rows[0][f"score.{name}"] for name in names] == ["1"] * 4


@pytest.mark.parametrize("values", [(3, True), (True, 3)])
def test_a_score_that_is_a_number_here_and_a_truth_there_is_a_label(read, values) -> None:
    table, rows = read(*({"input": "Hi", "output": f"n {n}", "scores": {"ok": one}} for n, one in enumerate(values)))
    assert [row["ok"] for row in rows] == [str(one).lower() for one in values]
    assert {one.name: one.kind for one in table.answers} == {"ok": QuestionKind.SINGLE_LABEL}


@pytest.mark.parametrize(
    ("feedback", "said"),
    [
        ({"feedback": "good"}, ("feedback", "good")),
        ({"feedback": {"score": 1, "comment": "x"}}, ("feedback", "1")),
        ({"user_feedback": True}, ("user_feedback", "true")),
        ({"scores": {"accuracy": [2]}}, ("accuracy", "2")),
        ({"feedback": [{"key": "tone", "value": "rude"}]}, ("tone", "rude")),
    ],
)
def test_feedback_of_users_is_theirs(read, feedback, said) -> None:
    _, rows = read({"input": "Hi", "output": "Hello"} | feedback)
    assert (rows[0]["annotator"], rows[0][said[0]]) == ("user feedback", said[1])


def test_a_plain_table_with_input_and_output_stays_one(read) -> None:
    table, _ = read(*({"input": f"a text {n}", "output": "AB"[n % 2], "metadata": {}} for n in range(4)))
    assert table.columns == ("input", "output", "metadata") and table.notes == ()

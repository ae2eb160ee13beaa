"""Files of conversations: those whose last answers are labels, and those that are items themselves."""

import json
from pathlib import Path

import pytest

from core.conversation import turns
from core.importers import read_jsonl, recognise
from core.importers.columns import guess_columns
from core.model import QuestionKind

LONG = [f"Well, number {n} is something that I would rather tell you about in a whole sentence." for n in range(6)]


def exchange(n, answer):
    return [{"role": "system", "content": "Help."}, {"role": "user", "content": f"What is {n}?"}, *(
        [{"role": "assistant", "content": answer}] if answer is not None else []
    )]  # fmt: skip


@pytest.fixture
def read(tmp_path: Path):
    def of(records):
        path = tmp_path / "chats.jsonl"
        path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
        return read_jsonl(path)

    return of


SHAPES = {
    "openai": [{"messages": exchange(n, answer), "rating": n % 3} for n, answer in enumerate(LONG)],
    "sharegpt": [
        {"conversations": [{"from": "human", "value": f"What is {n}?"}, {"from": "gpt", "value": answer}], "rating": 1}
        for n, answer in enumerate(LONG)
    ],
    "trl": [
        {"prompt": exchange(n, None), "completion": [{"role": "assistant", "content": answer}], "rating": 2}
        for n, answer in enumerate(LONG)
    ],
}


@pytest.mark.parametrize("records", SHAPES.values(), ids=SHAPES)
def test_conversations_that_end_with_texts_are_items_with_all_their_messages(read, records) -> None:
    table = read(records)
    assert table.columns == ("conversation", "rating") and len(table.rows) == 6
    assert "Each is an item, with all its messages" in table.notes[0]
    told = turns(table.rows[2][0])
    assert told is not None and told[-1].role == "assistant" and told[-1].text == LONG[2]
    assert guess_columns(table).text == ("conversation",)
    assert recognise(table).columns.text == ("conversation",)


@pytest.mark.parametrize(
    ("beside", "column", "cell"),
    [
        ({"conversation": "c-17"}, "conversation_id", "c-17"),
        ({"conversation": "c-17", "conversation_id": 4}, "conversation_2", "c-17"),
        ({"contents": "a letter"}, "contents", "a letter"),
    ],
)
def test_what_is_called_like_a_conversation_and_is_none_stays_beside_it(read, beside, column, cell) -> None:
    table = read([record | beside for record in SHAPES["openai"]])
    assert table.rows[0][table.columns.index(column)] == cell
    assert turns(table.rows[0][table.columns.index("conversation")])


def test_tools_their_calls_and_what_they_gave_stay_in_the_conversation(read) -> None:
    calls = [{"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Oslo"}'}}]
    asked = [
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": None, "tool_calls": calls},
        {"role": "tool", "tool_call_id": "c1", "content": "-3"},
    ]
    said = [{"role": "assistant", "content": f"It is {n} below zero in Oslo.", "refusal": None} for n in (3, 4)]
    table = read([{"messages": [*asked, one], "tools": [{"type": "function"}]} for one in said])
    told = turns(table.rows[0][0])
    assert told is not None and [one.role for one in told] == ["user", "assistant", "tool", "assistant"]
    assert '"name": "weather"' in told[1].text and told[2].text == "-3"
    assert table.columns == ("conversation", "tools")


def test_conversations_that_wait_for_an_answer_are_items_and_single_questions_stay_texts(read) -> None:
    waiting = [{"messages": [*exchange(n, "It is a number."), {"role": "user", "content": "More?"}]} for n in range(4)]
    assert read(waiting).columns == ("conversation",)
    assert read([{"messages": exchange(n, None)} for n in range(4)]).columns == ("text", "label", "system")


@pytest.mark.parametrize("answer", [lambda n: "AB"[n % 2], lambda n: json.dumps({"spans": [n, "a long one"]}), str])
def test_answers_that_are_labels_stay_labels(read, answer) -> None:
    table = read([{"messages": exchange(n, answer(n))} for n in range(6)])
    assert table.columns[:2] == ("text", "label") and table.rows[1][0] == "What is 1?"


def test_a_label_column_beside_conversations_is_proposed_as_what_it_is(read) -> None:
    table = read([{"messages": exchange(n, one), "verdict": "good" if n % 2 else "bad"} for n, one in enumerate(LONG)])
    found = recognise(table)
    assert (found.kind, found.columns.labels) == (QuestionKind.SINGLE_LABEL, ("verdict",))


def test_pairs_about_conversations_keep_them_as_messages_and_those_about_one_question_as_text(read) -> None:
    def pair(n, before):
        answers = ({"role": "assistant", "content": f"{said} {n}"} for said in ("good", "bad"))
        return dict(zip(("chosen", "rejected"), ([*before, one] for one in answers), strict=True))

    talk = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Who?"}]
    table = read([pair(n, talk if n % 2 else talk[1:]) for n in range(6)])
    assert [len(turns(row[0])) for row in table.rows] == [1, 2] * 3
    found = recognise(table)
    assert (found.kind, found.columns.text) == (QuestionKind.PREFERENCE, ("prompt",))
    assert {row[0] for row in read([pair(n, talk[1:]) for n in range(6)]).rows} == {"Who?"}

"""Lines as each tool takes them."""

import json

from core.finetune import EXAMPLE_FORMS, PAIR_FORMS, TrainingExample, written_line, written_lines
from core.finetune.forms import strict_turns
from core.model import MediaPart, Message, Split, TextPart

ANSWER = {"role": "assistant", "content": "X"}
ASKED = (Message("system", "Choose."), Message("user", "one"), Message("assistant", "Y"), Message("user", "two"))
EXAMPLE = TrainingExample(1, ASKED, "X", ("X",), Split.TRAIN)


def line(key, example=EXAMPLE):
    return json.loads(written_line(example, EXAMPLE_FORMS[key]))


def test_each_form_has_its_own_keys_and_no_others():
    turns = [{"role": one.role, "content": one.content} for one in ASKED]
    assert line("openai") == line("together") == line("azure") == {"messages": [*turns, ANSWER]}
    assert line("trl") == {"prompt": turns, "completion": [ANSWER]}
    speakers = [turn["from"] for turn in line("sharegpt")["conversations"]]
    assert speakers == ["system", "human", "gpt", "human", "gpt"]


def test_azure_alone_begins_with_a_byte_order_mark_and_an_empty_file_has_none():
    marked = {key for key, form in EXAMPLE_FORMS.items() if written_lines([EXAMPLE], form).startswith("\ufeff")}
    assert marked == {"azure"} and written_lines([EXAMPLE], EXAMPLE_FORMS["azure"]).count("\ufeff") == 1
    assert {written_lines([], form) for form in (*EXAMPLE_FORMS.values(), *PAIR_FORMS.values())} == {""}


def test_strict_turns_alternate_and_lose_no_word():
    picture = (TextPart("look"), MediaPart(f"media:{'0' * 64}.png"))
    told = [
        Message("system", "a"), Message("user", "b"), Message("tool", "c"), Message("assistant", "d"),
        Message("user", picture), Message("system", "e"),
    ]  # fmt: skip
    turns = strict_turns(told)
    assert [turn["role"] for turn in turns] == ["system", "user", "assistant", "user"]
    assert turns[1]["content"] == "b\n\nc"
    assert [part["type"] for part in turns[3]["content"]] == ["text", "image_url", "text"]

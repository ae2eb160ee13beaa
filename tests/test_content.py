"""What a message says in parts: where they stand, how they are sent, and where their bytes are not."""

import json

import pytest

from core.content import content_of, has_media, on_the_wire, text_of, with_bytes
from core.conversation import as_text
from core.hosts.wire import own_part
from core.model import Example, FieldShow, Item, Masking, MediaPart, Message, TextPart
from core.prompts import check_template, compile_prompt
from core.prompts.masking import Masker
from core.prompts.transcript import transcript

PICTURE, SOUND = f"media:{'a' * 64}.png", f"media:{'b' * 64}.wav"
SHOWS = {"photo": FieldShow.PICTURE, "talk": FieldShow.SOUND, "chat": FieldShow.CONVERSATION, "clip": FieldShow.FILM}
ITEM = Item(1, "a text", fields={"photo": PICTURE, "talk": SOUND, "chat": '[{"role": "user", "content": "Hi"}]'})


def asked(user, item=ITEM, system="Look."):
    return compile_prompt(system, user, (), {}, shows=SHOWS).render(item)[-1].content


def test_a_picture_stands_where_the_prompt_names_it():
    assert asked("Before {{photo}} after {{text}}") == (
        TextPart("Before "),
        MediaPart(PICTURE),
        TextPart(" after a text"),
    )
    assert asked("{{photo}}\n{{talk}}") == (MediaPart(PICTURE), MediaPart(SOUND))


def test_a_worked_example_shows_its_picture_before_its_answer():
    example = Example(2, "other", "cat", {"photo": PICTURE})
    prompt = compile_prompt("Look.", "{{photo}}", [(example, '{"label": "cat"}')], {}, shows=SHOWS)
    assert [message.role for message in prompt.fixed] == ["system", "user", "assistant"]
    assert prompt.fixed[1].content == (MediaPart(PICTURE),)


def test_without_a_picture_a_message_is_text_as_it_always_was():
    assert asked("{{text}}: {{photo}}", Item(1, "x", fields={"photo": ""})) == "x: "
    assert own_part([Message("user", "x")]) == b'{"role":"user","content":"x"}'


def test_parts_are_sent_as_the_protocol_has_them_and_kept_by_reference():
    own = own_part([Message("user", asked("See {{photo}} hear {{talk}}"))])
    assert b"base64" not in own and has_media(own)
    sent = json.loads(with_bytes(own, {PICTURE: b"picture", SOUND: b"sound"}.__getitem__))["content"]
    assert sent == [
        {"type": "text", "text": "See "},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,cGljdHVyZQ=="}},
        {"type": "text", "text": " hear "},
        {"type": "input_audio", "input_audio": {"data": "c291bmQ=", "format": "wav"}},
    ]


@pytest.mark.parametrize("text", [PICTURE, f'"url":"{PICTURE}"', f'{{"url":"{PICTURE}"}}'])
def test_what_somebody_wrote_is_never_taken_for_a_file(text):
    body = own_part([Message("user", (TextPart(text), TextPart("x")))])
    assert with_bytes(body, lambda _: pytest.fail("nothing is to be read")) == body


def test_an_item_that_misses_a_field_of_two_shows_the_other():
    assert asked("{{photo}} {{talk}}", Item(1, "", fields={"photo": PICTURE, "talk": ""})) == (MediaPart(PICTURE),)


def test_text_is_joined_and_what_is_blank_left_out():
    assert content_of(["a", "b"]) == "ab"
    parts = content_of(["a", "b", MediaPart(PICTURE), " \n"])
    assert parts == (TextPart("ab"), MediaPart(PICTURE)) and text_of(parts) == "ab"
    assert on_the_wire("x") == "x"


def test_a_conversation_is_read_turn_by_turn():
    assert asked("{{chat}}") == "User: Hi"
    told = json.dumps([{"from": "human", "value": "Hi"}, {"from": "gpt", "value": [{"text": "Hello"}]}])
    assert transcript(told) == "Human: Hi\n\nGpt: Hello"


CALLS = [{"id": "c", "type": "function", "function": {"name": "get", "arguments": "{}"}}]


@pytest.mark.parametrize(
    "turn",
    [
        {"role": "assistant", "content": None, "tool_calls": CALLS},
        {"role": "assistant", "content": "I look.", "tool_calls": CALLS},
        {"from": "assistant", "value": "", "function_call": CALLS[0]["function"]},
        {"role": "assistant", "content": [{"type": "text", "text": "I look."}, {"type": "tool_use", "name": "get"}]},
    ],
)
def test_a_model_is_told_the_calls_of_tools_that_people_see(turn):
    told = json.dumps([turn])
    assert '"name": "get"' in transcript(told)
    assert transcript(told) == as_text(told)


@pytest.mark.parametrize("told", ["", "no JSON", "[]", "[1]", '{"a": 1}', '[{"content": "x"}]', "[" * 100_000])
def test_what_is_no_conversation_stays_as_it_is(told):
    assert transcript(told) == told


@pytest.mark.parametrize(
    ("system", "user", "said"),
    [
        ("{{photo}}", "{{text}}", "is a picture: put it in the user message"),
        ("", "{{clip}}", "is a film, which models cannot be sent"),
        ("", "nothing of the item", "{{text}} is missing"),
    ],
)
def test_what_no_model_can_be_shown_is_said_while_the_prompt_is_written(system, user, said):
    problems = check_template(system, user, (), [*SHOWS], shows=SHOWS)
    assert any(said in problem.message and problem.blocks for problem in problems)


def test_a_picture_may_stand_for_the_text():
    assert not check_template("", "{{photo}}", (), [*SHOWS], shows=SHOWS)


def test_the_name_of_a_file_is_never_masked():
    number = f"media:{'0123456789' * 6}0123.png"
    masker = Masker(Masking(("phone", "card"), ("media",)), b"salt")
    assert masker.item(Item(1, "media", fields={"photo": number})).fields["photo"] == number
    assert masker.text("media") != "media"

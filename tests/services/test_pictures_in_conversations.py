"""Pictures and sounds inside the messages of a conversation: kept when imported, sent with their message, told of."""

import base64
import json
import zipfile
from typing import Any

import pytest

from core.conversation import turns
from core.message_files import with_files
from core.model import FieldShow, Masking, MediaPart, Message, TableData, TextPart
from core.prompts.masking import Masker
from core.prompts.talk import messages_in
from core.services.data.bringing import ImportChoice, ItemFilter
from core.services.data.sources import Source, read_source
from core.services.runs.running import ModelRef, RunRequest
from tests.fakes.host import says
from tests.fakes.media import picture, sound
from tests.fakes.waiting import finished

RED = picture(color="red", size=(40, 30))
URI = f"data:image/png;base64,{base64.b64encode(RED).decode()}"
TONE = base64.b64encode(sound()).decode()


def talk(*parts: Any, answer: Any = "A red square.") -> list[dict[str, Any]]:
    return [{"role": "user", "content": list(parts)}, {"role": "assistant", "content": answer}]


def text(said: str) -> dict[str, str]:
    return {"type": "text", "text": said}


SPELLINGS = {
    "OpenAI": {"type": "image_url", "image_url": {"url": URI}},
    "OpenAI's responses": {"type": "input_image", "image_url": URI},
    "Anthropic": {
        "type": "image",
        "source": {"type": "base64", "media_type": "image/png", "data": URI.partition(",")[2]},
    },
    "templates": {"type": "image", "image": URI},
}


def imported(wb, tmp_path, rows, name="talks.jsonl"):
    """A project of these records, the conversation as its text."""
    path = tmp_path / name
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    table = read_source(Source(str(path)), store=wb.media.store)
    column = next(name for name in table.columns if name.startswith("conversation") or name == "messages")
    return wb.data.import_table(table, ImportChoice("Talks", (column,), ("label",))), table


def first_item(wb, project):
    return wb.data.page(project, ItemFilter(), limit=1)[0]


@pytest.mark.parametrize("part", SPELLINGS.values(), ids=SPELLINGS)
def test_a_picture_written_into_a_message_is_stored_and_stays_in_its_place(workbench, tmp_path, part):
    rows = [
        {"messages": talk(text(f"What is this, {n}?"), part, text("Be brief.")), "label": "yn"[n % 2]} for n in range(4)
    ]
    project, _ = imported(workbench, tmp_path, rows)
    item = first_item(workbench, project)
    [user] = turns(item.text)
    before, file, behind = user.parts
    assert before.startswith("What is this") and behind == "Be brief."
    assert workbench.media.path(file.reference).read_bytes() == RED
    assert URI.partition(",")[2] not in item.text
    assert workbench.projects.get(project).layout[0].show is FieldShow.CONVERSATION


def test_a_sound_in_a_message_is_stored_too(workbench, tmp_path):
    part = {"type": "input_audio", "input_audio": {"data": TONE, "format": "wav"}}
    rows = [{"messages": talk(text(f"Say it, {n}"), part), "label": "yn"[n % 2]} for n in range(4)]
    project, _ = imported(workbench, tmp_path, rows)
    [user] = turns(first_item(workbench, project).text)
    assert workbench.media.path(user.parts[1].reference).read_bytes() == sound()


def test_what_is_no_picture_in_a_message_is_named_and_left_out(workbench, tmp_path):
    broken = {"type": "image_url", "image_url": {"url": "data:image/png;base64,bm8="}}
    rows = [{"messages": talk(text(f"What is {n}?"), broken), "label": "yn"[n % 2]} for n in range(4)]
    project, table = imported(workbench, tmp_path, rows)
    assert any("record 1" in note and "left out" in note for note in table.notes)
    [user] = turns(first_item(workbench, project).text)
    assert user.parts == () and user.text.endswith("[image_url]")


def test_a_message_finds_its_picture_in_the_zip_it_came_with(workbench, tmp_path):
    rows = [
        {"messages": talk(text(f"And {n}?"), {"type": "image", "image": "shots/red.png"}), "label": "yn"[n % 2]}
        for n in range(4)
    ]
    path = tmp_path / "talks.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("talks.jsonl", "\n".join(map(json.dumps, rows)))
        archive.writestr("shots/red.png", RED)
    table = read_source(Source(str(path)), store=workbench.media.store)
    column = table.columns[0]
    project = workbench.data.import_table(table, ImportChoice("Talks", (column,), ("label",)))
    [user] = turns(first_item(workbench, project).text)
    assert workbench.media.path(user.parts[1].reference).read_bytes() == RED


def test_a_users_picture_is_a_part_of_its_message_and_anybody_elses_is_named(workbench):
    reference = str(workbench.media.put(RED))
    shown = {"type": "image_url", "image_url": {"url": reference}}
    said = [
        {"role": "user", "content": [text("One"), shown, text("two"), text("three")]},
        {"role": "user", "content": "four"},
        {"role": "assistant", "content": [text("Here"), shown]},
        {"role": "tool", "content": [shown]},
    ]
    file = MediaPart(reference)
    assert messages_in(json.dumps(said)) == [
        Message("user", (TextPart("One"), file, TextPart("two\nthree\n\nfour"))),
        Message("assistant", "Here\n[image_url]"),
        Message("user", (TextPart("Tool: "), file)),
    ]


def test_a_host_gets_the_picture_in_the_message_it_was_shown_in(workbench, tmp_path, fake_host):
    rows = [{"messages": talk(text(f"What is {n}?"), SPELLINGS["OpenAI"]), "label": "yn"[n % 2]} for n in range(4)]
    project, _ = imported(workbench, tmp_path, rows)
    version = workbench.prompts.save(project, "Is it right? {{labels}}", "{{messages:text}}\n\nIs it red?")
    fake_host.always(says('{"label": "y"}'))
    [run] = workbench.runs.start(RunRequest(project, (version.id,), (ModelRef("openai", "gpt-4o"),), None))
    assert finished(workbench, run).done == 4
    for asked in fake_host.asked:
        _, user, last = asked.body["messages"]
        assert [part["type"] for part in user["content"]] == ["text", "image_url"]
        assert user["content"][1]["image_url"]["url"] == URI
        assert last["content"] == "Is it red?"


def test_before_a_run_it_is_said_who_may_not_see_and_that_a_transcript_shows_nothing(workbench, tmp_path):
    rows = [{"messages": talk(text(f"What is {n}?"), SPELLINGS["OpenAI"]), "label": "yn"[n % 2]} for n in range(4)]
    project, _ = imported(workbench, tmp_path, rows)
    sends = workbench.prompts.save(project, "{{labels}}", "{{messages:text}}\n\nRight?")
    tells = workbench.prompts.save(project, "{{labels}}", "{{text}}\n\nRight?")

    def notes(version, model):
        return workbench.runs.estimate(RunRequest(project, (version.id,), (ModelRef("openai", model),), None)).notes

    assert any("may not take pictures or sound" in note for note in notes(sends, "gpt-3.5-turbo"))
    assert not notes(sends, "gpt-4o")
    [told] = notes(tells, "gpt-3.5-turbo")
    assert told.startswith("The pictures and sounds in the conversations of 4 items are not sent")
    assert "{{messages:…}}" in told


@pytest.mark.parametrize("file_format", ["jsonl", "csv"])
def test_conversations_are_exported_with_what_is_shown_in_them_and_come_back_the_same(workbench, tmp_path, file_format):
    rows = [{"messages": talk(text(f"What is {n}?"), SPELLINGS["OpenAI"]), "label": "yn"[n % 2]} for n in range(4)]
    project, _ = imported(workbench, tmp_path, rows)
    assert workbench.export.has_files(project)
    path = workbench.export.build(project, "back.zip", shape="wide", file_format=file_format)
    with zipfile.ZipFile(path) as archive:
        assert len([name for name in archive.namelist() if name.startswith("media/")]) == 1
    back = read_source(Source(str(path)), store=workbench.media.store)
    again = workbench.data.import_table(back, ImportChoice("Again", ("text",), ("label:label",)))
    texts = [[one.text for one in workbench.data.page(one, ItemFilter())] for one in (project, again)]
    assert texts[0] == texts[1]


def test_a_project_of_conversations_without_files_is_exported_without(workbench, tmp_path):
    rows = [{"messages": talk(text(f"What is {n}?")), "label": "yn"[n % 2]} for n in range(4)]
    table = TableData(("chat", "label"), [(json.dumps(one["messages"]), one["label"]) for one in rows])
    assert not workbench.export.has_files(workbench.data.import_table(table, ImportChoice("T", ("chat",), ("label",))))


def test_masking_leaves_the_reference_of_a_picture_whole(workbench):
    reference = str(workbench.media.put(RED))
    said = json.dumps(talk(text("Call 030 1234567"), {"type": "image_url", "image_url": {"url": reference}}))
    masked = Masker(Masking(("phone", "card"), ("media",)), b"salt").cell(said)
    assert reference in masked and "1234567" not in masked


def test_a_conversation_without_files_stays_the_very_same():
    said = '[{"role": "user", "content": [{"type": "text",  "text": "an \\"image\\" and {\\"type\\": 4}"}]}]'
    assert with_files(said, lambda one: "changed") == said
    broken = '[{"type": "image", "image": '
    assert with_files(broken, lambda one: "changed") == broken

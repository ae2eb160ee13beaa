"""Conversations sent as messages with their roles: what a host gets, in runs, batches, files and training lines."""

import json

import pytest

from core.embedded.reading import read
from core.model import (
    AnnotatorKind,
    FieldShow,
    Item,
    Label,
    Masking,
    Message,
    Options,
    QuestionKind,
    RunStatus,
    Split,
    TableData,
    Task,
)
from core.prompts import check_template
from core.prompts.masking import Masker
from core.prompts.talk import messages_in
from core.services.common.lookup import ensure_annotator
from core.services.common.values import append
from core.services.data.bringing import ImportChoice
from core.services.hosts.drafts import HostDraft
from core.services.learning.fine_tuning import TuneRequest
from core.services.runs.running import Mode, ModelRef, RunRequest, Which
from core.storage import items, tasks
from core.storage.annotations import NewAnnotation
from core.tasks import TASKS
from tests.fakes.host import says
from tests.fakes.waiting import finished

ASK = "{{messages:text}}\n\nIs the last answer right?"
TALK = [
    {"role": "system", "content": "You are a bank."},
    {"role": "user", "content": "My card?"},
    {"role": "assistant", "content": None, "tool_calls": [{"function": {"name": "find", "arguments": "{}"}}]},
    {"role": "tool", "content": "blocked"},
    {"role": "assistant", "content": "It is blocked."},
]


def talk(number, last="assistant"):
    turns = [{"from": "human", "value": f"question {number}"}, {"from": "gpt", "value": f"answer {number}"}]
    return json.dumps(turns if last == "assistant" else turns[:1])


@pytest.fixture
def project(workbench):
    """Ten conversations, half of them labelled right, half wrong by `gold`."""
    rows = [(talk(i), "RIGHT" if i % 2 else "WRONG") for i in range(30)]
    choice = ImportChoice("Talks", ("chat",), ("gold",))
    project = workbench.data.import_table(TableData(("chat", "gold"), rows), choice)
    workbench.data.split(project)
    assert workbench.projects.get(project).layout[0].show is FieldShow.CONVERSATION
    return project


def test_roles_are_kept_and_whoever_else_speaks_is_told_by_name():
    found = messages_in(json.dumps(TALK))
    assert [message.role for message in found] == ["user", "assistant", "user", "assistant"]
    assert found[0].content == "System: You are a bank.\n\nMy card?"
    assert '"name": "find"' in found[1].content and found[2].content == "Tool: blocked"
    assert messages_in("just a text") == [Message("user", "just a text")] and messages_in("  ") == []
    assert [one.role for one in messages_in(json.dumps(TALK), leads=True)] == [
        "system",
        "user",
        "assistant",
        "user",
        "assistant",
    ]
    named = [{"speaker": "Customer", "text": "Hi"}, {"speaker": "Anna", "text": "Hello"}]
    assert messages_in(json.dumps(named)) == [Message("user", "Hi\n\nAnna: Hello")]


@pytest.mark.parametrize(
    ("system", "user", "said", "blocks"),
    [
        ("{{messages:chat}}", "{{text}}", "stands for messages of their own: put it in the user message", True),
        ("{{labels}}", "{{messages:chat}} {{messages:text}} ask", "write {{text}} for the other", True),
        ("{{labels}}", "{{messages:chat}}", "Nothing stands below {{messages:chat}}", False),
        ("{{labels}}", "{{messages:chta}} ask", "Did you mean {{messages:chat}}?", True),
    ],
)
def test_a_prompt_that_puts_a_conversation_where_it_cannot_stand_says_so(system, user, said, blocks):
    problems = check_template(system, user, ["labels"], ["chat"])
    assert any(said in one.message and one.blocks is blocks for one in problems), problems
    assert check_template("{{labels}}", "{{ messages:chat }} ask", ["labels"], ["chat"]) == []
    assert check_template("", "{{messages:text}}", [], []) == [], "free text continues the conversation"


def test_a_host_gets_the_conversation_between_the_instructions_and_the_question(workbench, project, fake_host):
    version = workbench.prompts.save(project, "Choose:\n{{labels}}", f"Read this.\n{ASK}", "as messages")
    fake_host.answer = lambda text: "RIGHT"
    [run] = workbench.runs.start(RunRequest(project, (version.id,), (ModelRef("openai", "fake-large"),), Split.TEST))
    run = finished(workbench, run)
    assert run.done == run.total and not run.errors
    sent = fake_host.asked[0].body["messages"]
    assert [one["role"] for one in sent] == ["system", "user", "user", "assistant", "user"]
    number = sent[2]["content"].removeprefix("question ")
    assert [one["content"] for one in sent[1:]] == [
        "Read this.", f"question {number}", f"answer {number}", "Is the last answer right?",
    ]  # fmt: skip
    model, before = (ModelRef("openai", "fake-large"),), len(fake_host.asked)
    again = workbench.runs.start(RunRequest(project, (version.id,), model, Split.TEST, which=Which.ALL))
    assert finished(workbench, again[0]).status is RunStatus.DONE and len(fake_host.asked) == before, "cached"


def test_the_transcript_stays_possible_and_is_another_request(workbench, project):
    messages = [
        workbench.prompts.preview(workbench.prompts.draft(project, "{{labels}}", user))
        for user in (ASK, "{{text}}\n\nIs the last answer right?")
    ]
    assert [one.role for one in messages[0]] == ["system", "user", "assistant", "user"]
    assert messages[1] == [], "a transcript is text like any other"


def test_worked_examples_tell_the_conversation_as_a_transcript(workbench, project):
    item = workbench.prompts.trial_items(project, n=1)[0]
    with workbench.db.write() as conn:
        conn.exec_driver_sql("UPDATE items SET split = 'train' WHERE id = ?", (item.id,))
    version = workbench.prompts.save(project, "{{labels}}", ASK, "shown", [item.id])
    messages = workbench.prompts.preview(version)
    assert [one.role for one in messages] == ["system", "user", "assistant", "user", "assistant", "user"]
    assert messages[1].content.startswith("Human: question") and "Is the last answer right?" in messages[1].content


def test_batch_files_and_training_lines_hold_the_same_messages(workbench, project):
    version = workbench.prompts.save(project, "{{labels}}", ASK, "v")
    [run] = workbench.runs.start(
        RunRequest(project, (version.id,), (ModelRef("openai", "fake-large"),), Split.TRAIN, mode=Mode.FILE)
    )
    work = list(map(json.loads, workbench.batches.export(run.id).path.read_text().splitlines()))
    in_batch = {json.dumps(line["body"]["messages"]) for line in work}
    gold = workbench.projects.annotators(project)[0].id
    preflight = workbench.fine_tunes.preflight(TuneRequest(project, gold, version.id))
    lines = [json.loads(line)["messages"] for line in preflight.jsonl().splitlines()]
    assert lines and {json.dumps(line[:-1]) for line in lines} <= in_batch
    assert {one.level for one in preflight.checks if one.title == "Taught as it will be asked"} == {"ok"}


def test_conversations_of_different_lengths_are_taught_by_one_prompt(workbench):
    turns = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
    told = [[*turns * (1 + n % 3), {"role": "user", "content": f"and number {n}?"}] for n in range(24)]
    rows = [(json.dumps(one), "AB"[n % 2]) for n, one in enumerate(told)]
    choice = ImportChoice("P", ("chat",), ("label",))
    project = workbench.data.import_table(TableData(("chat", "label"), rows), choice)
    workbench.data.split(project)
    version = workbench.prompts.save(project, "{{labels}}", ASK, "v")
    gold = workbench.projects.annotators(project)[0].id
    checks = workbench.fine_tunes.preflight(TuneRequest(project, gold, version.id)).checks
    levels = {one.title: one.level for one in checks}
    assert levels["Taught as it will be asked"] == levels["No duplicates across splits"] == "ok"
    assert len({len(one) for one in told}) == 3


def test_a_first_prompt_of_free_text_answers_conversations_that_wait_for_an_answer(workbench):
    for last, user in (("user", "{{messages:text}}"), ("assistant", "{{text}}")):
        task = Task((), type=QuestionKind.TEXT)
        choice = ImportChoice(last, ("chat",), kind=task.type)
        rows = [(talk(i, last),) for i in range(4)]
        project = workbench.data.import_table(TableData(("chat",), rows), choice, task=task)
        assert workbench.prompts.proposal(project)[1] == user
        assert "messages:text" in workbench.prompts.variables(project)


def test_a_written_answer_becomes_the_next_message_and_masked_words_come_back(workbench, fake_host):
    rows = [
        (json.dumps([{"role": "user", "content": f'I am "a{i}@b.org"\nand lost {10**12 + i}.'}]),) for i in range(4)
    ]
    task = Task((), type=QuestionKind.TEXT)
    choice = ImportChoice("P", ("chat",), kind=task.type)
    project = workbench.data.import_table(TableData(("chat",), rows), choice, task=task)
    draft = HostDraft("Gateway", fake_host.base_url, masking=Masking(("email", "digits")))
    workbench.hosts.edit("openai", draft)
    version = workbench.prompts.save(project, *workbench.prompts.proposal(project))
    fake_host.always(says("Sorry."))
    [run] = workbench.runs.start(RunRequest(project, (version.id,), (ModelRef("openai", "fake-large"),), None))
    run = finished(workbench, run)
    sent = fake_host.asked[0].body["messages"]
    assert [one["role"] for one in sent] == ["system", "user"] and "@b.org" not in json.dumps(sent)
    assert sent[1]["content"].startswith('I am "[EMAIL_') and "\nand lost [NUMBER_" in sent[1]["content"]
    masker = Masker(Masking(("email",)), b"salt")
    item = Item(1, rows[0][0])
    placeholder = messages_in(masker.item(item).text)[0].content.split('"')[1]
    assert masker.revealed(f"Dear {placeholder}!", item) == "Dear a0@b.org!"


def test_masking_leaves_a_conversation_one_whatever_its_numbers_and_escapes():
    masker = Masker(Masking(("email", "digits", "phone")), b"salt")
    told = json.dumps(
        [{"role": "user", "content": "x\nann@b.org", "id": 4915123456789}, {"role": "assistant", "content": "ok"}]
    )
    assert [one.role for one in messages_in(masker.cell(told))] == ["user", "assistant"]
    assert masker.cell(told) != told and "ann@b.org" not in masker.cell(told)
    plain = json.dumps([{"role": "user", "content": "nothing"}], indent=2)
    assert masker.cell(plain) is plain, "what has nothing to mask keeps its every sign"


def test_the_embedded_host_takes_a_conversation_for_its_text_and_no_example():
    messages = [
        {"role": "system", "content": "Choose one:\n- RIGHT\n- WRONG"},
        {"role": "user", "content": "How far is the moon?"},
        {"role": "assistant", "content": "Far away."},
        {"role": "user", "content": "Is the last answer right?"},
    ]
    found = read(messages, ["RIGHT", "WRONG"])
    assert found.examples == () and "User: How far is the moon?\n\nAssistant: Far away." in found.text
    messages[2]["content"] = '{"label": "RIGHT"}'
    assert read(messages, ["RIGHT", "WRONG"]).examples == (("How far is the moon?", "RIGHT"),)


def test_preference_pairs_ask_with_the_conversation_and_leave_out_what_ends_with_an_answer(workbench):
    outcomes = (Label("A", score=1.0), Label("tie", score=0.0), Label("B", score=-1.0))
    task = Task(outcomes, type=QuestionKind.PREFERENCE, options=Options(candidates=("one", "two")))
    rows = [(talk(i, "assistant" if i == 1 else "user"), f"good {i}", f"bad {i}") for i in range(4)]
    choice = ImportChoice("P", ("chat",), kind=task.type, candidates=("one", "two"))
    project = workbench.data.import_table(TableData(("chat", "one", "two"), rows), choice, task=task)
    version = workbench.prompts.save(project, *workbench.prompts.proposal(project))
    with workbench.db.write() as conn:
        conn.exec_driver_sql("UPDATE items SET split = 'train'")
    with workbench.db.write() as conn:
        who, stored = ensure_annotator(conn, project, AnnotatorKind.PERSON, "ann"), tasks.task(conn, project)
        kind = TASKS[task.type]
        value = kind.canonical(kind.value_of(stored, "A"))
        append(conn, project, [NewAnnotation(one, who, value) for one in items.ids_in(conn, project, None)])
    preflight = workbench.fine_tunes.preflight(TuneRequest(project, who, version.id, method="dpo"))
    lines = list(map(json.loads, preflight.jsonl().splitlines()))
    assert [line["input"]["messages"] for line in lines] == [
        [{"role": "user", "content": f"question {i}"}] for i in (0, 2, 3)
    ]
    assert "1 request that does not end with a user's message" in next(
        one.finding for one in preflight.checks if one.title == "Left out"
    )

"""One question to one model, against a real server on loopback."""

import asyncio
import json
from dataclasses import replace

import pytest

from core.errors import WorkbenchError
from core.hosts.addresses import Connection
from core.hosts.chat import ChatClient
from core.hosts.wire import Asking, Manner, Reply
from core.model import AnswerKind, ErrorKind, Item, Label, Masking, Task
from core.prompts.masking import Masker
from core.services.asking.asker import Asker
from tests.fakes.host import fails, says
from tests.fakes.worlds import TASK

CONFIG = {
    "system": "Choose one of:\n{{labels}}",
    "user": "{{text}}",
    "examples": [{"item_id": 9, "text": "law 9", "label": "POLITICS", "fields": {}}],
    "labels": [{"id": n, "name": label.name, "description": label.description} for n, label in enumerate(TASK.labels)],
    "fallback": {"id": 7, "name": TASK.fallback.name, "description": ""},
    "guidelines": "",
    "base_url": "https://host.invalid/v1",
}
TEAM, LAW = Item(1, "team 1"), Item(2, "law 2")


BEST = Manner()


def asker(client=None, model="m", manner=BEST, masker=None, **config):
    return Asker(client, model, {**CONFIG, **config}, manner, masker)


async def asked(host, *items, **choices):
    """The asker, and what it made of each item, all asked at once."""
    async with ChatClient(Connection(host.base_url, ""), timeout_seconds=5.0) as client:
        one = asker(client, **choices)
        return one, await asyncio.gather(*(one.ask(one.request(item)) for item in items))


# what is sent


async def test_what_is_sent_is_what_it_says_it_sends(fake_host):
    one, [answered] = await asked(fake_host, TEAM, extra={"seed": 7})
    body = fake_host.asked[0].body
    assert json.loads(one.body(one.request(TEAM))) == body
    assert body["messages"] == [{"role": m.role, "content": m.content} for m in one.messages(TEAM)]
    assert [message["content"] for message in body["messages"][1:]] == ["law 9", '{"label": "POLITICS"}', "team 1"]
    assert (body["seed"], body["temperature"]) == (7, 0)
    assert answered.parsed.said == "SPORTS"


@pytest.mark.parametrize("system", ["Choose for {{text}}.", "{{labels}} of {{kind}}", ""])
async def test_a_system_message_that_names_the_item_is_made_for_each(fake_host, system):
    item = Item(3, "team 3", fields={"kind": "news"})
    one, _ = await asked(fake_host, item, system=system)
    sent = fake_host.asked[0].body["messages"]
    assert sent == [{"role": m.role, "content": m.content} for m in one.messages(item)]
    assert sent[-1]["content"] == "team 3"


def test_a_missing_field_is_said_by_its_name():
    with pytest.raises(WorkbenchError, match="{{kind}}"):
        asker(user="{{text}} {{kind}}", examples=[]).request(TEAM)


def test_the_key_stands_for_all_that_changes_the_answer_and_nothing_else():
    first = asker()
    same = [
        first.key(first.request(TEAM)),
        first.key(first.request(replace(TEAM, id=5), ordinal=3)),
        asker().key(asker().request(TEAM)),
        asker(split="test", host_title="Elsewhere").key(asker().request(TEAM)),
    ]
    others = [
        first.key(first.request(LAW)),
        asker(model="n").key(asker().request(TEAM)),
        asker(base_url="").key(asker().request(TEAM)),
        asker(temperature=0.7).key(asker().request(TEAM)),
        asker(extra={"seed": 1}).key(asker().request(TEAM)),
        asker(examples=[]).key(asker().request(TEAM)),
        asker(system="Choose.").key(asker().request(TEAM)),
        asker(manner=Manner(logprobs=False)).key(asker().request(TEAM)),
        asker(ask="decisions").key(asker().request(TEAM)),
        asker(labels=CONFIG["labels"][:1], system="Choose.").key(asker().request(TEAM)),
    ]
    assert len(set(same)) == 1
    assert len({same[0], *others}) == 1 + len(others)
    assert len(same[0]) == 16


async def test_data_is_masked_and_the_prompt_is_not(fake_host):
    mail = "ann@example.org"
    masker = Masker(Masking(kinds=("email",)), b"salt")
    examples = [{"item_id": 9, "text": f"law by {mail}", "label": "POLITICS", "fields": {}}]
    item = Item(4, f"team of {mail}", fields={"from": mail})
    one, _ = await asked(fake_host, item, masker=masker, system=f"Ask {mail}. {{{{from}}}}", examples=examples)
    system, example, _, last = [message["content"] for message in fake_host.asked[0].body["messages"]]
    hidden = masker.text(mail)
    assert (system, example, last) == (f"Ask {mail}. {hidden}", f"law by {hidden}", f"team of {hidden}")
    assert [message.content for message in one.messages(item)][-1] == last


def test_the_masked_request_has_a_key_of_its_own():
    item = Item(4, "team of ann@example.org")
    masked = asker(masker=Masker(Masking(kinds=("email",)), b"salt"))
    assert masked.key(masked.request(item)) != asker().key(asker().request(item))


# stepping down


async def test_calls_in_flight_that_are_refused_alike_step_down_once(fake_host):
    fake_host.refuse(lambda body: "logprobs" in body, fails(400, "logprobs are not supported", param="logprobs"))
    items = [Item(n, f"team {n}") for n in range(8)]
    one, answers = await asked(fake_host, *items)
    assert [answered.parsed.said for answered in answers] == ["SPORTS"] * 8
    assert one.manner == Manner(logprobs=False)
    assert max(fake_host.counts.values()) <= 2


async def test_the_key_of_an_answer_is_that_of_the_request_it_answers(fake_host):
    fake_host.refuse(lambda body: "temperature" in body, fails(400, "no temperature here", param="temperature"))
    before = asker().key(asker().request(TEAM))
    one, [answered] = await asked(fake_host, TEAM)
    assert answered.key == one.key(one.request(TEAM)) != before


async def test_a_refusal_that_was_about_something_else_is_not_remembered(fake_host):
    fake_host.always(fails(400, "this text breaks the schema of our house"))
    one, [failure] = await asked(fake_host, TEAM)
    assert failure.kind is ErrorKind.BAD_REQUEST
    assert one.manner == Manner()
    assert len(fake_host.asked) == len(Asking)


async def test_a_way_of_asking_that_yields_nothing_usable_at_first_is_stepped_down_once(fake_host):
    fake_host.always(says("I would rather not say"))
    async with ChatClient(Connection(fake_host.base_url, "")) as client:
        one = asker(client)
        for number in range(20):
            await one.ask(one.request(Item(number, f"team {number}")))
    assert one.manner.asking is Asking.SCHEMA
    shapes = ["strict" in asked.body["response_format"]["json_schema"] for asked in fake_host.asked]
    assert shapes == [True] * 5 + [False] * 15


async def test_plain_answers_under_a_schema_are_good_enough(fake_host):
    fake_host.always(says("SPORTS"))
    fake_host.next(*[says("bananas")] * 4)
    one, _ = await asked(fake_host, *[Item(n, f"team {n}") for n in range(12)])
    assert one.manner.asking is Asking.STRICT_SCHEMA


async def asked_in_turn(host, number):
    async with ChatClient(Connection(host.base_url, "")) as client:
        one = asker(client)
        return one, [await one.ask(one.request(Item(n, f"team {n}"))) for n in range(number)]


async def test_a_shape_that_brings_nothing_but_empty_answers_is_left_for_plain_text(fake_host):
    fake_host.refuse(lambda body: "response_format" in body, says("", reasoning_content="The user wants a label."))
    one, answers = await asked_in_turn(fake_host, 12)
    assert [a.parsed.kind for a in answers] == [AnswerKind.EMPTY] * 5 + [AnswerKind.LABEL] * 7
    assert answers[0].parsed.reason == "the answer contains nothing but thinking"
    assert (one.manner.asking, one.trouble) == (Asking.PLAIN, "")


async def test_empty_answers_in_plain_text_too_are_trouble_and_no_manner_to_remember(fake_host):
    fake_host.always(says("", reasoning_content="The user wants POLITICS or so."))
    one, answers = await asked_in_turn(fake_host, 10)
    assert {a.parsed.kind for a in answers} == {AnswerKind.EMPTY}
    assert "only empty answers" in one.trouble
    assert one.manner.asking is Asking.STRICT_SCHEMA


@pytest.mark.parametrize("misplaced", ['{"label": "SPORTS"}', "SPORTS", "\n```json\n{'category': 'SPORTS'}\n```"])
async def test_a_whole_answer_that_a_server_took_for_thinking_is_read(fake_host, misplaced):
    fake_host.always(says("", reasoning_content=misplaced))
    one, [answered] = await asked(fake_host, TEAM)
    assert (answered.parsed.said, answered.parsed.kind) == ("SPORTS", AnswerKind.LABEL)
    assert one.from_cache(answered.reply.raw, answered.parsed.kind) == answered.parsed


@pytest.mark.parametrize("thought", ["I think it is SPORTS.", 'Say {"label": "SPORTS"}?', '{"label": "TENNIS"}', "no"])
async def test_a_thought_beside_an_empty_answer_is_no_answer(fake_host, thought):
    fake_host.always(says("", reasoning=thought))
    _, [answered] = await asked(fake_host, TEAM)
    assert (answered.parsed.said, answered.parsed.kind) == (TASK.fallback.name, AnswerKind.EMPTY)


async def test_an_answer_that_comes_as_the_call_of_a_tool_is_read(fake_host):
    call = {"type": "function", "function": {"name": "annotate", "arguments": '{"label": "SPORTS"}'}}
    fake_host.always(says("", tool_calls=[call]))
    _, [answered] = await asked(fake_host, TEAM)
    assert (answered.parsed.said, answered.parsed.kind) == ("SPORTS", AnswerKind.LABEL)


# what comes back


async def test_the_confidence_comes_with_its_source(fake_host):
    _, [answered] = await asked(fake_host, TEAM)
    assert (answered.confidence, answered.confidence_source) == (pytest.approx(0.8), "logprobs")
    fake_host.gives_logprobs = False
    _, [answered] = await asked(fake_host, TEAM)
    assert (answered.confidence, answered.confidence_source) == (None, None)


async def test_a_decision_is_asked_for_and_read_where_that_is_the_way(fake_host):
    fake_host.answer = lambda text: "SPORTS" if text.startswith("team") else "something else"
    _, [answered, refused] = await asked(fake_host, TEAM, LAW, ask="decisions")
    assert fake_host.asked[0].body["questions"][0]["choices"][-1] == {"value": TASK.fallback.name}
    assert (answered.parsed.said, answered.confidence, answered.confidence_source) == ("SPORTS", 0.8, "decisions")
    assert (refused.parsed.kind, refused.confidence) == (AnswerKind.REFUSED, None)


def test_a_task_with_too_many_labels_cannot_be_decided():
    many = [{"id": n, "name": f"L{n}", "description": ""} for n in range(300)]
    with pytest.raises(WorkbenchError, match="2 to 255 labels"):
        asker(ask="decisions", labels=many)


REPLIES = {
    "json": Reply('{"label": "SPORTS"}', "stop", None, 0, 0),
    "thinking apart": Reply("SPORTS", "stop", None, 0, 0, reasoning="POLITICS? No."),
    "thinking within": Reply("<think>POLITICS? No.</think>SPORTS", "stop", None, 0, 0),
    "endless thinking": Reply("<think>" + "POLITICS? " * 9_000 + "</think>SPORTS", "stop", None, 0, 0),
    "refusal": Reply("", "stop", "I cannot speak of SPORTS", 0, 0),
    "filtered": Reply("", "content_filter", None, 0, 0),
    "no label": Reply("bananas", "stop", None, 0, 0),
    "outside": Reply('{"label": "TENNIS"}', "stop", None, 0, 0),
}


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_an_answer_taken_from_the_cache_amounts_to_the_same(reply):
    one = asker()
    read = one.read(reply).parsed
    cached = one.from_cache(reply.raw, read.kind)
    assert (cached.said, cached.kind) == (read.said, read.kind)


MARKS_IN_THOUGHTS = [
    "the tag <think> opens a thought", "it says <reasoning> once", "&lt;think&gt; is a tag", "ends here [THINK]",
    "ends ◁think▷ here", "<|channel|>analysis<|message|>POLITICS?<|end|>", "a </think> POLITICS", "```thinking\nx",
    "Here is my answer: POLITICS", "Here is my thought process: x", "assistantfinal POLITICS", "x <details> y",
    "<|im_end|>", "<think>" * 3_000,
]  # fmt: skip


@pytest.mark.parametrize("content", ["SPORTS", '{"label": "SPORTS"}', "<think>POLITICS?</think>SPORTS", "bananas"])
@pytest.mark.parametrize("thought", MARKS_IN_THOUGHTS, ids=lambda thought: thought[:20])
def test_thinking_that_speaks_of_marks_swallows_no_answer_taken_from_the_cache(thought, content):
    one, reply = asker(), Reply(content, "stop", None, 0, 0, reasoning=thought)
    read = one.read(reply).parsed
    cached = one.from_cache(reply.raw, read.kind)
    assert (cached.said, cached.kind) == (read.said, read.kind)


def test_an_answer_kept_with_marks_within_its_thinking_is_still_read():
    kept = "<think>the tag <think> opens a thought</think>\nSPORTS"
    assert asker().from_cache(kept, "label").said == "SPORTS"
    assert asker().from_cache(kept, "empty").kind is AnswerKind.EMPTY


async def test_a_decision_taken_from_the_cache_amounts_to_the_same(fake_host):
    one, [answered] = await asked(fake_host, TEAM, ask="decisions")
    assert one.from_cache(answered.reply.raw, "label") == answered.parsed


def test_labels_of_the_task_are_what_was_frozen():
    frozen = asker().task
    assert frozen == Task(
        tuple(replace(label, id=n) for n, label in enumerate(TASK.labels)),
        Label(TASK.fallback.name, "", id=7, is_fallback=True),
    )

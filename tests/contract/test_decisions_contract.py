"""The Decisions API as the installed SDK knows it: our requests and our reading agree with its types and its wire."""

import json
from pathlib import Path
from typing import Any

import openai
from openai.types import Decision, decision_create_params
from openai.types.decision_create_params import DecisionCreateParams
from pydantic import TypeAdapter

from core.hosts.addresses import Connection
from core.hosts.chat import ChatClient
from core.hosts.decisions import FEWEST, MOST, choice_of
from core.hosts.wire import Manner
from core.model import Item
from core.services.asking.asker import Asker

CONFIG = {
    "ask": "decisions",
    "system": "Sort.",
    "user": "{{text}}",
    "examples": [{"item_id": 9, "text": "law", "label": "POLITICS", "fields": {}}],
    "labels": [
        {"id": 1, "name": "SPORTS", "description": "games and teams"},
        {"id": 2, "name": "POLITICS", "description": ""},
    ],
    "fallback": {"id": 3, "name": "NONE", "description": "neither"},
    "guidelines": "",
    "base_url": "https://host.invalid/v1",
}
ASKER = Asker(None, "gpt-6-luna", CONFIG, Manner(), None)
BODY = json.loads(ASKER.body(ASKER.request(Item(1, "team 1 wins"))))
"""What a run sends."""


def through_the_sdk(base_url: str) -> Decision:
    client = openai.OpenAI(base_url=base_url, api_key="none", max_retries=0)
    return client.decisions.create(model=BODY["model"], input=BODY["input"], questions=BODY["questions"])


def test_the_body_is_what_the_sdk_s_types_allow():
    checked: Any = TypeAdapter(DecisionCreateParams).validate_python(BODY)
    # Pydantic reads the iterables lazily; listing them checks each part.
    assert [dict(message) for message in checked["input"]] == BODY["input"]
    assert [list(question["choices"]) for question in checked["questions"]] == [
        [{"value": "SPORTS", "description": "games and teams"}, {"value": "POLITICS"}]
        + [{"value": "NONE", "description": "neither"}]
    ]


async def test_the_sdk_and_our_client_send_the_same(fake_host):
    through_the_sdk(fake_host.base_url)
    async with ChatClient(Connection(fake_host.base_url, "")) as client:
        await client.decide(BODY)
    theirs, ours = [asked.body for asked in fake_host.asked]
    assert theirs == ours == BODY


async def test_the_sdk_and_our_client_read_the_same(fake_host):
    theirs = through_the_sdk(fake_host.base_url)
    async with ChatClient(Connection(fake_host.base_url, "")) as client:
        ours = await client.decide(BODY)
    answer = theirs.answers[0]
    assert answer.type == "choice"
    by_value = {p.value: p.probability for p in answer.probabilities}
    assert choice_of(ours.content) == (answer.choice, by_value[answer.choice]) == ("SPORTS", 0.8)
    told = (ours.prompt_tokens, ours.completion_tokens, ours.cached_tokens)
    assert told == (
        theirs.usage.input_tokens,
        theirs.usage.output_tokens,
        theirs.usage.input_tokens_details.cached_tokens,
    )


async def test_a_refusal_is_one_for_both(fake_host):
    fake_host.answer = lambda text: "not offered"
    assert through_the_sdk(fake_host.base_url).answers[0].type == "refusal"
    async with ChatClient(Connection(fake_host.base_url, "")) as client:
        assert (await client.decide(BODY)).refusal == "no choice was made"


def test_the_bounds_on_the_number_of_choices_are_those_the_sdk_states():
    source = Path(decision_create_params.__file__).read_text(encoding="utf-8")
    assert f"between {FEWEST} and {MOST} choices" in source

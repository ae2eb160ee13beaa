"""What is sent for a task of one question with one label stays, byte for byte, and with it the key of the cache.

Were either to change, every answer that somebody has paid for would be asked and paid for again.
"""

import pytest

from core.hosts.wire import Asking, Manner
from core.model import Item
from core.services.asking.asker import Asker

CONFIG = {
    "base_url": "https://api.example.com/v1",
    "system": "Guidelines: {{guidelines}}\nChoose one of:\n{{labels}}\nthat is {{label_names}}",
    "user": "{{text}} of {{year}}",
    "examples": [{"item_id": 9, "text": "law 9", "label": "POLITICS", "fields": {"year": "2024"}}],
    "labels": [
        {"id": 11, "name": "SPORTS", "description": "games and teams"},
        {"id": 12, "name": "POLITICS", "description": ""},
    ],
    "fallback": {"id": 17, "name": "UNABLE_TO_CLASSIFY", "description": ""},
    "guidelines": "By subject.",
    "task_type": "single_label",
}
ITEM = Item(1, "team „1“", fields={"year": "2025"})
_LINES = (
    r"Guidelines: By subject.\nChoose one of:\n- SPORTS: games and teams\n- POLITICS\n"
    r"- UNABLE_TO_CLASSIFY: only if none of the labels above fits\n"
    r"that is - SPORTS\n- POLITICS\n- UNABLE_TO_CLASSIFY"
)
_MESSAGES = (
    r'[{"role":"system","content":"' + _LINES + r'"},'
    r'{"role":"user","content":"law 9 of 2024"},{"role":"assistant","content":"{\"label\": \"POLITICS\"}"},'
    r'{"role":"user","content":"team „1“ of 2025"}]'
)
_SCHEMA = (
    '{"type":"object","properties":{"label":{"type":"string","enum":["SPORTS","POLITICS","UNABLE_TO_CLASSIFY"]}},'
    '"required":["label"],"additionalProperties":false}'
)
_CHAT = '{"model":"m","messages":' + _MESSAGES + ',"temperature":0,'
_LOGPROBS = '"logprobs":true,"top_logprobs":10}'
_NAMED = '"json_schema":{"name":"annotation","schema":' + _SCHEMA
SENT = {
    Asking.STRICT_SCHEMA: (
        _CHAT + '"response_format":{"type":"json_schema",' + _NAMED + ',"strict":true}},' + _LOGPROBS,
        "e82885af8a3622e284018fb835583362",
    ),
    Asking.SCHEMA: (
        _CHAT + '"response_format":{"type":"json_schema",' + _NAMED + "}}," + _LOGPROBS,
        "e632fc61d520a83d3277b32449238292",
    ),
    Asking.JSON_OBJECT: (
        _CHAT + '"response_format":{"type":"json_object"},' + _LOGPROBS,
        "7c8ebda21f615e513eb169c5197a488f",
    ),
    Asking.PLAIN: (_CHAT + _LOGPROBS, "a88826c81bf723100381476cd84ab9a8"),
}
DECIDED = (
    '{"model":"m","input":' + _MESSAGES + ',"questions":[{"type":"choice","name":"label",'
    '"instructions":"Which label fits the last user message?","choices":[{"value":"SPORTS",'
    '"description":"games and teams"},{"value":"POLITICS"},{"value":"UNABLE_TO_CLASSIFY"}]}]}'
)


def sent(asker):
    request = asker.request(ITEM)
    return asker.body(request).decode(), asker.key(request).hex()


@pytest.mark.parametrize("asking", Asking)
def test_a_chat_request_is_what_it_was_to_the_byte(asking):
    assert sent(Asker(None, "m", CONFIG, Manner(asking=asking))) == SENT[asking]


def test_a_decision_is_asked_for_as_it_was_to_the_byte():
    assert sent(Asker(None, "m", {**CONFIG, "ask": "decisions"}, Manner())) == (
        DECIDED,
        "8cd17672f486b6649bd03e8ecc76ae32",
    )

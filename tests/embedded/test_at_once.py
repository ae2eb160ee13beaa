"""Several questions in one answer of the embedded host, each as it would be answered alone."""

import json

import pytest

from core.embedded.errors import ApiError
from core.embedded.formats import Format
from core.embedded.server import Host
from core.embedded.shapes import SetShape, SeveralShape, SpanShape, read_shape
from tests.embedded.training import ask, response_format

pytestmark = pytest.mark.encoder

TOPICS, MOODS = ["SPORTS", "POLITICS", "FOOD"], ["joyful", "angry", "afraid"]
SYSTEM = """You answer several questions.

- SPORTS: games, teams, athletes and matches
- POLITICS: elections, laws, parliament and governments
- FOOD: cooking, recipes and restaurants
"""


def part(**properties):
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


TOPIC = part(label={"type": "string", "enum": TOPICS})
MOOD = part(labels={"type": "array", "items": {"type": "string", "enum": MOODS}})
PEOPLE = part(
    spans={
        "type": "array",
        "items": part(
            quote={"type": "string"}, label={"type": "string", "enum": ["PERSON"]}, occurrence={"type": "integer"}
        ),
    }
)


@pytest.fixture
def host(tmp_path, encoder):
    return Host(tmp_path, encoder)


def test_a_schema_of_several_questions_is_read_question_by_question():
    shape = read_shape(response_format(topic=TOPIC, mood=MOOD, people=PEOPLE))
    assert isinstance(shape, SeveralShape)
    assert [(name, type(one)) for name, one in shape.parts] == [
        ("topic", Format),
        ("mood", SetShape),
        ("people", SpanShape),
    ]


def test_questions_within_questions_are_refused():
    with pytest.raises(ApiError, match="questions within questions"):
        read_shape(response_format(all=part(topic=TOPIC)))


async def test_each_question_is_answered_as_if_it_were_asked_alone(host):
    text = "The striker scored twice in the football match"
    choice = await ask(host, SYSTEM, text, response_format(topic=TOPIC, mood=MOOD, people=PEOPLE))
    together = json.loads(choice["message"]["content"])
    alone = {
        name: json.loads((await ask(host, SYSTEM, text, response_format(**one["properties"])))["message"]["content"])
        for name, one in (("topic", TOPIC), ("mood", MOOD), ("people", PEOPLE))
    }
    assert together == alone and together["topic"] == {"label": "SPORTS"}

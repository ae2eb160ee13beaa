"""A model that is taught several questions at once: one head a question, asked and answered as one."""

import csv
import io
import json

import numpy as np
import pytest

from core.embedded.dataset import InvalidFile
from core.embedded.errors import ApiError
from core.embedded.heads.joint import JointHead
from core.embedded.heads.saved import read_head, write_head
from core.embedded.marked_text import occurrence_of, place_of
from core.embedded.server import Host
from tests.embedded.conftest import DATA
from tests.embedded.training import ask, ask_all, line, response_format, taught

pytestmark = pytest.mark.encoder

TOPICS, MOODS, LEVELS = ["SPORTS", "POLITICS"], ["joyful", "angry", "afraid"], ["1 dull", "2 fair", "3 gripping"]
SYSTEM = """You answer several questions about an item.

## Topic

What it is about:

- SPORTS: games and teams
- POLITICS: elections and laws

Its property: "topic": {"label": "…"}

## Mood

All that it conveys:

- joyful: somebody is glad
- angry: somebody is cross
- afraid: somebody fears

Its property: "mood": {"labels": ["…"]}

## Grip

How gripping it is:

- 1 dull: nobody reads on
- 2 fair: some do
- 3 gripping: all do

Its property: "grip": {"level": "…"}"""


def part(**properties):
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def one_of(names):
    return {"type": "string", "enum": list(names)}


def some_of(names):
    return {"type": "array", "items": one_of(names)}


SHAPE = response_format(
    topic=part(label=one_of(TOPICS)), mood=part(labels=some_of(MOODS)), grip=part(level=one_of(LEVELS))
)
ABOUT = {"SPORTS": "the team won the football match", "POLITICS": "parliament passed the new tax law"}
FELT = {"joyful": "to cheers and laughter", "angry": "to furious shouting", "afraid": "amid fear and panic"}


def lines(number=24, **more):
    """Items whose topic, mood and grip can all be read off their words; politics is never asked how gripping it is."""
    made = []
    for place in range(number):
        topic, mood = TOPICS[place % 2], MOODS[place % 3]
        answer = {"topic": {"label": topic}, "mood": {"labels": [mood]}}
        if topic == "SPORTS":
            answer["grip"] = {"level": LEVELS[place % 3]}
        made.append(line(answer | more, f"{ABOUT[topic]} {FELT[mood]} on day {place}", SYSTEM))
    return made


@pytest.fixture
def host(tmp_path, encoder):
    return Host(tmp_path, encoder)


async def answered(host, text, model, shape=SHAPE):
    return json.loads((await ask(host, SYSTEM, text, shape, model))["message"]["content"])


async def test_one_model_answers_all_questions_it_was_taught_in_one_answer(host):
    model = await taught(host, lines(48))
    for topic, mood in (("SPORTS", "angry"), ("POLITICS", "joyful")):
        said = await answered(host, f"{ABOUT[topic]} {FELT[mood]} last night", model)
        assert list(said) == ["topic", "mood", "grip"]
        assert said["topic"] == {"label": topic} and said["mood"] == {"labels": [mood]}
        assert said["grip"]["level"] in LEVELS


async def test_without_a_schema_it_answers_in_the_form_it_was_taught(host):
    model = await taught(host, lines())
    for shape in (None, {"type": "json_object"}):
        said = await answered(host, f"{ABOUT['SPORTS']} {FELT['afraid']}", model, shape)
        assert {name: list(value) for name, value in said.items()} == {
            "topic": ["label"],
            "mood": ["labels"],
            "grip": ["level"],
        }


async def test_part_of_what_it_was_taught_can_be_asked_and_nothing_else(host):
    model = await taught(host, lines())
    some = response_format(mood=part(labels=some_of(MOODS)), topic=part(label=one_of(TOPICS)))
    assert list(await answered(host, ABOUT["SPORTS"], model, some)) == ["mood", "topic"]
    other = response_format(topic=part(label=one_of(TOPICS)), tone=part(label=one_of(MOODS)))
    with pytest.raises(ApiError, match="trained to answer 'topic', 'mood', 'grip', and not 'tone'"):
        await answered(host, ABOUT["SPORTS"], model, other)
    with pytest.raises(ApiError, match="several questions at once"):
        await answered(host, ABOUT["SPORTS"], model, response_format(label=one_of(TOPICS)))


async def test_each_token_of_each_answer_tells_how_sure_the_model_was(host):
    model = await taught(host, lines())
    choice = await ask(host, SYSTEM, ABOUT["SPORTS"], SHAPE, model, logprobs=True, top_logprobs=5)
    tokens = choice["logprobs"]["content"]
    assert "".join(token["token"] for token in tokens) == choice["message"]["content"]
    offered = {option["token"] for token in tokens for option in token["top_logprobs"]}
    assert {*TOPICS, *MOODS, *LEVELS} <= offered


async def test_a_saved_model_answers_as_before_it_was_saved(host):
    model = await taught(host, lines())
    file, head = io.BytesIO(), host.models.find(model)
    write_head(head, file)
    file.seek(0)
    again = read_head(file)
    assert isinstance(again, JointHead) and list(again.parts) == ["topic", "mood", "grip"]
    for name, own in head.parts.items():
        assert type(again.parts[name]) is type(own) and again.parts[name].labels == own.labels
        np.testing.assert_array_equal(again.parts[name].weights, own.weights)


@pytest.mark.parametrize(
    "made, why",
    [
        (lines()[:8] + lines()[:4], "The question 'grip': 6 examples answer it; at least 10 are needed"),
        (lines(24, note={"label": "x"}), "The question 'note': every example has the label 'x'"),
        (lines(24, summary="It says so."), "The answers to 'summary' are free text"),
        (lines(24, more={"deep": {"label": "x"}}), "'more' holds questions within a question"),
        (
            [*lines(), line("SPORTS", "a text", SYSTEM)],
            "Line 25: the answer is no JSON object with a property for each",
        ),
        ([*lines(), line({"topic": {"label": ""}, "mood": {"labels": 3}}, "a", SYSTEM)], "Line 25: the answer is not"),
    ],
)
async def test_what_cannot_be_learned_is_said_with_the_question_or_the_line(host, made, why):
    with pytest.raises(InvalidFile, match=why):
        await taught(host, made)


FEELINGS = {
    "positive": "admiration amusement approval caring desire excitement gratitude joy love optimism pride relief",
    "negative": "anger annoyance disappointment disapproval disgust embarrassment fear grief nervousness "
    "remorse sadness",
    "ambiguous": "confusion curiosity realization surprise",
    "neutral": "neutral",
}
"""The emotions by what they have in common, as those who published the comments group them."""


def comments():
    """Real comments with the emotions that people found in them, and whether these are good or bad ones."""
    path = DATA / "goemotions_dev.csv"
    if not path.is_file():
        pytest.skip(f"{path} is absent")
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            emotions = sorted(row["labels"].split("|"))
            feelings = {name for name, group in FEELINGS.items() if {*emotions} & {*group.split()}}
            if len(feelings) == 1:
                yield row["text"], emotions, feelings.pop()


@pytest.mark.slow
async def test_each_of_its_questions_gains_on_real_comments(host):
    rows = list(comments())
    names = sorted({name for _, said, _ in rows for name in said})
    listed = {"emotions": names, "feeling": list(FEELINGS)}
    system = "You answer several questions about a comment.\n\n" + "\n\n".join(
        f'## {key}\n\nThe labels:\n\n{chr(10).join(f"- {name}" for name in names)}\n\nIts property: "{key}": …'
        for key, names in listed.items()
    )
    shape = response_format(
        emotions=part(labels=some_of(names) | {"minItems": 1}), feeling=part(label=one_of(FEELINGS))
    )
    train, test = rows[:600], rows[-300:]

    async def scores(model):
        found = [json.loads(one) for one in await ask_all(host, system, [text for text, _, _ in test], shape, model)]
        sets = [({*one["emotions"]["labels"]}, {*said}) for one, (_, said, _) in zip(found, test, strict=True)]
        right = [one["feeling"]["label"] == said for one, (_, _, said) in zip(found, test, strict=True)]
        return np.array([np.mean([len(a & b) / len(a | b) for a, b in sets]), np.mean(right)])

    untrained = await scores("minilm-l6")
    answers = ({"emotions": {"labels": said}, "feeling": {"label": one}} for _, said, one in train)
    made = [line(answer, text, system) for answer, (text, _, _) in zip(answers, train, strict=True)]
    tuned = await scores(await taught(host, made))
    print(f"mean Jaccard of emotions, share of right feelings: untrained {untrained}, tuned {tuned}")
    # A standard error of about 0.03 at most, each.
    assert (tuned > untrained + 0.1).all()


def offences():
    """Real comments with how many of those who read each found something toxic, and what the first who did marked."""
    paths = [DATA / f"toxic_spans_{name}.csv" for name in ("comments", "annotations", "spans")]
    if not all(path.is_file() for path in paths):
        pytest.skip(f"{paths[0]} is absent")
    texts, annotations, spans = (list(csv.DictReader(path.open(encoding="utf-8", newline=""))) for path in paths)
    marked, votes, first = {}, {}, {}
    for one in spans:
        marked.setdefault(one["annotation"], set()).add((int(one["start"]), int(one["end"])))
    for one in annotations:
        votes.setdefault(one["comment_id"], []).append(one["not toxic"] != "True")
        if one["annotation"] in marked:
            first.setdefault(one["comment_id"], one["annotation"])
    for row in texts:
        if (found := votes.get(row["comment_id"])) and len(row["comment_text"]) < 200:
            share = sum(found) / len(found)
            level = HARM[0 if share == 0 else 3 if share == 1 else 1 if share <= 0.5 else 2]
            yield row["comment_text"], level, sorted(marked.get(first.get(row["comment_id"]), ()))


HARM = ["0 harmless", "1 doubtful", "2 toxic for most", "3 toxic for all"]
HARM_TOLD = f"""You answer several questions about a comment.

## Harm

How toxic it is, one of these levels:

{chr(10).join(f"- {level}" for level in HARM)}

Its property: "harm": {{"level": "…"}}

## Words

Mark the words that are TOXIC as spans:

- TOXIC: insults, threats, obscene words

Its property: "words": {{"spans": [{{"quote": "…", "label": "…", "occurrence": 1}}]}}"""


def quoted(text, spans):
    return [{"quote": text[a:b], "label": "TOXIC", "occurrence": occurrence_of(a, b, text)} for a, b in spans]


@pytest.mark.slow
async def test_a_level_and_spans_of_real_comments_are_learned_together(host):
    rows = list(offences())
    train, test = rows[:400], rows[-200:]
    span = part(quote={"type": "string"}, label=one_of(["TOXIC"]), occurrence={"type": "integer"})
    shape = response_format(harm=part(level=one_of(HARM)), words=part(spans={"type": "array", "items": span}))

    async def scores(model):
        found = await ask_all(host, HARM_TOLD, [text for text, _, _ in test], shape, model)
        apart, both, every = [], 0, 0
        for one, (text, level, spans) in zip(map(json.loads, found), test, strict=True):
            apart.append(abs(HARM.index(one["harm"]["level"]) - HARM.index(level)))
            marks = {place_of(m["quote"], m["occurrence"], text) for m in one["words"]["spans"]}
            both, every = both + len(marks & {*spans}), every + len(marks) + len(spans)
        return float(np.mean(apart)), 2 * both / every

    answers = [{"harm": {"level": level}, "words": {"spans": quoted(text, spans)}} for text, level, spans in train]
    made = [line(answer, text, HARM_TOLD) for answer, (text, _, _) in zip(answers, train, strict=True)]
    untrained, tuned = await scores("minilm-l6"), await scores(await taught(host, made))
    print(f"levels apart, F1 of exact spans: untrained {untrained}, tuned {tuned}")
    assert tuned[0] < untrained[0] - 0.1 and tuned[1] > untrained[1] + 0.1

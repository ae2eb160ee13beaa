"""Spans: tags and quotes, untrained and tuned; the text comes back as it was."""

import asyncio
import json
import math

import numpy as np
import pytest

from core.embedded.dataset import InvalidFile
from core.embedded.heads.bio import Marked
from core.embedded.heads.spans import f1
from core.embedded.kinds.spans import labels_told, said_of, text_of
from core.embedded.marked_text import place_of, untagged
from core.embedded.server import Host
from core.embedded.shapes import SpanShape, read_shape
from core.tasks.locating.tags import tagged
from tests.embedded.conftest import DATA
from tests.embedded.training import ask, ask_all, line, response_format, taught

pytestmark = pytest.mark.encoder

LABELS = ["PER", "LOC"]
TAGS = """Mark all names of persons and places. Write the text again, and put tags around each:
<PER>..</PER> for persons, <LOC>..</LOC> for places. Change nothing else."""
QUOTES = "Quote every name of a person or a place.\n- PER: persons\n- LOC: places"
PEOPLE, PLACES = ["Ann", "Bob", "Carla", "Dimitri", "Eve"], ["Paris", "Oslo", "Lima", "Cairo", "Rome"]


def quotes_of(labels):
    entry = {"quote": {"type": "string"}, "label": {"enum": list(labels)}, "occurrence": {"type": "integer"}}
    item = {"type": "object", "properties": entry, "required": list(entry)}
    return response_format(spans={"type": "array", "items": item})


def sentences(n):
    for number in range(n):
        person, place = PEOPLE[number % 5], PLACES[number // 5 % 5]
        form = ["{} went to {} by train", "we saw {} in {} today", "yesterday {} left {}", "nobody came"][number % 4]
        text = form.format(person, place)
        marks = [Marked(text.find(w), text.find(w) + len(w), label) for w, label in ((person, "PER"), (place, "LOC"))]
        yield text, [mark for mark in marks if mark.start >= 0]


def as_quotes(text, marks):
    return {"spans": [{"quote": text[a:b], "label": label, "occurrence": 1} for a, b, label in marks]}


@pytest.fixture
def host(tmp_path, encoder):
    return Host(tmp_path, encoder)


def messages(system, text):
    return [{"role": "system", "content": system}, {"role": "user", "content": text}]


def test_a_list_of_quotes_asks_for_spans():
    shape = read_shape(quotes_of(LABELS))
    assert isinstance(shape, SpanShape) and [choice.name for choice in shape.choices] == LABELS
    assert (shape.quote, shape.label, shape.occurrence) == ("quote", "label", "occurrence")


@pytest.mark.parametrize(
    ("system", "labels"),
    [
        (TAGS, ("PER", "LOC")),
        ("Mark the spans, as in <PER>Ann</PER>. Labels:\n- PER: persons\n- LOC: places", ("PER", "LOC")),
        (
            "You mark parts with these labels:\n\n- title: names\n- a/b: both\n\n"
            "Put a tag around each, such as <title>…</title>.",
            ("title", "a/b"),
        ),
        ("Put your answer in tags: <answer>..</answer>. One of: A, B", ()),
        ("The text is in <text></text> tags. Labels:\n- A\n- B", ()),
        ("Is <b>bold</b> good or bad? Answer with one of: good, bad", ()),
    ],
)
def test_the_instructions_tell_whether_and_what_to_mark(system, labels):
    assert labels_told(messages(system, "<PER>x</PER>, mark it")) == labels


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("  Review: Ann went\n\nto Oslo. ", "  Review: Ann went\n\nto Oslo. "),
        ("<text>\n Ann \n</text>", " Ann "),
        ("Text:\nAnn", "Ann"),
    ],
)
def test_the_text_to_mark_is_taken_as_it_is(content, text):
    assert text_of(messages(TAGS, content)) == text


async def test_untrained_words_that_are_near_a_label_are_marked(host):
    system = "Mark what is told in tags: <animal>..</animal>, <food>..</food>."
    text = "  The dog 🐕 ate bread & &lt;food> cheese\r\n"
    answer = (await ask(host, system, text))["message"]["content"]
    copy, marks = untagged(answer, ["animal", "food"])
    assert copy == text
    for word, expected in (("dog", "animal"), ("bread", "food"), ("cheese", "food")):
        assert [label for a, b, label in marks if word in text[a:b]] == [expected]
    assert not any("The" in text[a:b] for a, b, _ in marks)


@pytest.fixture(scope="module")
def learned(tmp_path_factory, encoder):
    """A host with a model tuned on tags, and one tuned on quotes."""
    host = Host(tmp_path_factory.mktemp("spans"), encoder)
    lines = [(text, marks) for text, marks in sentences(60)]
    by_tags = asyncio.run(taught(host, [line(tagged(text, marks, LABELS), text, TAGS) for text, marks in lines]))
    by_quotes = asyncio.run(taught(host, [line(as_quotes(text, marks), text, QUOTES) for text, marks in lines]))
    return host, by_tags, by_quotes


async def test_a_tuned_model_answers_in_tags_and_in_quotes_whichever_it_was_taught(learned):
    host, *models = learned
    text = "👩‍👧 Ann 👍🏽 and Ann went to Oslo\r\n<PER>"
    expected = [Marked(text.find("Ann"), text.find("Ann") + 3, "PER"), Marked(text.rfind("Ann"), text.rfind("Ann") + 3, "PER"), Marked(text.find("Oslo"), text.find("Oslo") + 4, "LOC")]  # noqa: E501  # fmt: skip
    for model in models:
        by_tags = (await ask(host, TAGS, text, None, model))["message"]["content"]
        assert untagged(by_tags, LABELS) == (text, expected)
        by_quotes = json.loads((await ask(host, QUOTES, text, quotes_of(LABELS), model))["message"]["content"])
        found = [Marked(*place_of(s["quote"], s["occurrence"], text), s["label"]) for s in by_quotes["spans"]]
        assert found == expected


async def test_the_label_of_each_span_has_its_probability(learned):
    host, model, _ = learned
    for system, shape in ((TAGS, None), (QUOTES, quotes_of(LABELS))):
        choice = await ask(host, system, "Ann went to Oslo by train", shape, model, logprobs=True, top_logprobs=5)
        tokens = choice["logprobs"]["content"]
        assert "".join(token["token"] for token in tokens) == choice["message"]["content"]
        labels = [token for token in tokens if token["token"] in LABELS]
        assert [token["token"] for token in labels] == ["PER", "LOC"]
        for token in labels:
            p = [math.exp(option["logprob"]) for option in token["top_logprobs"]]
            assert len(p) == 2 and 0.5 < math.exp(token["logprob"]) == pytest.approx(max(p)) and sum(p) <= 1 + 1e-9


async def test_a_text_longer_than_the_encoders_window_is_marked_to_its_end(learned):
    host, model, _ = learned
    text = "\n".join(["we saw Ann in Oslo today", *["nobody came 🙂"] * 200, "we saw Eve in Rome today"])
    copy, marks = untagged((await ask(host, TAGS, text, None, model))["message"]["content"], LABELS)
    assert copy == text
    assert {"Ann", "Oslo", "Eve", "Rome"} <= {text[a:b] for a, b, _ in marks}


async def test_an_empty_text_has_no_spans(learned):
    host, model, _ = learned
    for text in ("", " "):
        assert (await ask(host, TAGS, text, None, model))["message"]["content"] == text
        answer = await ask(host, QUOTES, text, quotes_of(LABELS), model)
        assert json.loads(answer["message"]["content"]) == {"spans": []}


def test_the_pieces_of_a_text_are_what_its_vector_is_the_mean_of(encoder):
    text = "Zoë saw unbelievable 👍🏽 things"
    [pieces] = encoder.pieces([text])
    assert [text[a:b] for a, b in pieces.places[:3]] == ["Zoë", "saw", "unbelievable"]
    # The two special tokens are part of the mean and no pieces, so it is only nearly the same.
    mean = pieces.vectors.mean(axis=0)
    assert mean @ encoder.encode([text])[0] / np.linalg.norm(mean) > 0.95


def test_each_piece_of_a_long_text_is_read_with_what_is_around_it(encoder):
    text = " ".join(f"{word} {number}" for number in range(150) for word in ("cat", "dog"))
    [whole] = encoder.pieces([text])
    assert len(whole.places) == 600
    for start, own in ((0, slice(0, 190)), (126, slice(190, 316)), (378, slice(442, 600))):
        window = text[whole.places[start, 0] : whole.places[min(start + 254, 600) - 1, 1]]
        [alone] = encoder.pieces([window])
        shifted = slice(own.start - start, own.stop - start)
        np.testing.assert_allclose(whole.vectors[own], alone.vectors[shifted], atol=1e-4)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("<PER>Ann went", "Line 3: the tag <per> is never closed"),
        ("<PER>Ann</PER> walked", "Line 3: the answer is not the text that was asked about with tags in it"),
        ({"spans": [{"quote": "Bob", "label": "PER"}]}, "Line 3: the quote “Bob” is not in the text"),
        ({"spans": [{"quote": "Ann", "label": "PER", "occurrence": 2}]}, "Line 3: the quote “Ann” is only once"),
        ({"spans": [{"quote": "Ann"}]}, "Line 3: a span is not of the form"),
        ({"label": "PER"}, "Line 3: the answer is not of the form"),
    ],
)
async def test_the_first_bad_line_of_a_file_is_named(host, answer, message):
    good = [line(tagged(text, marks, LABELS), text, TAGS) for text, marks in sentences(12)]
    with pytest.raises(InvalidFile, match=message):
        await taught(host, [*good[:2], line(answer, "Ann went", TAGS), *good])


def test_leading_space_that_an_answer_leaves_out_moves_no_mark():
    asked = [*messages(TAGS, "  Ann went"), {"role": "assistant", "content": "<PER>Ann</PER> went"}]
    assert said_of(asked) == (Marked(2, 5, "PER"),)


def entities(path):
    """Sentences of a CoNLL file, words joined by blanks, with their marks."""
    if not path.is_file():
        pytest.skip(f"{path} is absent")
    found = []
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        text, marks = "", []
        for word, tag in (row.split("\t")[:2] for row in block.splitlines() if row.strip()):
            start = len(text) + bool(text)
            text = f"{text} {word}" if text else word
            if tag[0] == "B":
                marks.append(Marked(start, len(text), tag[2:]))
            elif tag[0] == "I" and marks:
                marks[-1] = marks[-1]._replace(end=len(text))
        if text:
            found.append((text, marks))
    return found


@pytest.mark.slow
async def test_training_pays_on_real_entities(host):
    train, test = entities(DATA / "wnut17_dev.conll"), entities(DATA / "wnut17_test.conll")[:400]
    labels = sorted({mark.label for _, marks in train for mark in marks})
    system = "Mark all entities in tags: " + ", ".join(f"<{label}>..</{label}>" for label in labels)

    async def score(model):
        answers = await ask_all(host, system, [text for text, _ in test], None, model)
        read = [untagged(answer, labels) for answer in answers]
        assert [text for text, _ in read] == [text for text, _ in test]
        return f1([marks for _, marks in read], [marks for _, marks in test])

    untrained = await score("minilm-l6")
    tuned = await score(await taught(host, [line(tagged(text, marks, labels), text, system) for text, marks in train]))
    print(f"F1 of exact spans in {len(test)} sentences: untrained {untrained:.3f}, tuned on {len(train)} {tuned:.3f}")
    assert tuned > untrained + 0.15 and tuned > 0.3

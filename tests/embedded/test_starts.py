"""A training that starts from a tuned model: what it takes over, what it says of it, and that it pays."""

import asyncio
import csv
import io
import json
import random

import numpy as np
import pytest

from core.embedded.classifier import softmax
from core.embedded.dataset import InvalidFile
from core.embedded.errors import ApiError
from core.embedded.head import LinearHead, train
from core.embedded.heads import scale, several
from core.embedded.heads.beginning import converted, taken_over
from core.embedded.heads.joint import JointHead
from core.embedded.heads.scale import RatingHead
from core.embedded.heads.settings import Settings
from core.embedded.server import Host
from tests.embedded.test_joint import lines
from tests.embedded.training import ask_all, line, response_format

NAMES = ["a", "b", "c"]
HARDLY = Settings(1, 1000, 1e-6, 0)
"""A training that moves nothing to speak of: what comes out is what it began at."""


def world(seed, rows=60, shift=0.0):
    generator = np.random.default_rng(seed)
    targets = generator.integers(0, 3, rows)
    x = generator.normal(size=(rows, 8)) + np.eye(8)[targets] * 2 + shift
    return x.astype(np.float32), targets


def newest(epochs):
    *_, ended = epochs
    return ended.head


def from_(head):
    return Settings(HARDLY.epochs, HARDLY.batch_size, HARDLY.rate, HARDLY.seed, start=head)


def test_what_is_taken_over_answers_as_before_though_examples_are_centred_and_scaled_otherwise():
    x, targets = world(0)
    before = newest(train(x, targets, NAMES, Settings(20, 8, 1.0, 0)))
    other, _ = world(1, shift=3.0)
    after = newest(train(other * 2, targets, NAMES, from_(before)))
    np.testing.assert_allclose(softmax(after.logits(x)), softmax(before.logits(x)), atol=1e-3)


def test_a_new_label_starts_fresh_and_the_known_ones_keep_what_tells_them_apart():
    x, targets = world(0)
    before = newest(train(x, targets, NAMES, Settings(20, 8, 1.0, 0)))
    after = newest(train(x, targets, ["c", "new", "a"], from_(before)))
    assert after.labels == ("c", "new", "a")
    told = before.logits(x)[:, [2, 0]]
    np.testing.assert_allclose(np.diff(after.logits(x)[:, [0, 2]]), np.diff(told), atol=1e-3)
    assert abs(after.weights[:, 1]).max() < 1e-3


def test_sets_and_scales_are_taken_over_likewise():
    x, targets = world(0)
    sets = [[NAMES[t], "b"] for t in targets]
    before = newest(several.train(x, sets, NAMES, Settings(20, 8, 1.0, 0)))
    after = newest(several._train(x * 3, several.targets_of(sets, NAMES), NAMES, from_(before), before.rule))
    np.testing.assert_allclose(after.probabilities(x), before.probabilities(x), atol=1e-3)
    levels = [NAMES[t] for t in targets]
    rated = newest(scale.train(RatingHead, x, levels, NAMES, Settings(20, 8, 1.0, 0)))
    again = newest(scale.train(RatingHead, x, levels, NAMES, from_(rated)))
    np.testing.assert_allclose(again.probabilities(x), rated.probabilities(x), atol=1e-3)


def test_a_feature_that_does_not_count_takes_nothing_over_and_spoils_nothing():
    head = RatingHead(
        ("low", "high"), (), np.zeros(2), np.array([1.0, np.inf]), np.array([2.0, 5.0]), np.zeros(1), np.zeros(0)
    )
    weights, bias = converted(head, np.zeros(2), np.array([3.0, 1.0]))
    assert weights.tolist() == [6.0, 0.0] and bias.tolist() == [0.0]


def test_of_several_questions_the_one_with_the_most_labels_in_common_is_taken_over():
    def head(*labels):
        return LinearHead(labels, np.zeros(4), np.array(1.0), np.zeros((4, len(labels))), np.zeros(len(labels)))

    start = JointHead({"one": head("a", "x"), "two": head("a", "b"), "three": head("y", "z")})
    assert taken_over(start, "single_label", ["b", "a"]) is start.parts["two"]
    assert taken_over(start, "single_label", ["q"]) is None
    assert taken_over(start, "single_label", ["a"], features=5) is None
    assert taken_over(start, "rating", ["a"]) is None and taken_over(None, "rating", ["a"]) is None


@pytest.fixture
def host(tmp_path, encoder):
    return Host(tmp_path, encoder)


async def tuned(host, made, start="minilm-l6", **hyperparameters):
    """The job that has tuned a model on these lines from that start."""
    file = host.files.create(io.BytesIO("\n".join(made).encode()), "train.jsonl", "fine-tune")
    order = {"model": start, "training_file": file["id"], "seed": 0, "hyperparameters": hyperparameters}
    job = host.create_job(order)
    assert await asyncio.to_thread(host.trainer.work_once)
    job = host.jobs.retrieve(job["id"])
    if job["status"] != "succeeded":
        raise InvalidFile(job["error"]["message"])
    return job


def told(host, job):
    return [event["message"] for event in host.jobs.events(job["id"], None, 100)["data"]]


def single(labels, number=24):
    return [line({"label": labels[n % len(labels)]}, f"about {labels[n % len(labels)]} {n}") for n in range(number)]


@pytest.mark.encoder
async def test_a_job_says_what_it_starts_from_what_is_new_and_what_is_gone(host):
    first = await tuned(host, single(["sport", "food"]))
    second = await tuned(host, single(["food", "law"]), first["fine_tuned_model"])
    assert second["model"] == first["fine_tuned_model"] != second["fine_tuned_model"]
    said = told(host, second)
    assert f"The training starts from {first['fine_tuned_model']}." in said
    assert "taken over is what was learned of food." in said
    assert "new, and starting fresh: law." in said
    assert "in no example any more, and not answered from now on: sport." in said
    assert second["fine_tuned_model"].startswith("ft:minilm-l6:labelloop:")


@pytest.mark.encoder
async def test_questions_are_taken_over_one_by_one(host):
    first = await tuned(host, lines(48))
    told_of = [json.loads(one) for one in lines(48)]
    for one in told_of:
        answer = json.loads(one["messages"][-1]["content"])
        answer = {"mood": answer["mood"], "tone": {"label": "HIGH" if "football" in str(one) else "LOW"}}
        one["messages"][-1]["content"] = json.dumps(answer)
    second = await tuned(host, [json.dumps(one) for one in told_of], first["fine_tuned_model"])
    said = told(host, second)
    assert "mood: taken over is what was learned of afraid, angry, joyful." in said
    assert "tone: nothing of it was learned before, so it starts fresh." in said


@pytest.mark.encoder
async def test_a_start_that_gives_nothing_is_refused_with_a_sentence(host):
    first = await tuned(host, single(["sport", "food"]))
    for made in (single(["law", "art"]), [line({"labels": ["sport"]}, f"a text {n}") for n in range(12)]):
        with pytest.raises(InvalidFile, match="has learned nothing that this file teaches. Start from the base model"):
            await tuned(host, made, first["fine_tuned_model"])
    with pytest.raises(ApiError, match="nobody"):
        await tuned(host, single(["sport", "food"]), "ft:minilm-l6:nobody:1")


@pytest.mark.encoder
@pytest.mark.slow
async def test_a_few_new_examples_pay_more_where_a_tuned_model_is_the_start(host, headlines):
    with headlines.open(encoding="utf-8", newline="") as file:
        rows = [(row["text"], row["category"]) for row in csv.DictReader(file)]
    random.Random(0).shuffle(rows)
    names = sorted({label for _, label in rows})
    system = "The category is one of:\n" + "\n".join(f"- {name}" for name in names)
    test = rows[700:1000]

    async def right(model):
        shape = response_format(label={"type": "string", "enum": names})
        answers = await ask_all(host, system, [text for text, _ in test], shape, model)
        return np.mean([json.loads(one)["label"] == label for one, (_, label) in zip(answers, test, strict=True)])

    many, few = ([line({"label": label}, text, system) for text, label in part] for part in (rows[:500], rows[500:560]))
    first = await tuned(host, many)
    alone, after = await tuned(host, few), await tuned(host, few, first["fine_tuned_model"])
    scores = [await right(job["fine_tuned_model"]) for job in (first, alone, after)]
    print(f"right of {len(test)} headlines: 500 examples, 60 alone, 60 after the 500: {scores}")
    assert scores[2] > scores[1] + 0.05

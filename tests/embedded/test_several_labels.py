"""Several labels: sets asked for by schema, answered untrained and tuned, each label's probability in the logprobs."""

import csv
import json
import math

import numpy as np
import pytest

from core.embedded.dataset import InvalidFile
from core.embedded.heads.saved import read_head, write_head
from core.embedded.heads.settings import Settings
from core.embedded.heads.several import SeveralHead, chosen, jaccard, train
from core.embedded.server import Host
from core.embedded.shapes import SetShape, read_shape
from tests.embedded.conftest import DATA
from tests.embedded.training import ask, ask_all, line, response_format, taught

pytestmark = pytest.mark.encoder

SYSTEM = """You label items. An item can have several of these labels:

- SPORTS: games, teams, athletes and matches
- POLITICS: elections, laws, parliament and governments
- FOOD: cooking, recipes and restaurants

Answer with all labels that fit, or with none where none fits."""
NAMES = ["SPORTS", "POLITICS", "FOOD"]


def sets(names, **more):
    return response_format(labels={"type": "array", "items": {"type": "string", "enum": list(names)}, **more})


def labels_of(choice):
    return json.loads(choice["message"]["content"])["labels"]


@pytest.fixture
def host(tmp_path, encoder):
    return Host(tmp_path, encoder)


def test_an_array_of_an_enum_asks_for_a_set():
    shape = read_shape(sets(NAMES, minItems=1))
    assert isinstance(shape, SetShape) and shape.property == "labels" and not shape.may_be_empty
    assert [choice.name for choice in shape.choices] == NAMES


async def test_untrained_all_labels_that_are_near_enough_are_answered(host):
    async def answered(text):
        return labels_of(await ask(host, SYSTEM, text, sets(NAMES)))

    assert await answered("The striker scored twice in the football match") == ["SPORTS"]
    assert await answered("Parliament passed a law that governs football teams and athletes") == ["SPORTS", "POLITICS"]
    assert await answered("Bacteria divide every twenty minutes") == []
    assert await answered("???") == []


async def test_where_no_empty_set_is_wanted_the_likeliest_label_is_answered(host):
    text = "Bacteria divide every twenty minutes"
    assert len(labels_of(await ask(host, SYSTEM, text, sets(NAMES, minItems=1)))) == 1
    fallback = SYSTEM.replace("\n\nAnswer", "\n- UNABLE: only if none of the labels above fits\n\nAnswer")
    assert len(labels_of(await ask(host, fallback, text, sets([*NAMES, "UNABLE"])))) == 1
    assert labels_of(await ask(host, fallback, "???", sets([*NAMES, "UNABLE"]))) == ["UNABLE"]


async def test_each_labels_probability_can_be_read_over_the_steps(host):
    for text in ("Parliament passed a law that governs football teams and athletes", "Bacteria divide quickly"):
        choice = await ask(host, SYSTEM, text, sets(NAMES), logprobs=True, top_logprobs=20)
        tokens = choice["logprobs"]["content"]
        assert "".join(token["token"] for token in tokens) == choice["message"]["content"]
        best = dict.fromkeys(NAMES, 0.0)
        for token in tokens:
            for option in token["top_logprobs"]:
                if option["token"] in best:
                    best[option["token"]] = max(best[option["token"]], math.exp(option["logprob"]))
        assert {name for name, p in best.items() if p >= 0.5} == set(labels_of(choice))
        assert all(p > 0 for p in best.values())


async def test_worked_examples_in_the_messages_change_the_answer(host):
    system = "An item can have several of these labels:\n- A\n- B"
    asked = {"role": "user", "content": "Shares fell sharply on Tuesday"}
    shown = [("Stocks fell on Monday", ["A", "B"]), ("The cat sat on the mat", [])]
    messages = [{"role": "system", "content": system}]
    for text, names in shown:
        messages += [{"role": "user", "content": text}, {"role": "assistant", "content": json.dumps({"labels": names})}]
    body = {"model": "minilm-l6", "messages": [*messages, asked], "response_format": sets("AB")}
    assert labels_of((await host.chat.complete(body))["choices"][0]) == ["A", "B"]
    body["messages"] = [messages[0], asked]
    assert labels_of((await host.chat.complete(body))["choices"][0]) == []


async def test_draws_vary_and_repeat_with_the_seed(host):
    body = {
        "model": "minilm-l6",
        "messages": [
            {"role": "system", "content": SYSTEM},
            {"role": "user", "content": "A senator plays golf"},
        ],
        "response_format": sets(NAMES),
        "n": 40,
    }

    async def draws(seed):
        return [tuple(labels_of(choice)) for choice in (await host.chat.complete({**body, "seed": seed}))["choices"]]

    first = await draws(1)
    assert first == await draws(1) and 1 < len(set(first)) <= 8


def test_the_rule_is_that_of_the_documentation():
    p = np.array([[0.6, 0.35, 0.1], [0.2, 0.1, 0.05]])
    assert chosen(p, 0.3, 0.5, False).tolist() == [[True, True, False], [False] * 3]
    assert chosen(p, 0.3, 0.7, True).tolist() == [[True, False, False], [True, False, False]]
    # {a, b} against {a}: 1/2; nothing against nothing: 1.
    assert jaccard(np.array([[True, True], [False, False]]), np.array([[True, False], [False, False]])) == 0.75


def test_training_finds_each_label_and_is_calibrated_on_what_it_has_not_seen():
    def world(n, seed):
        generator = np.random.default_rng(seed)
        has = generator.random((n, 3)) < [0.5, 0.3, 0.1]
        centres = np.random.default_rng(99).normal(size=(3, 384))
        vectors = has @ centres + generator.normal(size=(n, 384)) * 4
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors.astype(np.float32), [tuple(np.array(NAMES)[row]) for row in has], has

    x, said, _ = world(600, 1)
    epochs = list(train(x, said, NAMES, Settings(10, 32, 1.0, 0)))
    assert [epoch.number for epoch in epochs] == list(range(1, 11))
    head = epochs[-1].head
    unseen, _, has = world(2000, 2)
    p = head.probabilities(unseen)
    assert jaccard(head.chosen(p), has) > 0.7
    # 6,000 decisions: where the head says about 0.7, about 0.7 of them are right.
    for low, high in ((0.1, 0.3), (0.3, 0.7), (0.7, 0.9)):
        within = (p >= low) & (p < high)
        assert has[within].mean() == pytest.approx(p[within].mean(), abs=0.12)
    again = list(train(x, said, NAMES, Settings(10, 32, 1.0, 0)))[-1].head
    np.testing.assert_array_equal(head.weights, again.weights)


def test_a_head_reads_back_as_it_was_written(tmp_path):
    parts = [np.full(384, 0.1), np.array(2.0), np.ones((384, 2)), np.zeros(2), np.array([1, 0.5, 0.2, 0])]
    head = SeveralHead(("a", "b"), *(part.astype(np.float32) for part in parts))
    with (tmp_path / "head").open("wb") as file:
        write_head(head, file)
    with (tmp_path / "head").open("rb") as file:
        again = read_head(file)
    assert isinstance(again, SeveralHead) and again.labels == ("a", "b")
    x = np.random.default_rng(0).normal(size=(3, 384)).astype(np.float32)
    np.testing.assert_array_equal(again.probabilities(x), head.probabilities(x))


GOOD = [line({"labels": ["A", "B"][: n % 3]}, f"text {n}") for n in range(12)]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (line({"label": "A"}), "Line 3: the answer is not of the form"),
        (line("A"), "Line 3: the answer is not of the form"),
        (line({"labels": ["A", 3]}), "Line 3: the answer's list holds something else than names"),
        (line({"labels": ["A"], "why": "x"}), "Line 3: the answer is not of the form"),
    ],
)
async def test_the_first_bad_line_of_a_file_is_named(host, bad, message):
    with pytest.raises(InvalidFile, match=message):
        await taught(host, [*GOOD[:2], bad, *GOOD])


async def test_a_file_without_any_label_is_refused(host):
    with pytest.raises(InvalidFile, match="No example has a label; at least one label is needed"):
        await taught(host, [line({"labels": []}, f"text {n}") for n in range(12)])


async def test_a_tuned_model_answers_sets_alone(host):
    model = await taught(host, GOOD, n_epochs=1)
    assert isinstance(labels_of(await ask(host, "Label it.", "text 3", None, model)), list)
    one = response_format(label={"type": "string", "enum": ["A", "B"]})
    with pytest.raises(Exception, match="another kind of question"):
        await ask(host, "Label it.", "text 3", one, model)
    with pytest.raises(Exception, match="None of the schema's labels"):
        await ask(host, "Label it.", "text 3", sets(["X", "Y"]), model)


@pytest.mark.slow
async def test_training_pays_on_real_comments(host):
    path = DATA / "goemotions_dev.csv"
    if not path.is_file():
        pytest.skip(f"{path} is absent")
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(row["text"], sorted(row["labels"].split("|"))) for row in csv.DictReader(file)]
    names = sorted({name for _, said in rows for name in said})
    system = "A comment can express several of these emotions:\n" + "\n".join(f"- {name}" for name in names)
    train, test = rows[:1000], rows[4400:4800]

    async def score(model):
        answers = await ask_all(host, system, [text for text, _ in test], sets(names, minItems=1), model)
        found = [set(json.loads(answer)["labels"]) for answer in answers]
        return np.mean([len(a & set(b)) / len(a | set(b)) for a, (_, b) in zip(found, test, strict=True)])

    untrained = await score("minilm-l6")
    tuned = await score(await taught(host, [line({"labels": said}, text, system) for text, said in train]))
    print(f"mean Jaccard on {len(test)} comments: untrained {untrained:.3f}, tuned on {len(train)} {tuned:.3f}")
    # A standard error of about 0.025 at most.
    assert tuned > untrained + 0.1 and tuned > 0.35

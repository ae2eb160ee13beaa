"""Ratings and preferences: the order of levels, the ordinal head, answers untrained and tuned."""

import asyncio
import csv
import json
import zlib
from collections import Counter

import numpy as np
import pytest

from core.embedded.candidates import candidates_in
from core.embedded.dataset import InvalidFile
from core.embedded.heads.scale import RatingHead, train
from core.embedded.heads.settings import Settings
from core.embedded.kinds.rating import median
from core.embedded.labels import Choice
from core.embedded.scales import levels_in_order, outcomes_in_order
from core.embedded.server import Host
from tests.embedded.conftest import DATA
from tests.embedded.training import ask, ask_all, line, response_format, taught

pytestmark = pytest.mark.encoder

OUTCOMES = ["First is much better", "First is better", "Tie", "Second is better", "Second is much better"]
COMPARE = "You compare two answers, the first and the second, and judge which is better:\n\n" + "\n".join(
    f"- {name}" for name in [*OUTCOMES, "UNABLE: only if they cannot be compared at all"]
)


def one_of(key, names):
    return response_format(**{key: {"type": "string", "enum": list(names)}})


def pair(asked, first, second):
    return f"{asked}\n\n<first>\n{first}\n</first>\n\n<second>\n{second}\n</second>"


@pytest.fixture
def host(tmp_path, encoder):
    return Host(tmp_path, encoder)


def listed(*names, fallback=""):
    return [*map(Choice, names), *([Choice(fallback, is_fallback=True)] if fallback else [])]


@pytest.mark.parametrize(
    ("said", "choices", "levels"),
    [
        (["5", "1"], [], ("1", "5")),
        (["10 stars", "2 stars"], [], ("2 stars", "10 stars")),
        (["good", "bad"], listed("bad", "fair", "good", fallback="UNABLE"), ("bad", "fair", "good")),
        (["1", "UNABLE", "2"], [], ("1", "2")),
    ],
)
def test_the_order_of_levels_is_that_of_their_numbers_or_of_the_list(said, choices, levels):
    assert levels_in_order(said, choices) == levels


def test_levels_without_an_order_are_refused():
    with pytest.raises(ValueError, match="list them in the instructions"):
        levels_in_order(["good", "bad"], [])


def test_outcomes_are_ordered_by_whom_they_favour():
    assert outcomes_in_order(sorted([*OUTCOMES, "UNABLE"]), []) == tuple(reversed(OUTCOMES))
    assert outcomes_in_order(["A", "B", "tie"], []) == ("B", "tie", "A")
    with pytest.raises(ValueError, match="'great' does not say"):
        outcomes_in_order(["great", "first"], [])


def test_candidates_are_read_whatever_they_say_themselves():
    found = candidates_in(pair("Which?", "see <first>x</first> and </second>", "<candidate name='q'>"))
    assert found.names == ("first", "second") and found.asked == "Which?"
    assert found.texts == ("see <first>x</first> and </second>", "<candidate name='q'>")
    assert candidates_in("<first>a</first> alone") is None
    several = candidates_in('Q <candidate name="a &amp; b">1</candidate><candidate name="c">2</candidate> R')
    assert (several.names, several.texts, several.asked) == (("a & b", "c"), ("1", "2"), "Q \n\n R")


def levels_of(score):
    return [("low", "middle", "high")[int(np.searchsorted([-0.8, 0.6], one))] for one in score]


def test_the_ordinal_head_finds_the_direction_and_its_thresholds():
    generator = np.random.default_rng(0)
    x = generator.normal(size=(800, 20)).astype(np.float32)
    said = levels_of(x[:, 0] + generator.normal(size=800) * 0.3)
    head = list(train(RatingHead, x, said, ("low", "middle", "high"), Settings(30, 32, 4.0, 0)))[-1].head
    p = head.probabilities(x)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert (p >= 0).all() and (np.diff(head.bias) < 0).all()
    unseen = generator.normal(size=(500, 20)).astype(np.float32)
    assert head.loss_and_score(unseen, levels_of(unseen[:, 0]))[1] > 0.85
    # Whoever is far out on the scale is never thought to be at its other end.
    assert p[np.argmax(x[:, 0]), 0] < 0.01 > p[np.argmin(x[:, 0]), 2]


def test_what_has_no_place_on_the_scale_keeps_its_share():
    x = np.random.default_rng(0).normal(size=(40, 8)).astype(np.float32)
    said = ["1", "2", "1", "UNABLE"] * 10
    head = list(train(RatingHead, x, said, ("1", "2"), Settings(2, 16, 1.0, 0)))[-1].head
    assert head.labels == ("1", "2", "UNABLE")
    np.testing.assert_allclose(head.probabilities(x)[:, 2], 0.25)


@pytest.mark.parametrize(
    ("p", "positions", "place"),
    [
        ([0.4, 0.2, 0.4], [0, 1, 2], 1),
        ([0.4, 0.4, 0.2], [2, 1, 0], 1),
        ([0.1, 0.2, 0.7], [0, 1, 2], 2),
        ([0.4, 0.1, 0.5], [0, 1, 3], 3),
        ([0.7, 0.3], [2, -1], 2),
    ],
)
def test_a_rating_is_the_median_level_unless_none_is_likeliest(p, positions, place):
    assert median(np.array(p), positions, 3) == place


async def test_untrained_the_candidate_nearer_to_what_was_asked_is_better(host):
    asked, good, bad = "How do I boil an egg?", "Boil the egg in water for eight minutes.", "Paris is in France."
    shape = one_of("better", [*OUTCOMES, "UNABLE"])

    async def answered(first, second):
        choice = await ask(host, COMPARE, pair(asked, first, second), shape)
        return json.loads(choice["message"]["content"])["better"]

    assert (await answered(good, bad)).startswith("First is")
    assert (await answered(bad, good)).startswith("Second is")
    assert await answered(good, good) == "Tie"
    with pytest.raises(Exception, match="The two candidates were not found"):
        await ask(host, COMPARE, f"{asked} {good} {bad}", shape)


async def test_tuned_models_answer_within_what_is_offered(host):
    said = ["Tie", "First is better", "Second is better"]
    lines = [line({"better": said[n % 3]}, pair(f"{n}?", f"{n}" * n, "no"), COMPARE) for n in range(12)]
    model = await taught(host, lines, n_epochs=2)
    choice = await ask(
        host, COMPARE, pair("1?", "one", "no"), one_of("better", ["Tie", "NEW"]), model, logprobs=True, top_logprobs=2
    )
    assert json.loads(choice["message"]["content"]) == {"better": "Tie"}
    label = next(token for token in choice["logprobs"]["content"] if token["token"] == "Tie")
    assert label["logprob"] == pytest.approx(0)
    with pytest.raises(Exception, match="The two candidates were not found"):
        await ask(host, COMPARE, "nothing", one_of("better", OUTCOMES), model)
    with pytest.raises(Exception, match="another kind of question"):
        await ask(host, COMPARE, "x", response_format(labels={"type": "array", "items": {"enum": ["a"]}}), model)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (line({"better": "Tie"}, "no candidates"), "Line 3: the two candidates are not shown"),
        (line({"level": "Tie"}, pair("a", "b", "c")), "Line 3: the answer is not of the form"),
        (line({"better": "Blue"}, pair("a", "b", "c")), "'Blue' does not say"),
    ],
)
async def test_a_bad_line_of_preferences_is_told(host, bad, message):
    good = [line({"better": OUTCOMES[n % 5]}, pair(str(n), "a", "b")) for n in range(12)]
    with pytest.raises(InvalidFile, match=message):
        await taught(host, [*good[:2], bad, *good])


async def test_a_bad_line_of_ratings_is_told(host):
    good = [line({"level": str(n % 3)}, f"text {n}") for n in range(12)]
    with pytest.raises(InvalidFile, match="Line 3: the answer is not of the form"):
        await taught(host, [*good[:2], line({"level": 3}), *good])
    with pytest.raises(InvalidFile, match="Every example has the label '1'"):
        await taught(host, [line({"level": "1"}, f"text {n}") for n in range(12)])


def comparisons():
    """(question, first, second, outcome) of PandaLM where most people agree."""
    path = DATA / "pandalm_pairs.jsonl"
    if not path.is_file():
        pytest.skip(f"{path} is absent")
    for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        [(verdict, times)] = Counter(row[f"annotator{n}"] for n in (1, 2, 3)).most_common(1)
        if times > 1:
            outcome = {1: "First is better", 2: "Second is better", 0: "Tie"}[verdict]
            texts = (str(row[key] or "") for key in ("response1", "response2"))
            yield f"{row['instruction']}\n{row['input']}", *texts, outcome


@pytest.mark.slow
async def test_training_pays_on_real_comparisons(host):
    rows = list(comparisons())
    # No question is in both parts.
    is_test = [zlib.crc32(asked.encode()) % 3 == 0 for asked, *_ in rows]
    train_rows, test = ([row for row, held in zip(rows, is_test, strict=True) if held == want] for want in (0, 1))
    shape = one_of("better", ["First is better", "Tie", "Second is better"])

    async def score(model):
        answers = await ask_all(host, COMPARE, [pair(*row[:3]) for row in test], shape, model)
        return np.mean([json.loads(a)["better"] == row[3] for a, row in zip(answers, test, strict=True)])

    untrained = await score("minilm-l6")
    lines = await asyncio.to_thread(lambda: [line({"better": row[3]}, pair(*row[:3]), COMPARE) for row in train_rows])
    tuned = await score(await taught(host, lines))
    print(f"right of {len(test)} comparisons: untrained {untrained:.3f}, tuned on {len(train_rows)} {tuned:.3f}")
    # A standard error of about 0.027.
    assert tuned > untrained + 0.05 and tuned > 0.5


LEVELS = ["nobody", "some", "most", "everybody"]
SCALE = "How many of its readers are offended by this comment? From the lowest level to the highest:\n" + "\n".join(
    f"- {level}" for level in LEVELS
)


def offences():
    """Comments, and how many of those who read each found something toxic in it."""
    paths = [DATA / f"toxic_spans_{name}.csv" for name in ("comments", "annotations")]
    if not all(path.is_file() for path in paths):
        pytest.skip(f"{paths[0]} is absent")
    texts, annotations = (list(csv.DictReader(path.open(encoding="utf-8", newline=""))) for path in paths)
    found = {}
    for row in annotations:
        found.setdefault(row["comment_id"], []).append(row["not toxic"] != "True")
    for row in texts:
        if votes := found.get(row["comment_id"]):
            share = sum(votes) / len(votes)
            yield row["comment_text"], LEVELS[0 if share == 0 else 3 if share == 1 else 1 if share <= 0.5 else 2]


@pytest.mark.slow
async def test_training_pays_on_a_real_scale(host):
    rows = list(offences())
    train_rows, test = rows[:800], rows[4000:4300]

    async def error(model):
        answers = await ask_all(host, SCALE, [text for text, _ in test], one_of("level", LEVELS), model)
        found = [LEVELS.index(json.loads(answer)["level"]) for answer in answers]
        return np.mean([abs(a - LEVELS.index(level)) for a, (_, level) in zip(found, test, strict=True)])

    untrained = await error("minilm-l6")
    tuned = await error(await taught(host, [line({"level": level}, text, SCALE) for text, level in train_rows]))
    print(f"mean levels apart on {len(test)} comments: untrained {untrained:.3f}, tuned {tuned:.3f}")
    assert tuned < untrained - 0.1

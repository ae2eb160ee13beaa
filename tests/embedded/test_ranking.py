"""Rankings: candidates in order, ties together, untrained and tuned."""

import json
import math
import zlib
from collections import Counter

import numpy as np
import pytest

from core.embedded.dataset import InvalidFile
from core.embedded.kinds.ranking import pairs_of
from core.embedded.server import Host
from core.embedded.shapes import OrderShape, read_shape
from tests.embedded.conftest import DATA
from tests.embedded.training import ask, ask_all, line, response_format, taught

pytestmark = pytest.mark.encoder

SYSTEM = "Rank the answers, the best first, ties together."


def orders(names):
    one = {"type": "string", "enum": list(names)}
    return response_format(order={"type": "array", "items": {"type": "array", "items": one}})


def shown(asked, **candidates):
    blocks = [f'<candidate name="{name}">\n{text}\n</candidate>' for name, text in candidates.items()]
    return "\n\n".join([asked, *blocks])


def order_of(choice):
    return json.loads(choice["message"]["content"])["order"]


@pytest.fixture
def host(tmp_path, encoder):
    return Host(tmp_path, encoder)


def test_lists_of_an_enum_ask_for_an_order():
    assert read_shape(orders("abc")) == OrderShape("order", ("a", "b", "c"))
    with pytest.raises(Exception, match="From 2 to 9 candidates"):
        read_shape(orders("abcdefghij"))


EGG = {
    "a": "Paris is in France.",
    "b": "Boil the egg in water for eight minutes.",
    "c": "Boil the egg in water for eight minutes.",
}


async def test_untrained_the_nearest_to_what_was_asked_is_first_and_the_same_text_ties(host):
    asked = shown("How do I boil an egg?", **EGG)
    assert order_of(await ask(host, SYSTEM, asked, orders("abc"))) == [["b", "c"], ["a"]]
    with pytest.raises(Exception, match="The candidates were not found"):
        await ask(host, SYSTEM, asked, orders("abd"))


async def test_each_step_has_the_chances_of_those_that_are_left(host):
    choice = await ask(
        host, SYSTEM, shown("How do I boil an egg?", **EGG), orders("abc"), logprobs=True, top_logprobs=5
    )
    tokens = choice["logprobs"]["content"]
    assert "".join(token["token"] for token in tokens) == choice["message"]["content"]
    steps = [token for token in tokens if token["token"] in "abc"]
    assert [len(token["top_logprobs"]) for token in steps] == [3, 2, 1]
    for token in steps:
        assert sum(math.exp(option["logprob"]) for option in token["top_logprobs"]) == pytest.approx(1)


async def test_draws_are_whole_orders_and_repeat_with_the_seed(host):
    async def drawn(seed):
        choice = await ask(host, SYSTEM, shown("Egg?", **EGG), orders("abc"), temperature=2, seed=seed)
        return order_of(choice)

    found = [await drawn(seed) for seed in range(20)]
    assert found == [await drawn(seed) for seed in range(20)]
    assert all(sorted(name for tied in order for name in tied) == ["a", "b", "c"] for order in found)
    assert len(set(map(str, found))) > 1


def test_a_ranking_says_which_is_better_of_each_two():
    assert pairs_of((1, 0, 1)) == [(0, 1, "worse"), (0, 2, "tie"), (1, 2, "better")]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"order": [["a"], ["b"]]}, "Line 3: the order does not name each candidate once"),
        ({"order": [["a", "a"], ["b"], ["c"]]}, "Line 3: the order does not name each candidate once"),
        ({"order": [["a"], ["x"], ["c"]]}, "Line 3: the order names 'x'"),
        ({"order": "a"}, "Line 3: the answer is not of the form"),
    ],
)
async def test_the_first_bad_line_of_a_file_is_named(host, answer, message):
    good = [line({"order": [["a"], ["b", "c"]]}, shown(str(n), **EGG)) for n in range(12)]
    with pytest.raises(InvalidFile, match=message):
        await taught(host, [*good[:2], line(answer, shown("?", **EGG)), *good])
    with pytest.raises(InvalidFile, match="ranks all candidates alike"):
        await taught(host, [line({"order": [["a", "b", "c"]]}, shown(str(n), **EGG)) for n in range(12)])


def rankings():
    """What several models answered, ranked by how people compared them two by two."""
    path = DATA / "pandalm_pairs.jsonl"
    if not path.is_file():
        pytest.skip(f"{path} is absent")
    texts, wins = {}, {}
    for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        asked = f"{row['instruction']}\n{row['input']}"
        names = row["cmp_key"].split("_")
        [(verdict, times)] = Counter(row[f"annotator{n}"] for n in (1, 2, 3)).most_common(1)
        if times > 1 and len(names) == 2:
            for name, text, won in zip(names, ("response1", "response2"), (1, 2), strict=True):
                texts.setdefault(asked, {})[name] = str(row[text] or "")
                balance = wins.setdefault(asked, Counter())
                balance[name] += 0 if verdict == 0 else 1 if verdict == won else -1
    for asked, candidates in texts.items():
        if len(candidates) > 2:
            ranks = {}
            for name in candidates:
                ranks.setdefault(wins[asked][name], []).append(name)
            yield asked, candidates, [ranks[score] for score in sorted(ranks, reverse=True)]


@pytest.mark.slow
async def test_training_pays_on_real_rankings(host):
    rows = list(rankings())
    held = [zlib.crc32(asked.encode()) % 3 == 0 for asked, *_ in rows]
    train, test = ([row for row, is_held in zip(rows, held, strict=True) if is_held == want] for want in (0, 1))
    names = sorted({name for _, candidates, _ in rows for name in candidates})

    async def score(model):
        """The share of pairs that people ordered which the model orders the same."""
        right = []
        for asked, candidates, order in test:
            [answer] = await ask_all(host, SYSTEM, [shown(asked, **candidates)], orders(candidates), model)
            place, true = ({name: rank for rank, tied in enumerate(one) for name in tied} for one in (json.loads(answer)["order"], order))  # noqa: E501  # fmt: skip
            right += [place[a] < place[b] for a in candidates for b in candidates if true[a] < true[b]]
        return np.mean(right)

    untrained = await score("minilm-l6")
    lines = [line({"order": order}, shown(asked, **candidates), SYSTEM) for asked, candidates, order in train]
    tuned = await score(await taught(host, lines))
    print(f"{len(names)} models, {len(test)} questions: untrained {untrained:.3f}, tuned on {len(train)} {tuned:.3f}")
    assert tuned > untrained + 0.03 and tuned > 0.55

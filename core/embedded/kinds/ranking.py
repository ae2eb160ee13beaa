"""Two to nine candidates in order, the best first, ties together.

Untrained, the better candidate is the one nearer to what was asked; a tuned model has learned from all pairs of each
ranking. Neighbours tie where the model thinks a tie likelier than either order, which untrained is so where nothing but
the last digits tells them apart.

Each candidate is one token, and its `top_logprobs` are the chances of those that are left to come next: in proportion
to exp(score), as Plackett and Luce have it. At a temperature, orders are drawn by them, without ties.
"""

import json
from collections.abc import Sequence

import numpy as np

from core.embedded import classifier
from core.embedded.asked import Ask
from core.embedded.candidates import candidates_in
from core.embedded.classifier import Probabilities, softmax
from core.embedded.dataset import Messages
from core.embedded.errors import bad_request
from core.embedded.heads.scale import RankingHead
from core.embedded.kinds.preference import last_message, perceived
from core.embedded.reading import object_in
from core.embedded.senses import Senses
from core.embedded.shapes import OrderShape
from core.embedded.steps import Step, Steps, ranked

ALIKE = 1e-3

Ranks = tuple[int, ...]
"""The rank of each candidate in the order in which they are shown, from 0 for the best."""


async def answers(ask: Ask, shape: OrderShape, head: RankingHead | None, senses: Senses) -> list[Steps]:
    """400 where a candidate that is shown is none of the schema's; of those that the schema offers an item may lack
    some."""
    shown = candidates_in(last_message(ask.messages))
    names = shown.names if shown else ()
    if shown is None or (shape.names and not {*names} <= {*shape.names}):
        raise bad_request(
            'The candidates were not found: show each in the last message as <candidate name="..">..</candidate>, '
            "by the names of the schema.",
            "messages",
        )
    rows = (await perceived(shown, senses))[[shown.names.index(name) for name in names]]
    scores = head.scores(rows) if head else rows[:, 0].astype(np.float64) / classifier.TEMPERATURE
    options, generator = ask.options, ask.options.generator
    top = options.top_logprobs if options.logprobs else 0
    answered = []
    for _ in range(options.n):
        if options.temperature:
            drawn = scores / options.temperature + generator.gumbel(size=len(names))
            places, ties = np.argsort(-drawn, kind="stable").tolist(), [False] * len(names)
        else:
            places = np.argsort(-scores, kind="stable").tolist()
            gaps = scores[places][:-1] - scores[places][1:]
            ties = [False, *(bool(tie) for tie in (head.are_alike(gaps) if head else gaps < ALIKE))]
        answered.append(_written(shape.property, names, scores, places, ties, top))
    return answered


def _written(
    property: str, names: Sequence[str], scores: Probabilities, places: list[int], ties: list[bool], top: int
) -> Steps:
    inner = [json.dumps(name, ensure_ascii=False)[1:-1] for name in names]
    steps: list[Step] = []
    before = f"{{{json.dumps(property, ensure_ascii=False)}:[["
    for number, (place, is_tie) in enumerate(zip(places, ties, strict=True)):
        left = places[number:]
        p = softmax(scores[left])
        steps.append(Step(f'{before if not number else "," if is_tie else "],["}"'))
        steps.append(Step(inner[place], float(p[0]), ranked([inner[one] for one in left], p, top) if top else ()))
        steps.append(Step('"'))
    return [*steps, Step("]]}")]


def said_of(messages: Messages) -> Ranks:
    """What a training line says. Raises ValueError with what is wrong with it."""
    shown = candidates_in(last_message(messages[:-1]))
    if shown is None:
        raise ValueError('the candidates are not shown as <candidate name="..">..</candidate>')
    found = list((object_in(messages[-1]["content"]) or {}).values())
    order = found[0] if len(found) == 1 else None
    if not isinstance(order, list) or not all(isinstance(tied, list) for tied in order):
        raise ValueError('the answer is not of the form {"order": [["a"], ["b", "c"]]}, as those of other lines are')
    ranks = [(name, rank) for rank, tied in enumerate(order) for name in tied]
    strange = next((name for name, _ in ranks if name not in shown.names), None)
    if strange is not None:
        raise ValueError(f"the order names {strange!r}, which is no candidate that the message shows")
    if len(ranks) != len(shown.names) or len(dict(ranks)) != len(ranks):
        raise ValueError("the order does not name each candidate once")
    return tuple(dict(ranks)[name] for name in shown.names)


def pairs_of(ranks: Ranks) -> list[tuple[int, int, str]]:
    """Each two candidates by their places, and whether the former is better, worse, or they tie."""
    return [
        (one, other, "tie" if ranks[one] == ranks[other] else "better" if ranks[one] < ranks[other] else "worse")
        for one in range(len(ranks))
        for other in range(one + 1, len(ranks))
    ]

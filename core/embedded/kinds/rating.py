"""A level of a scale, tuned: by an ordinal head. Untrained, a level is one label of a list (`one_label`).

The answer is the median of the distribution, which is the level from which the others are the fewest levels away, and
not the likeliest; at a temperature, answers are drawn.
"""

import numpy as np

from core.embedded.asked import Ask
from core.embedded.classifier import Probabilities
from core.embedded.dataset import Messages
from core.embedded.formats import Format
from core.embedded.heads.scale import RatingHead
from core.embedded.kinds.one_label import drawn, offered
from core.embedded.reading import object_in, read
from core.embedded.senses import Senses
from core.embedded.steps import Steps


async def answers(ask: Ask, shape: Format, head: RatingHead, senses: Senses) -> list[Steps]:
    names, positions = offered(shape.choices, head.labels)
    p = among(head.probabilities(await senses.embed([read(ask.messages, names).text]))[0], positions)
    return drawn(names, p, shape, ask.options, best=positions.index(median(p, positions, len(head.levels))))


def median(p: Probabilities, positions: list[int], levels: int) -> int:
    """The place of the answer in the head's labels: the median level of those offered, or the likeliest where that is
    no level. `p` belongs to `positions`, which are places in the head's labels."""
    likeliest = positions[int(p.argmax())]
    if likeliest >= levels:
        return likeliest
    on_scale = sorted((place, share) for place, share in zip(positions, p.tolist(), strict=True) if 0 <= place < levels)
    upto = np.cumsum([share for _, share in on_scale])
    return on_scale[int(np.searchsorted(upto, upto[-1] / 2))][0]


def among(p: Probabilities, positions: list[int]) -> Probabilities:
    """The distribution over what is offered; `positions` are places in `p`, -1 for what was never learned."""
    found = np.array([max(float(p[place]), 1e-12) if place >= 0 else 0.0 for place in positions])
    return np.asarray(found / found.sum())


def said_of(messages: Messages, key: str = "level") -> str:
    """What the answer names under the key. Raises ValueError with what is wrong with it."""
    found = object_in(messages[-1]["content"]) or {}
    said = found.get(key)
    if len(found) != 1 or not isinstance(said, str) or not said.strip():
        raise ValueError(f'the answer is not of the form {{"{key}": ".."}}, as those of other lines are')
    return said

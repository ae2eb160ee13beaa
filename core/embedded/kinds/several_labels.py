"""Several labels of a list, or none: a set.

Untrained, a label's probability is sigmoid((cosine - THRESHOLD) / T): the threshold is what unrelated texts reach in
one case of forty. An answer names the labels whose probability is at least a half, or those that a tuned model's
rule chooses. Where no empty set is asked for, the likeliest label is answered in its place.

Each label of the answer is one token, and its `top_logprobs` list every label with its own probability of belonging to
the set (they need not sum to 1). Where no label is answered, the token that closes the list carries the same.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.embedded import classifier
from core.embedded.asked import Ask
from core.embedded.classifier import Probabilities
from core.embedded.dataset import Messages
from core.embedded.heads.scaling import sigmoid
from core.embedded.heads.several import SeveralHead
from core.embedded.kinds.one_label import offered, seen, understand
from core.embedded.labels import Choice
from core.embedded.reading import object_in, read, split_text
from core.embedded.senses import Senses
from core.embedded.shapes import SetShape
from core.embedded.steps import Step, Steps, ranked

THRESHOLD = classifier.NOTHING_FITS + 2 * classifier.DEVIATION


@dataclass(frozen=True)
class _Likely:
    """The labels on offer, the probability of each by itself, and which are answered."""

    names: Sequence[str]
    p: Probabilities
    is_chosen: NDArray[np.bool_]


async def answers(ask: Ask, shape: SetShape, head: SeveralHead | None, senses: Senses) -> list[Steps]:
    may_be_empty, likely = await (_tuned(head, ask, shape, senses) if head else _base(ask, shape, senses))
    likely = likely if may_be_empty or likely.is_chosen.any() else _with_likeliest(likely)
    options, generator = ask.options, ask.options.generator
    listed = ranked(list(map(_inner, likely.names)), likely.p, options.top_logprobs) if options.logprobs else ()
    found = []
    for _ in range(options.n):
        is_chosen = likely.is_chosen
        if options.temperature:
            is_chosen = generator.random(len(likely.p)) < _tempered(likely.p, options.temperature)
            if not may_be_empty and not is_chosen.any():
                is_chosen = likely.is_chosen
        found.append(_written(shape.property, likely, is_chosen, listed))
    return found


async def _base(ask: Ask, shape: SetShape, senses: Senses) -> tuple[bool, _Likely]:
    choices, talk = understand(ask.messages, shape.choices)
    names = [choice.name for choice in choices]
    fallback = np.array([choice.is_fallback for choice in choices])
    if classifier.says_nothing(talk.text):
        return _may_be_empty(shape, choices), _Likely(names, fallback.astype(float), fallback)
    examples = _examples(ask.messages, names)
    text, labels, shown = await seen(talk.text, choices, [text for text, _ in examples], senses)
    scores = classifier.zero_shot(text, labels, fallback)
    owned = [(at, place) for at, (_, places) in enumerate(examples) for place in places]
    if owned:
        rows, owners = np.array(owned).T
        scores = classifier.with_examples(scores, text, shown[rows], owners)
    p = sigmoid((scores - THRESHOLD) / classifier.TEMPERATURE)
    return _may_be_empty(shape, choices), _Likely(names, p, (p >= 0.5) & ~fallback)


async def _tuned(head: SeveralHead, ask: Ask, shape: SetShape, senses: Senses) -> tuple[bool, _Likely]:
    names, positions = offered(shape.choices, head.labels)
    talk = read(ask.messages, names)
    known = np.array([place >= 0 for place in positions])
    p = head.probabilities(await senses.embed([talk.text]))[:, positions] * known
    choices = shape.choices and understand(ask.messages, shape.choices)[0]
    return _may_be_empty(shape, choices), _Likely(names, p[0], head.chosen(p)[0] & known)


def _may_be_empty(shape: SetShape, choices: Sequence[Choice]) -> bool:
    """Who offers a label for "nothing fits" wants it instead of an empty set."""
    return shape.may_be_empty and not any(choice.is_fallback for choice in choices)


def _with_likeliest(likely: _Likely) -> _Likely:
    return _Likely(likely.names, likely.p, np.arange(len(likely.p)) == likely.p.argmax())


def _tempered(p: Probabilities, temperature: float) -> Probabilities:
    yes, no = p ** (1 / temperature), (1 - p) ** (1 / temperature)
    return np.asarray(yes / (yes + no))


def _written(
    property: str, likely: _Likely, is_chosen: NDArray[np.bool_], listed: tuple[tuple[str, float], ...]
) -> Steps:
    steps = [Step(f"{{{json.dumps(property, ensure_ascii=False)}:[")]
    for number, place in enumerate(np.flatnonzero(is_chosen).tolist()):
        steps.append(Step(',"' if number else '"'))
        steps += [Step(_inner(likely.names[place]), float(likely.p[place]), listed), Step('"')]
    if is_chosen.any():
        return [*steps, Step("]}")]
    nothing = float(np.prod(1 - likely.p))
    return [*steps, Step("]}", nothing, tuple(sorted((*listed, ("]}", nothing)), key=lambda one: -one[1])))]


def _inner(name: str) -> str:
    """As it stands between the quotes of JSON."""
    return json.dumps(name, ensure_ascii=False)[1:-1]


def labels_of(answer: str) -> tuple[str, ...]:
    """The names an answer gives. Raises ValueError with what is wrong with it."""
    pairs = list((object_in(answer) or {}).values())
    if len(pairs) != 1 or not isinstance(pairs[0], list):
        raise ValueError('the answer is not of the form {"labels": ["..."]}, as those of other lines are')
    if not all(isinstance(name, str) and name.strip() for name in pairs[0]):
        raise ValueError("the answer's list holds something else than names of labels")
    return tuple(dict.fromkeys(pairs[0]))


def _examples(messages: Messages, names: Sequence[str]) -> list[tuple[str, list[int]]]:
    """The texts of earlier messages, and where each label of their answers is among the names."""
    found = []
    for asked, answered in zip(messages, messages[1:], strict=False):
        if (asked["role"], answered["role"]) == ("user", "assistant"):
            try:
                given = labels_of(answered["content"])
            except ValueError:
                continue
            places = [names.index(name) for name in given if name in names]
            found.append((split_text(asked["content"], names)[0], places))
    return found

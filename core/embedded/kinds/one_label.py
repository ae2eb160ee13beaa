"""One label of a list: out of an enum, or of what the prompt lists. A level of a scale is answered likewise untrained.

Of an answer's tokens the label is exactly one, and its `top_logprobs` list the most probable labels with their
log-probabilities (a label that is impossible has -9999); what stands around it in JSON has logprob 0. So a client can
read the whole distribution by asking for as many `top_logprobs` as there are labels (20 at most).

Without `temperature` a single answer is the most probable label. With a temperature above 0, or `n` above 1 (then the
temperature is 1 unless stated), answers are drawn from the distribution p^(1/temperature), repeatably with `seed`.
"""

import functools
from collections.abc import Sequence

import numpy as np

from core.embedded import classifier
from core.embedded.asked import Ask, Options
from core.embedded.classifier import Probabilities
from core.embedded.encoder import Array
from core.embedded.errors import bad_request
from core.embedded.formats import Format
from core.embedded.head import LinearHead
from core.embedded.labels import Choice, describe, listed
from core.embedded.reading import Conversation, asks_to_write, read
from core.embedded.senses import Senses
from core.embedded.steps import Step, Steps, ranked

MAX_CHOICES = 1000
WRITES_NOTHING = "This host chooses among labels and marks parts of a text; it cannot write free text."


async def answers(ask: Ask, shape: Format, head: LinearHead | None, senses: Senses) -> list[Steps]:
    """`n` answers with the labels' probabilities. 400 where no labels can be found, or none that the model knows."""
    if head is None:
        names, p = await _base(ask.messages, shape, senses)
    else:
        names, p = await _tuned(head, ask.messages, shape, senses)
    return drawn(names, p, shape, ask.options)


async def _base(messages: list[dict[str, str]], shape: Format, senses: Senses) -> tuple[Sequence[str], Probabilities]:
    choices, talk = understand(messages, shape.choices)
    names = [choice.name for choice in choices]
    fallback = np.array([choice.is_fallback for choice in choices])
    if classifier.says_nothing(talk.text) and fallback.any():
        return names, classifier.certain(len(names), int(fallback.argmax()))
    examples = [(text, names.index(label)) for text, label in talk.examples if label in names]
    text, labels, shown = await seen(talk.text, choices, [text for text, _ in examples], senses)
    scores = classifier.zero_shot(text, labels, fallback)
    if examples:
        scores = classifier.with_examples(scores, text, shown, np.array([owner for _, owner in examples]))
    return names, classifier.softmax(scores / classifier.TEMPERATURE)


async def seen(
    text: str, choices: Sequence[Choice], examples: Sequence[str], senses: Senses
) -> tuple[Array, Array, Array]:
    """The vectors of a text, of each label, and of each example; all in one request to the encoder."""
    said = [(place, words) for place, choice in enumerate(choices) for words in choice.texts]
    vectors = await senses.embed([text, *(words for _, words in said), *examples])
    labels = classifier.label_vectors(vectors[1 : len(said) + 1], np.array([place for place, _ in said]))
    return vectors[0], labels, vectors[len(said) + 1 :]


async def _tuned(
    head: LinearHead, messages: list[dict[str, str]], shape: Format, senses: Senses
) -> tuple[Sequence[str], Probabilities]:
    names, positions = offered(shape.choices, head.labels)
    logits = head.logits(await senses.embed([read(messages, names).text]))[0]
    return names, classifier.softmax(np.array([logits[p] if p >= 0 else -np.inf for p in positions]))


def offered(choices: Sequence[Choice], labels: Sequence[str]) -> tuple[list[str], list[int]]:
    """The names to choose from, and where each is among the labels a model learned (-1 for one it did not)."""
    names = [choice.name for choice in choices] or list(labels)
    positions = [labels.index(name) if name in labels else -1 for name in names]
    if max(positions) < 0:
        raise bad_request("None of the schema's labels was among those this model was trained on.", "response_format")
    return names, positions


def drawn(
    names: Sequence[str], p: Probabilities, shape: Format, options: Options, best: int | None = None
) -> list[Steps]:
    """The answers of a distribution over labels, written in the form asked for. Where nothing is drawn, `best` is the
    answer, or else the most probable."""
    texts = [shape.render(name)[1] for name in names] if options.logprobs else []
    likely = ranked(texts, p, options.top_logprobs) if texts else ()
    picks = [best] * options.n if best is not None and not options.temperature else choose(p, options)
    return [_written(shape.render(names[pick]), float(p[pick]), likely) for pick in picks]


def _written(parts: tuple[str, str, str], probability: float, likely: tuple[tuple[str, float], ...]) -> Steps:
    before, label, after = parts
    return [Step(before), Step(label, probability, likely), Step(after)]


def choose(p: Probabilities, options: Options) -> list[int]:
    """Indices of the `n` answers: the most probable label, or draws at the temperature asked for."""
    if options.temperature == 0:
        return [int(p.argmax())] * options.n
    with np.errstate(divide="ignore"):
        tempered = classifier.softmax(np.log(p) / options.temperature)
    return [int(pick) for pick in options.generator.choice(len(p), size=options.n, p=tempered)]


def understand(messages: list[dict[str, str]], choices: tuple[Choice, ...]) -> tuple[tuple[Choice, ...], Conversation]:
    """The labels on offer with their descriptions, and what is asked. 400 where no labels can be found."""
    if choices:
        talk = read(messages, [choice.name for choice in choices])
        return described(choices, talk.instructions), talk
    names = _listed_anywhere(messages)
    talk = read(messages, names)
    if asks_to_write(talk.instructions):
        raise bad_request(WRITES_NOTHING, "messages")
    if len(names) < 2:
        raise bad_request(
            f"{WRITES_NOTHING} No labels were found: give them as an enum in response_format, or list them in the "
            "prompt, each on a line of its own or as `one of: A, B, C`.",
            "messages",
        )
    if len(names) > MAX_CHOICES:
        raise bad_request(f"At most {MAX_CHOICES} labels can be offered.", "messages")
    return described(tuple(map(Choice, names)), talk.instructions), talk


def _listed_anywhere(messages: list[dict[str, str]]) -> tuple[str, ...]:
    """The labels the system messages list, else the last user message; then the answers of the examples."""
    instructions = [m["content"] for m in messages if m["role"] in ("system", "developer")]
    last = next(m["content"] for m in reversed(messages) if m["role"] == "user")
    names = next((found for text in (*instructions, last) if (found := listed_in(text))), ())
    if names:
        return names
    return tuple(dict.fromkeys(label for _, label in read(messages, ()).examples))


listed_in = functools.lru_cache(maxsize=256)(listed)


@functools.lru_cache(maxsize=256)
def described(choices: tuple[Choice, ...], instructions: tuple[str, ...]) -> tuple[Choice, ...]:
    return describe(choices, instructions)

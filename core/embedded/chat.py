"""POST /v1/chat/completions: from the request's JSON to the answer's, with probabilities.

Of an answer's tokens the label is exactly one, and its `top_logprobs` list the most probable labels with their
log-probabilities (a label that is impossible has -9999); what stands around it in JSON has logprob 0. So a client can
read the whole distribution by asking for as many `top_logprobs` as there are labels (20 at most).

Without `temperature` a single answer is the most probable label. With a temperature above 0, or `n` above 1 (then the
temperature is 1 unless stated), answers are drawn from the distribution p^(1/temperature), repeatably with `seed`.
"""

import asyncio
import functools
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from core.embedded import classifier
from core.embedded.batcher import Batcher
from core.embedded.classifier import Probabilities
from core.embedded.encoder import Array
from core.embedded.errors import bad_request, unknown_model
from core.embedded.formats import Format, read_format
from core.embedded.labels import Choice, describe, listed
from core.embedded.params import boolean, integer, number
from core.embedded.reading import Conversation, plain_messages, read

BASE_MODEL = "minilm-l6"
IMPOSSIBLE = -9999.0
MAX_CHOICES = 1000


@dataclass(frozen=True)
class Options:
    """The parameters of a request that shape its answers."""

    n: int
    temperature: float
    seed: int | None
    logprobs: bool
    top_logprobs: int


class Head(Protocol):
    """A trained model as chat needs it: `logits` maps (n, 384) vectors to (n, labels)."""

    @property
    def labels(self) -> tuple[str, ...]: ...

    def logits(self, vectors: Array) -> Probabilities: ...


class Chat:
    """`find_head` returns the head of a tuned model, or None for an unknown name; `count` counts tokens."""

    def __init__(
        self, batcher: Batcher, count: Callable[[list[str]], list[int]], find_head: Callable[[str], Head | None]
    ) -> None:
        self._batcher = batcher
        self._find_head = find_head
        # Instructions repeat from request to request; texts do not, and cost little.
        self._tokens = functools.lru_cache(maxsize=4096)(lambda text: count([text])[0])

    async def complete(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The `chat.completion` object for a request's JSON. Raises ApiError, with `param` for what is wrong."""
        model, messages, shape, options = parse(body)
        if model == BASE_MODEL:
            names, probabilities = await self._base(messages, shape)
        else:
            head = await asyncio.to_thread(self._find_head, model)
            if head is None:
                raise unknown_model(model)
            names, probabilities = await self._tuned(head, messages, shape)
        prompt_tokens = sum(self._tokens(m["content"]) for m in messages)
        return self._answer(model, names, probabilities, shape, options, prompt_tokens)

    async def _base(self, messages: list[dict[str, str]], shape: Format) -> tuple[Sequence[str], Probabilities]:
        choices, talk = understand(messages, shape)
        names = [choice.name for choice in choices]
        fallback = np.array([choice.is_fallback for choice in choices])
        if classifier.says_nothing(talk.text) and fallback.any():
            return names, classifier.certain(len(names), int(fallback.argmax()))
        examples = [(text, names.index(label)) for text, label in talk.examples if label in names]
        said = [(place, text) for place, choice in enumerate(choices) for text in choice.texts]
        texts = [talk.text, *(text for _, text in said), *(text for text, _ in examples)]
        vectors = await self._batcher.embed(texts)
        text, shown = vectors[0], vectors[len(said) + 1 :]
        labels = classifier.label_vectors(vectors[1 : len(said) + 1], np.array([place for place, _ in said]))
        scores = classifier.zero_shot(text, labels, fallback)
        if examples:
            scores = classifier.with_examples(scores, text, shown, np.array([owner for _, owner in examples]))
        return names, classifier.softmax(scores / classifier.TEMPERATURE)

    async def _tuned(
        self, head: Head, messages: list[dict[str, str]], shape: Format
    ) -> tuple[Sequence[str], Probabilities]:
        names = [choice.name for choice in shape.choices] or list(head.labels)
        positions = [head.labels.index(name) if name in head.labels else -1 for name in names]
        if max(positions) < 0:
            raise bad_request(
                "None of the schema's labels was among those this model was trained on.", "response_format"
            )
        text = read(messages, names).text
        logits = head.logits(await self._batcher.embed([text]))[0]
        offered = np.array([logits[p] if p >= 0 else -np.inf for p in positions])
        return names, classifier.softmax(offered)

    def _answer(
        self, model: str, names: Sequence[str], p: Probabilities, shape: Format, options: Options, prompt_tokens: int
    ) -> dict[str, Any]:
        picks = choose(p, options)
        contents = ["".join(shape.render(names[pick])) for pick in picks]
        completion_tokens = sum(self._tokens(content) for content in contents)
        choices = [
            {
                "index": index,
                "message": {"role": "assistant", "content": content, "refusal": None},
                "logprobs": _logprobs(names, p, pick, shape, options.top_logprobs) if options.logprobs else None,
                "finish_reason": "stop",
            }
            for index, (pick, content) in enumerate(zip(picks, contents, strict=True))
        ]
        return {
            "id": f"chatcmpl-{uuid.uuid4().hex}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": model,
            "choices": choices,
            "usage": {
                "prompt_tokens": prompt_tokens,
                "completion_tokens": completion_tokens,
                "total_tokens": prompt_tokens + completion_tokens,
            },
        }


def parse(body: Mapping[str, Any]) -> tuple[str, list[dict[str, str]], Format, Options]:
    """Model, messages, format and options of a request. Raises the 400 ApiError for the first thing wrong."""
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise bad_request("model must be the name of a model.", "model")
    if body.get("stream"):
        raise bad_request("This host does not support streaming; leave out `stream`.", "stream")
    for name in ("tools", "functions"):
        if body.get(name):
            raise bad_request(f"This host does not support tools; leave out `{name}`.", name)
    try:
        messages = plain_messages(body.get("messages"))
    except ValueError as error:
        where, _, what = str(error).partition(": ")
        raise bad_request(f"{where} {what}.", where) from error
    if not any(m["role"] == "user" for m in messages):
        raise bad_request("messages must include a user message: it is the text to classify.", "messages")
    return model, messages, read_format(body.get("response_format")), _options(body)


def _options(body: Mapping[str, Any]) -> Options:
    n = integer(body, "n", 1, 128, 1)
    temperature = number(body, "temperature", 0, 2, 0.0 if n == 1 else 1.0)
    seed = integer(body, "seed", -(2**63), 2**63 - 1, None)
    logprobs = boolean(body, "logprobs")
    top = integer(body, "top_logprobs", 0, 20, 0)
    if body.get("top_logprobs") is not None and not logprobs:
        raise bad_request("top_logprobs needs logprobs to be true.", "top_logprobs")
    return Options(n or 1, temperature, seed, logprobs, top or 0)


def understand(messages: list[dict[str, str]], shape: Format) -> tuple[tuple[Choice, ...], Conversation]:
    """The labels on offer with their descriptions, and what is asked. 400 where no labels can be found."""
    names = [choice.name for choice in shape.choices]
    if names:
        talk = read(messages, names)
        return _described(shape.choices, talk.instructions), talk
    talk = read(messages, _listed_anywhere(messages))
    names = list(_listed_anywhere(messages))
    if len(names) < 2:
        raise bad_request(
            "No labels were found: give them as an enum in response_format, or list them in the prompt, "
            "each on a line of its own or as `one of: A, B, C`.",
            "messages",
        )
    if len(names) > MAX_CHOICES:
        raise bad_request(f"At most {MAX_CHOICES} labels can be offered.", "messages")
    return _described(tuple(map(Choice, names)), talk.instructions), talk


def _listed_anywhere(messages: list[dict[str, str]]) -> tuple[str, ...]:
    """The labels the system messages list, else the last user message; then the answers of the examples."""
    instructions = [m["content"] for m in messages if m["role"] in ("system", "developer")]
    last = next(m["content"] for m in reversed(messages) if m["role"] == "user")
    names = next((found for text in (*instructions, last) if (found := _listed(text))), ())
    if names:
        return names
    return tuple(dict.fromkeys(label for _, label in read(messages, ()).examples))


_listed = functools.lru_cache(maxsize=256)(listed)


@functools.lru_cache(maxsize=256)
def _described(choices: tuple[Choice, ...], instructions: tuple[str, ...]) -> tuple[Choice, ...]:
    return describe(choices, instructions)


def choose(p: Probabilities, options: Options) -> list[int]:
    """Indices of the `n` answers: the most probable label, or draws at the temperature asked for."""
    if options.temperature == 0:
        return [int(p.argmax())] * options.n
    generator = np.random.default_rng(None if options.seed is None else options.seed % 2**63)
    with np.errstate(divide="ignore"):
        tempered = classifier.softmax(np.log(p) / options.temperature)
    return [int(pick) for pick in generator.choice(len(p), size=options.n, p=tempered)]


def _logprobs(names: Sequence[str], p: Probabilities, pick: int, shape: Format, top: int) -> dict[str, Any]:
    order = np.argsort(-p, kind="stable")[:top]
    before, label, after = shape.render(names[pick])
    alternatives = [_token(shape.render(names[i])[1], float(p[i])) for i in order]
    tokens = [{**_token(label, float(p[pick])), "top_logprobs": alternatives}]
    fixed = [
        {**_token(text, 1.0), "top_logprobs": [_token(text, 1.0)][:top]} if text else None for text in (before, after)
    ]
    return {"content": [token for token in (fixed[0], *tokens, fixed[1]) if token], "refusal": None}


def _token(text: str, probability: float) -> dict[str, Any]:
    logprob = max(float(np.log(probability)), IMPOSSIBLE) if probability > 0 else IMPOSSIBLE
    return {"token": text, "logprob": logprob, "bytes": list(text.encode("utf-8"))}

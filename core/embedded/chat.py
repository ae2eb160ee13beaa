"""POST /v1/chat/completions: from the request's JSON to the answer's, with probabilities.

Each kind of question has its module in `core.embedded.kinds`; it is told by the form of answer that is asked for, by
what a tuned model has learned, or else by what the instructions say.
"""

import asyncio
import functools
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from core.embedded.asked import Ask, parse
from core.embedded.batcher import Batcher
from core.embedded.errors import bad_request, unknown_model
from core.embedded.formats import Format
from core.embedded.head import LinearHead
from core.embedded.heads.joint import JointHead
from core.embedded.heads.saved import Head
from core.embedded.heads.scale import PreferenceHead, RankingHead, RatingHead
from core.embedded.heads.several import SeveralHead
from core.embedded.heads.spans import SpansHead
from core.embedded.kinds import at_once, one_label, preference, ranking, rating, several_labels, spans
from core.embedded.pictures.features import PICTURE_TOKENS
from core.embedded.pictures.looking import looking
from core.embedded.senses import Senses
from core.embedded.shapes import OrderShape, SetShape, SeveralShape, Shape, SpanShape
from core.embedded.steps import Steps, content, logprobs
from core.embedded.words import WordVectors

BASE_MODEL = "minilm-l6"


class Chat:
    """`words` gives the vectors of words, `count` numbers of tokens; `find_head` the head of a tuned model, or None for
    an unknown name."""

    def __init__(
        self,
        batcher: Batcher,
        words: Callable[[list[str]], list[WordVectors]],
        count: Callable[[list[str]], list[int]],
        find_head: Callable[[str], Head | None],
    ) -> None:
        self._senses = Senses(batcher.embed, lambda texts: asyncio.to_thread(words, texts))
        self._find_head = find_head
        # Instructions repeat from request to request; texts do not, and cost little.
        self._tokens = functools.lru_cache(maxsize=4096)(lambda text: count([text])[0])

    async def complete(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The `chat.completion` object for a request's JSON. Raises ApiError, with `param` for what is wrong."""
        ask = parse(body)
        head = None
        if ask.model != BASE_MODEL:
            head = await asyncio.to_thread(self._find_head, ask.model)
            if head is None:
                raise unknown_model(ask.model)
        return self._envelope(ask, await answers(ask, head, self._senses))

    def _envelope(self, ask: Ask, answered: list[Steps]) -> dict[str, Any]:
        prompt_tokens = sum(self._tokens(m["content"]) for m in ask.messages) + PICTURE_TOKENS * len(ask.pictures)
        contents = [content(steps) for steps in answered]
        completion_tokens = sum(map(self._tokens, contents))
        options = ask.options
        choices = [
            {
                "index": index,
                "message": {"role": "assistant", "content": text, "refusal": None},
                "logprobs": logprobs(steps, options.top_logprobs) if options.logprobs else None,
                "finish_reason": "stop",
            }
            for index, (steps, text) in enumerate(zip(answered, contents, strict=True))
        ]
        return {
            "id": f"chatcmpl-{uuid.uuid4().hex}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": ask.model,
            "choices": choices,
            "usage": {
                "prompt_tokens": prompt_tokens,
                "completion_tokens": completion_tokens,
                "total_tokens": prompt_tokens + completion_tokens,
            },
        }


async def answers(ask: Ask, head: Head | None, senses: Senses) -> list[Steps]:
    """The `n` answers, each by the kind that is asked for. 400 where a tuned model has learned another kind."""
    shape = _shape(ask, head)
    if isinstance(shape, SeveralShape):
        return await at_once.answers(ask, shape, head, lambda part, own: answers(part, own, senses))
    senses = await looking(ask, head, senses)
    if isinstance(shape, SetShape) and isinstance(head, SeveralHead | None):
        return await several_labels.answers(ask, shape, head, senses)
    if isinstance(shape, SpanShape | None) and isinstance(head, SpansHead | None):
        return await spans.answers(ask, shape, head, senses)
    if isinstance(shape, OrderShape) and isinstance(head, RankingHead | None):
        return await ranking.answers(ask, shape, head, senses)
    if isinstance(shape, Format) and isinstance(head, RatingHead):
        return await rating.answers(ask, shape, head, senses)
    if isinstance(shape, Format) and (
        isinstance(head, PreferenceHead) or (head is None and preference.is_asked(ask.messages, shape))
    ):
        return await preference.answers(ask, shape, head, senses)
    if isinstance(shape, Format) and isinstance(head, LinearHead | None):
        return await one_label.answers(ask, shape, head, senses)
    what = "several questions at once" if isinstance(head, JointHead) else "another kind of question"
    raise bad_request(f"This model was trained to answer {what}.", "response_format")


def _shape(ask: Ask, head: Head | None) -> Shape | None:
    """The form of the answer: None for tags in the text. Where no schema says it, what the model has learned does, or
    the instructions do."""
    if not isinstance(ask.shape, Format) or ask.shape.choices:
        return ask.shape
    if isinstance(head, SeveralHead):
        return SetShape("labels", ())
    if isinstance(head, SpansHead):
        return None if ask.is_plain else SpanShape("spans", ())
    if isinstance(head, RankingHead):
        return OrderShape("order", ())
    if isinstance(head, JointHead):
        return at_once.shape_of(head)
    return None if head is None and ask.is_plain and spans.labels_told(ask.messages) else ask.shape

"""Several questions in one answer: each is answered as if it were asked alone, and written under its own property."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from core.embedded.asked import Ask
from core.embedded.errors import bad_request
from core.embedded.heads.saved import Head
from core.embedded.reading import object_in
from core.embedded.shapes import SeveralShape
from core.embedded.steps import Step, Steps


async def answers(
    ask: Ask, shape: SeveralShape, head: Head | None, alone: Callable[[Ask], Awaitable[list[Steps]]]
) -> list[Steps]:
    """`alone` answers one question. 400 for a tuned model: it has learned to answer one."""
    if head is not None:
        raise bad_request(
            "This model was trained to answer one question; the schema asks several at once.", "response_format"
        )
    found = [await alone(replace(ask, shape=part, messages=_about(ask.messages, name))) for name, part in shape.parts]
    names = [name for name, _ in shape.parts]
    return [_joined(names, [steps[number] for steps in found]) for number in range(ask.options.n)]


def _about(messages: list[dict[str, str]], name: str) -> list[dict[str, str]]:
    """The messages with what earlier answers say to this question alone."""
    told = []
    for message in messages:
        held = object_in(message["content"]) if message["role"] == "assistant" else None
        own = held.get(name) if held else None
        told.append(message if own is None else {**message, "content": json.dumps(own, ensure_ascii=False)})
    return told


def _joined(names: Sequence[str], parts: Sequence[Steps]) -> Steps:
    steps: list[Step] = []
    for place, (name, part) in enumerate(zip(names, parts, strict=True)):
        steps += [Step(f"{',' if place else '{'}{json.dumps(name, ensure_ascii=False)}:"), *part]
    return [*steps, Step("}")]

"""Several questions in one answer: each is answered as if it were asked alone, and written under its own property."""

import json
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from core.embedded.asked import Ask
from core.embedded.dataset import Messages
from core.embedded.errors import bad_request
from core.embedded.formats import Format
from core.embedded.heads.joint import JointHead
from core.embedded.heads.saved import Head
from core.embedded.reading import object_in
from core.embedded.shapes import OrderShape, SetShape, SeveralShape, Single, SpanShape
from core.embedded.steps import Step, Steps

_HEADING = re.compile(r"^(?=#{1,6} )", re.MULTILINE)
_UNSAID: dict[str, Single] = {
    "single_label": Format("label"),
    "rating": Format("level"),
    "preference": Format("better"),
    "several_labels": SetShape("labels", ()),
    "spans": SpanShape("spans", ()),
    "ranking": OrderShape("order", ()),
}


def shape_of(head: JointHead) -> SeveralShape:
    """The form of the answers that a model has learned, for a request that names none."""
    return SeveralShape(tuple((name, _UNSAID[part.kind]) for name, part in head.parts.items()))


async def answers(
    ask: Ask, shape: SeveralShape, head: Head | None, alone: Callable[[Ask, Head | None], Awaitable[list[Steps]]]
) -> list[Steps]:
    """`alone` answers one question with the head that has learned it. 400 where a tuned model has not learned all that
    is asked."""
    if head is not None and not isinstance(head, JointHead):
        raise bad_request(
            "This model was trained to answer one question; the schema asks several at once.", "response_format"
        )
    parts = None if head is None else head.parts
    unknown = [name for name, _ in shape.parts if parts is not None and name not in parts]
    if parts is not None and unknown:
        raise bad_request(
            f"This model was trained to answer {', '.join(map(repr, parts))}, and not {unknown[0]!r}.",
            "response_format",
        )
    found = [
        await alone(replace(ask, shape=part, messages=about(ask.messages, name)), parts[name] if parts else None)
        for name, part in shape.parts
    ]
    names = [name for name, _ in shape.parts]
    return [_joined(names, [steps[number] for steps in found]) for number in range(ask.options.n)]


def about(messages: Messages, name: str) -> list[dict[str, str]]:
    """The messages as if this question were asked alone: earlier answers with what they say to it, and of instructions
    that tell each question under a heading what they tell of this one."""
    told = []
    for message in messages:
        held = object_in(message["content"]) if message["role"] == "assistant" else None
        own = held.get(name) if held else None
        if own is not None:
            message = {**message, "content": own if isinstance(own, str) else json.dumps(own, ensure_ascii=False)}
        elif message["role"] in ("system", "developer"):
            message = {**message, "content": _section(message["content"], name)}
        told.append(message)
    return told


def _section(instructions: str, name: str) -> str:
    """What comes before all headings, and what stands under those that name the question's property; all of it where
    none does."""
    before, *sections = _HEADING.split(instructions)
    own = [section for section in sections if f'"{name}"' in section]
    return "".join([before, *own]) if own else instructions


def _joined(names: Sequence[str], parts: Sequence[Steps]) -> Steps:
    steps: list[Step] = []
    for place, (name, part) in enumerate(zip(names, parts, strict=True)):
        steps += [Step(f"{',' if place else '{'}{json.dumps(name, ensure_ascii=False)}:"), *part]
    return [*steps, Step("}")]

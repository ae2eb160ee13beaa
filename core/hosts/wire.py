"""How a question looks on the wire: Chat Completions, in the manner its host accepts. Pure; no I/O.

What is the same for every item of a run is serialised once: a request is an opening, the item's own part, a closing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from core.content import on_the_wire
from core.hosts.answers import Reply, read_reply, reply_of
from core.hosts.failures import Failure, failure_of
from core.hosts.manner import (
    Asking,
    Manner,
    Parameters,
    TokenLimit,
    after_refusal,
    chat_parameters,
    manner_of_json,
    manner_to_json,
)
from core.hosts.wire_json import to_json
from core.model import Message

__all__ = [
    "Asking",
    "Failure",
    "Manner",
    "Parameters",
    "Reply",
    "TokenLimit",
    "after_refusal",
    "chat_body",
    "chat_parameters",
    "closing",
    "failure_of",
    "manner_of_json",
    "manner_to_json",
    "opening",
    "own_part",
    "read_reply",
    "reply_of",
]


def chat_body(
    model: str,
    messages: Sequence[Message],
    schema: Mapping[str, Any] | None,
    manner: Manner,
    parameters: Parameters | None = None,
) -> dict[str, Any]:
    """The JSON body that asks `model` for an answer of the shape `schema`."""
    asked = [{"role": message.role, "content": on_the_wire(message.content)} for message in messages]
    return {"model": model, "messages": asked, **chat_parameters(schema, manner, parameters or Parameters())}


def opening(model: str, fixed: Sequence[Message], *, messages: str = "messages") -> bytes:
    """A body up to where the item's own part begins; `fixed` are the messages before it that never change."""
    head = b'{"model":' + to_json(model) + b"," + to_json(messages) + b":["
    return head + b"".join(_message(message) + b"," for message in fixed)


def own_part(messages: Sequence[Message]) -> bytes:
    """The item's own part: the messages that differ from item to item, the last of all among them."""
    return b",".join(map(_message, messages))


def closing(rest: Mapping[str, Any]) -> bytes:
    """A body from where the item's own part ends; `rest` is everything besides model and messages."""
    return b"]," + to_json(dict(rest))[1:] if rest else b"]}"


def _message(message: Message) -> bytes:
    return b'{"role":"' + message.role.encode() + b'","content":' + to_json(on_the_wire(message.content)) + b"}"

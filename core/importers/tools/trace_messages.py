"""What went into a model and what came out, as messages, in the shapes that logs have."""

import json
from collections.abc import Mapping
from typing import Any

from core.importers.tools.gathered import Gathered
from core.importers.tools.trace_message import Message, is_message, message_of, text_of

_LISTS = ("messages", "input", "output")
_TEXTS = ("content", "text", "output_text", "answer", "question", "query", "prompt", "completion", "response", "value")
_BESIDE = ("input", "instructions", "model")
_MARKS = ("role", "message.role", "messages", "choices", "parts", "generations")


def messages_of(held: Any, role: str, gathered: Gathered) -> list[Message]:
    """The messages in what a log holds; a text is one of this role, as is anything else, written as JSON. What has no
    place in a message is noted."""
    held = _opened(held)
    if held is None or held == "" or held == [] or held == {}:
        return []
    if isinstance(held, str):
        return [{"role": role, "content": held}]
    if isinstance(held, list):
        return _listed(held, role, gathered)
    if isinstance(held, Mapping):
        return _of_object(held, role, gathered)
    return [{"role": role, "content": json.dumps(held)}]


def holds_messages(held: Any) -> bool:
    """Whether these are messages rather than a text or values."""
    found = _opened(held)
    return not isinstance(found, str) and _may_be_messages(found)


def _opened(held: Any) -> Any:
    """JSON within a text, where it may be messages."""
    if not isinstance(held, str) or held.lstrip()[:1] not in ("[", "{"):
        return held
    try:
        found = json.loads(held)
    except (ValueError, RecursionError):
        return held
    return found if _may_be_messages(found) else held


def _may_be_messages(found: Any) -> bool:
    first = found[0] if isinstance(found, list) and found else found
    if isinstance(first, list) and len(first) > 0:  # a batch
        first = first[0]
    return isinstance(first, Mapping) and (any(name in first for name in _MARKS) or is_message(first))


def _listed(held: list[Any], role: str, gathered: Gathered) -> list[Message]:
    if len(held) == 1 and isinstance(held[0], list):  # a batch of one
        return _listed(held[0], role, gathered)
    if not all(isinstance(one, Mapping) for one in held):
        return [{"role": role, "content": json.dumps(held, ensure_ascii=False)}]
    return [found for one in held for found in message_of(one, role, gathered)]


def _of_object(held: Mapping[str, Any], role: str, gathered: Gathered) -> list[Message]:
    if isinstance(chosen := _first(held, gathered), Mapping):
        said = chosen.get("message")
        return messages_of(said, role, gathered) if isinstance(said, str) else message_of(chosen, role, gathered)
    if is_message(held):
        return message_of(held, role, gathered)
    if (inner := next((name for name in _LISTS if isinstance(held.get(name), list)), None)) is not None:
        system = held.get("instructions") or held.get("system")
        is_led = isinstance(system, str) and bool(system)
        lead = [{"role": "system", "content": system}] if is_led else []
        _leave_beside(held, gathered, inner, *(("instructions" if held.get("instructions") else "system",) * is_led))
        return [*lead, *_listed(held[inner], role, gathered)]
    if isinstance(held.get("input"), str) and all(name in _BESIDE or held[name] is None for name in held):
        return [*messages_of(held.get("instructions"), "system", gathered), {"role": role, "content": held["input"]}]
    said = [name for name in _TEXTS if isinstance(held.get(name), str)]
    if len(said) == 1:
        _leave_beside(held, gathered, *said)
        return [{"role": role, "content": held[said[0]]}]
    if len(held) == 1 and isinstance(only := next(iter(held.values())), Mapping | list):
        return messages_of(only, role, gathered)
    return [{"role": role, "content": json.dumps(held, ensure_ascii=False)}]


def _first(held: Mapping[str, Any], gathered: Gathered) -> Any:
    """The first of several answers to one call; the others are left."""
    listed: list[Any] = next(
        (held[name] for name in ("choices", "generations") if isinstance(held.get(name), list)), []
    )
    while listed and isinstance(listed[0], list):  # a batch
        listed = [one for several in listed if isinstance(several, list) for one in several]
    if not listed or not isinstance(listed[0], Mapping):
        return None
    gathered.leave("further answers to one call", len(listed) - 1)
    return listed[0]


def _leave_beside(held: Mapping[str, Any], gathered: Gathered, *taken: str) -> None:
    """Whatever stands beside the messages: settings of the request, figures, or what else was said."""
    for name, value in held.items():
        if name not in taken and text_of(value):
            gathered.leave(f"“{name}” beside messages")

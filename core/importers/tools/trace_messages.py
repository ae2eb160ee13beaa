"""What went into a model and what came out, as messages, in the shapes that logs have."""

import json
from collections.abc import Mapping
from typing import Any

from core.importers.tools.chat import tidy_message

Message = dict[str, Any]
_LISTS = ("messages", "input", "output", "generations")
_TEXTS = ("content", "text", "output_text", "answer", "question", "query", "prompt", "completion", "response", "value")
_BESIDE = ("input", "instructions", "model")
_ROLES = {"human": "user", "ai": "assistant", "function": "tool"}


def messages_of(held: Any, role: str) -> list[Message]:
    """The messages in what a log holds; a text is one of this role, as is anything else, written as JSON."""
    held = _opened(held)
    if held is None or held == "" or held == [] or held == {}:
        return []
    if isinstance(held, str):
        return [{"role": role, "content": held}]
    if isinstance(held, list):
        return _listed(held, role)
    if isinstance(held, Mapping):
        return _of_object(held, role)
    return [{"role": role, "content": json.dumps(held)}]


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
    return isinstance(first, Mapping) and any(name in first for name in ("role", "messages", "choices", "parts"))


def _listed(held: list[Any], role: str) -> list[Message]:
    if len(held) == 1 and isinstance(held[0], list):  # a batch of one
        return _listed(held[0], role)
    if not all(isinstance(one, Mapping) for one in held):
        return [{"role": role, "content": json.dumps(held, ensure_ascii=False)}]
    return [found for one in held for found in _message(one, role)]


def _of_object(held: Mapping[str, Any], role: str) -> list[Message]:
    if isinstance(choices := held.get("choices"), list) and choices and isinstance(choices[0], Mapping):
        chosen = choices[0]
        return messages_of(chosen.get("message") or chosen.get("text"), role)
    if "role" in held or "kwargs" in held:
        return _message(held, role)
    if (inner := next((held[name] for name in _LISTS if isinstance(held.get(name), list)), None)) is not None:
        system = held.get("instructions") or held.get("system")
        lead = [{"role": "system", "content": system}] if isinstance(system, str) and system else []
        return [*lead, *_listed(inner, role)]
    if isinstance(held.get("input"), str) and all(name in _BESIDE or held[name] is None for name in held):
        return [*messages_of(held.get("instructions"), "system"), {"role": role, "content": held["input"]}]
    said = [held[name] for name in _TEXTS if isinstance(held.get(name), str)]
    if len(said) == 1:
        return [{"role": role, "content": said[0]}]
    if len(held) == 1 and isinstance(only := next(iter(held.values())), Mapping | list):
        return messages_of(only, role)
    return [{"role": role, "content": json.dumps(held, ensure_ascii=False)}]


def _message(one: Mapping[str, Any], role: str) -> list[Message]:
    """A message as OpenAI, OpenTelemetry (in parts) or LangChain (within `kwargs`) write it."""
    if isinstance(inner := one.get("kwargs") or one.get("message"), Mapping):
        one = inner
    named = one.get("role") or one.get("type")
    named = named if isinstance(named, str) and named != "message" else role
    message = dict(tidy_message({**one, "role": _ROLES.get(named, named)}))
    parts = message.pop("parts", None)
    if isinstance(parts, list):
        message = message | _of_parts(parts)
    if isinstance(message.get("content"), Mapping):
        message["content"] = json.dumps(message["content"], ensure_ascii=False)
    return [{name: value for name, value in message.items() if name in _KEPT}]


_KEPT = frozenset({"role", "content", "name", "tool_calls", "tool_call_id", "function_call"})


def _of_parts(parts: list[Any]) -> Message:
    """OpenTelemetry's parts: texts, calls of tools, and what tools answered."""
    held = [one for one in parts if isinstance(one, Mapping)]
    said = [
        str(one.get("content", one.get("text", one.get("result", one.get("response"))))) for one in held if _speaks(one)
    ]
    calls = [
        {"type": "function", "function": {"name": one.get("name"), "arguments": one.get("arguments")}}
        for one in held
        if one.get("type") == "tool_call"
    ]
    return {"content": "\n".join(said), **({"tool_calls": calls} if calls else {})}


def _speaks(part: Mapping[str, Any]) -> bool:
    return any(isinstance(part.get(name), str) for name in ("content", "text", "result", "response"))

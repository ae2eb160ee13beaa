"""One message of a log, as OpenAI, OpenTelemetry, OpenInference and LangChain write it; steps of OpenAI Responses."""

import json
from collections.abc import Mapping
from typing import Any

from core.importers.tools.chat import tidy_message
from core.importers.tools.gathered import Gathered, objects

Message = dict[str, Any]
_TYPED = {"human": "user", "ai": "assistant", "function": "tool"}
_ROLES = _TYPED | {name: name for name in ("user", "assistant", "system", "developer", "tool")}
_KEPT = frozenset({"role", "content", "name", "tool_calls", "tool_call_id", "function_call"})
_WORDS = ("content", "text", "output_text", "result", "response", "value")
_TECHNICAL = frozenset(
    {
        *("type", "id", "status", "lc", "index", "example", "from", "additional_kwargs", "response_metadata"),
        *("usage_metadata", "finish_reason", "stop_reason", "annotations", "logprobs", "contents", *_WORDS),
    }
)
_STEPS = ("function_call", "function_call_output")


def is_message(held: Mapping[str, Any]) -> bool:
    """Whether it is one message: it says who speaks, calls a tool, or is wrapped as LangChain does."""
    named = held.get("type")
    is_typed = isinstance(named, str) and (named in _STEPS or (_role(named) and "content" in held))
    return bool(is_typed) or any(name in held for name in ("role", "message.role", "kwargs", "tool_calls"))


def text_of(held: Any) -> str:
    """A text, or what else is held as JSON; "" for nothing."""
    if held is None or held == "" or held == [] or held == {}:
        return ""
    return held if isinstance(held, str) else json.dumps(held, ensure_ascii=False)


def message_of(one: Mapping[str, Any], role: str, gathered: Gathered) -> list[Message]:
    """The message, of this role where it does not say whose it is; none for a step that says nothing, which is noted,
    as are fields that have no place."""
    one, named = _unwrapped(one)
    kind = one.get("type")
    if kind in _STEPS:
        return [_step(one)]
    if isinstance(kind, str) and "role" not in one and not _role(kind) and not any(map(one.get, (*_WORDS, *_KEPT))):
        gathered.leave(f"steps “{kind[:60]}”")
        return []
    given = one.get("role") or one.get("from")
    spoken = (_TYPED.get(given, given) if isinstance(given, str) else "") or _role(kind) or _role(named) or role
    message = dict(tidy_message({**_whole(one), "role": spoken}))
    parts = message.pop("parts", None)
    if isinstance(parts, list):
        message |= _of_parts(parts, gathered)
    if isinstance(message.get("content"), Mapping):
        message["content"] = text_of(message["content"])
    lost = [name for name in message if name not in _KEPT | _TECHNICAL and text_of(message[name])]
    gathered.leave("further fields of messages", len(lost))
    return [{name: value for name, value in message.items() if name in _KEPT}]


def _unwrapped(one: Mapping[str, Any]) -> tuple[Mapping[str, Any], Any]:
    """What stands within `message` and `kwargs`, however deep, and the class that its wrapping names."""
    named = None
    while isinstance(inner := one.get("kwargs") or one.get("message"), Mapping):
        held = one.get("id")
        named = held[-1] if isinstance(held, list) and held else named
        one = inner
    dotted = {name.removeprefix("message."): value for name, value in one.items() if name.startswith("message.")}
    return (dotted | {name: one[name] for name in one if not name.startswith("message.")}) if dotted else one, named


def _role(named: Any) -> str:
    """The role of a type or of a class (`AIMessageChunk`); "" for none."""
    if not isinstance(named, str):
        return ""
    return _ROLES.get(named.casefold().removesuffix("chunk").removesuffix("message"), "")


def _whole(one: Mapping[str, Any]) -> Message:
    """With its words as `content` and its calls as `tool_calls`, wherever they stand."""
    message = dict(one)
    if text_of(one.get("content")) == "" and "parts" not in one:
        listed = [
            {name.removeprefix("message_content."): part[name] for name in part} for part in objects(one, "contents")
        ]
        words = next((text_of(one[name]) for name in _WORDS if text_of(one.get(name))), None)
        message |= {"content": listed or words} if listed or words else {}
    beside = one.get("additional_kwargs")
    for name in ("tool_calls", "function_call"):
        if not one.get(name) and isinstance(beside, Mapping) and beside.get(name):
            message[name] = beside[name]
    if isinstance(calls := message.get("tool_calls"), list):
        message["tool_calls"] = [_call(call) for call in calls]
    return message


def _call(call: Any) -> Any:
    """OpenInference writes a call as `tool_call.function.name`, or within `tool_call`."""
    if not isinstance(call, Mapping):
        return call
    within = call.get("tool_call")
    held = within if isinstance(within, Mapping) else {n.removeprefix("tool_call."): v for n, v in call.items()}
    function = {n.removeprefix("function."): v for n, v in held.items() if n.startswith("function.")}
    rest = {n: v for n, v in held.items() if not n.startswith("function.")}
    return rest | {"function": function} if function else rest


def _step(one: Mapping[str, Any]) -> Message:
    """A call of a tool, or what it answered, as OpenAI Responses list them among messages."""
    if one["type"] == "function_call_output":
        return {"role": "tool", "content": text_of(one.get("output")), "tool_call_id": text_of(one.get("call_id"))}
    function = {"name": one.get("name"), "arguments": one.get("arguments")}
    return {"role": "assistant", "content": "", "tool_calls": [_called(one.get("call_id"), function)]}


def _called(number: Any, function: Mapping[str, Any]) -> Message:
    return ({"id": number} if number else {}) | {"type": "function", "function": dict(function)}


def _of_parts(parts: list[Any], gathered: Gathered) -> Message:
    """OpenTelemetry's parts: texts, calls of tools, and what tools answered."""
    held = [one for one in parts if isinstance(one, Mapping)]
    calls = [one for one in held if one.get("type") == "tool_call"]
    told = [next(filter(None, (text_of(one.get(name)) for name in _WORDS)), "") for one in held if one not in calls]
    said = [one for one in [*(one for one in parts if isinstance(one, str)), *told] if one]
    gathered.leave("parts of messages without a text", len(parts) - len(calls) - len(said))
    called = [_called(one.get("id"), {"name": one.get("name"), "arguments": one.get("arguments")}) for one in calls]
    return {"content": "\n".join(said), **({"tool_calls": called} if called else {})}

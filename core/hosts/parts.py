"""The content of a message, whether it came as text, as one part or as many: which parts are the answer.

Hosts name the parts of an answer in many ways. A part of text is the answer; one whose name speaks of thinking never
is; one of an unknown name is where no part of text says anything, so that no paid answer is lost. Pure; no I/O.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.hosts.wire_json import to_json
from core.text import clean

_TEXT = {"", "text", "output_text", "input_text"}
_THOUGHT = re.compile(r"think|thought|reason|analysis|summary|reflect|scratch|plan|comment|redacted|encrypted", re.I)
_HOLDS = ("text", "content", "value", "output_text", "json")
_BESIDE = {"type", "annotations", "logprobs", "id", "index", "cache_control", "signature", "citations", "status"}
_CALLS = {"tool_use", "tool_call", "function_call", "function", "custom_tool_call"}
_ASKED_WITH = ("input", "arguments", "parameters")
_DEEPEST = 20


def text_of(content: Any) -> str:
    """Text that can be stored; "" where the parts are thoughts, or hold nothing."""
    parts = _parts(content)
    said = [_said(part) for part in parts if _type(part) in _TEXT]
    if not any(said):
        called = [_called_with(part) for part in parts if _type(part) in _CALLS]
        others = [_said(part) for part in parts if not _is_no_answer(part)]
        said = called if any(called) else others
    return clean(joined(said))


def refusal_in(content: Any) -> str:
    """What a part says that refuses; "" where none does."""
    said = [part.get("refusal") or _said(part) for part in _parts(content) if _type(part) == "refusal"]
    return clean(joined([one if isinstance(one, str) else "" for one in said]))


def every_text(content: Any) -> str:
    """The text of all parts, whatever they are called: for what is known to be a thought."""
    return clean(joined([_said(part) for part in _parts(content)]))


def joined(texts: Sequence[str]) -> str:
    """The texts one behind the other; a line break parts words that would run together."""
    found = ""
    for text in filter(None, texts):
        runs_on = found[-1:].isalnum() and text[0].isalnum()
        found += f"\n{text}" if runs_on else text
    return found


def called_with(calls: Any) -> str:
    """The arguments of the tools a model called instead of answering: its answer, where it gave no other."""
    found = calls if isinstance(calls, list) else [calls]
    return clean("\n".join(filter(None, map(_called_with, found))))


def _parts(content: Any) -> list[Any]:
    if isinstance(content, list):
        return [part for part in content if part is not None]
    return [] if content is None else [content]


def _type(part: Any) -> str:
    """The name of a part's kind; "" where it has none, or is its text alone."""
    if not isinstance(part, Mapping):
        return ""
    if part.get("thought") is True or part.get("channel") in ("analysis", "commentary"):
        return "thought"
    kind = part.get("type")
    return kind if isinstance(kind, str) else ""


def _is_no_answer(part: Any) -> bool:
    kind = _type(part)
    return (
        kind in _TEXT or kind in _CALLS or kind.endswith("_result") or kind == "refusal" or bool(_THOUGHT.search(kind))
    )


def _said(part: Any, depth: int = 0) -> str:
    """The text that a part holds, however deep; an object that is no part is JSON, the answer itself."""
    if part is None or depth > _DEEPEST:
        return ""
    if isinstance(part, list):
        return joined([_said(one, depth + 1) for one in part])
    if not isinstance(part, Mapping):
        return str(part)
    held = next((name for name in _HOLDS if part.get(name) is not None), None)
    if held is None:
        return "" if not part or "type" in part or set(part) & set(_HOLDS) else to_json(part).decode()
    is_part = isinstance(part.get("type"), str) or set(part) <= _BESIDE | set(_HOLDS)
    return _said(part[held], depth + 1) if is_part else to_json(part).decode()


def _called_with(call: Any) -> str:
    """What one call says it was called with, as JSON."""
    if not isinstance(call, Mapping):
        return ""
    inner = call.get("function")
    given = next((call[name] for name in _ASKED_WITH if call.get(name)), None)
    if given is None:
        return _called_with(inner)
    return given if isinstance(given, str) else to_json(given).decode()

"""An answer that came as a stream of events though nobody asked for one: put together as it would have come whole."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.hosts.wire_json import read_json

_BEGINS = (b"data:", b"event:", b"id:", b"retry:", b":")
_ENDS = ("response.completed", "response.incomplete", "response.failed")
_TEXTS = ("content", "reasoning_content", "reasoning", "refusal")
_DONE = b"[DONE]"


def whole_of(body: bytes) -> Any:
    """The JSON that the same answer would be without a stream; one that broke off ends as an error.

    Comments before an answer that is no stream are left out. Raises ValueError where the body is neither.
    """
    text = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text.startswith(_BEGINS):
        raise ValueError("no stream")
    said = b"\n".join(line for line in text.splitlines() if not line.startswith(b":")).strip()
    if said.startswith(b"{"):
        return read_json(said)
    data = list(_data(said))
    events = [read_json(one) for one in data if one != _DONE]
    return _joined([event for event in events if isinstance(event, Mapping)], is_over=_DONE in data)


def _data(said: bytes) -> Iterator[bytes]:
    """What each event holds."""
    for event in said.split(b"\n\n"):
        if lines := [line[5:].strip() for line in event.splitlines() if line.startswith(b"data:")]:
            yield b"\n".join(lines)


def _joined(events: Sequence[Mapping[str, Any]], *, is_over: bool) -> Any:
    deltas: list[Mapping[str, Any]] = []
    finish: Any = None
    usage: Any = None
    for event in events:
        if event.get("error") or event.get("type") in _ENDS:
            return event.get("response") or event
        usage = event.get("usage") or usage
        for part in _mappings(event.get("choices")):
            if isinstance(part.get("message"), Mapping):
                return event
            deltas += _mappings([part.get("delta")])
            finish = part.get("finish_reason") or finish
    if not deltas and finish is None:
        raise ValueError("no answer in it")
    ending = finish if finish is not None or is_over else "error: the stream broke off"
    return {"choices": [{"message": _message(deltas), "finish_reason": ending}], "usage": usage}


def _message(deltas: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Each text goes on where it was, and so do the arguments of a call."""
    message: dict[str, Any] = {}
    for name in _TEXTS:
        parts = [delta[name] for delta in deltas if delta.get(name)]
        texts = [part for part in parts if isinstance(part, str)]
        message[name] = "".join(texts) if len(texts) == len(parts) else [one for part in parts for one in part]
    calls: dict[Any, list[str]] = {}
    for call in (one for delta in deltas for one in _mappings(delta.get("tool_calls"))):
        for function in _mappings([call.get("function")]):
            calls.setdefault(str(call.get("index")), []).append(str(function.get("arguments") or ""))
    message["tool_calls"] = [{"function": {"arguments": "".join(parts)}} for parts in calls.values()]
    return message


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []

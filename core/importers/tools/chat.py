"""Records of training files: a conversation that ends with the answer."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.importers.tools.gathered import Gathered, Record
from core.importers.tools.shape import Tool

Turn = tuple[str, str]
_CHATS = ("messages", "conversations", "conversation", "contents")
_ROLE = {"human": "user", "gpt": "assistant", "model": "assistant", "bot": "assistant", "developer": "system"}


def is_chat(record: Record) -> bool:
    """Whether it holds a conversation as hosts are sent them, or train on them."""
    return any(role == "user" for role, _ in _turns(record))


def unfold(record: Record, gathered: Gathered) -> Iterator[Record]:
    """The text is what the user says, the label what is answered last. Of several turns the text is all before that."""
    turns = _turns(record)
    said = [turn for turn in turns if turn[0] != "system"]
    answer = said.pop()[1] if said[-1][0] == "assistant" else None
    system = "\n".join(text for role, text in turns if role == "system")
    text = said[0][1] if len(said) == 1 else "\n".join(f"{role}: {text}" for role, text in said)
    others = {name: value for name, value in record.items() if name not in (*_CHATS, "body")}
    yield {"text": text, "label": answer, **({"system": system} if system else {}), **others}


def _turns(record: Record) -> list[Turn]:
    """Who says what, in order; none where a turn is of a shape not known here."""
    body = record.get("body")
    held = body if isinstance(body, Mapping) else record
    listed: list[Any] = next((held[name] for name in _CHATS if isinstance(held.get(name), list)), [])
    turns = [_turn(one) for one in listed]
    return [turn for turn in turns if turn is not None] if None not in turns else []


def _turn(one: Any) -> Turn | None:
    if not isinstance(one, Mapping):
        return None
    role = one.get("role") or one.get("from")
    said = next((one[name] for name in ("content", "value", "parts") if one.get(name) is not None), None)
    text = said if isinstance(said, str) else _called(one) if said is None else _joined(said)
    return (_ROLE.get(role, role), text) if isinstance(role, str) and text is not None else None


def _called(turn: Mapping[str, Any]) -> str:
    """What a turn without words asks of its one tool."""
    calls = turn.get("tool_calls")
    function = calls[0].get("function") if isinstance(calls, list) and len(calls) == 1 else None
    arguments = function.get("arguments") if isinstance(function, Mapping) else None
    return arguments if isinstance(arguments, str) else ""


def _joined(parts: Any) -> str | None:
    if not isinstance(parts, list) or not all(isinstance(one, Mapping) and "text" in one for one in parts):
        return None
    return "\n".join(str(one["text"]) for one in parts)


TOOL = Tool("conversations", is_chat, is_chat, unfold, " The text is the user's message, the label the last answer.")

"""A conversation as it stands in a field: a JSON list of messages, in the spellings that are about."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.message_files import reference_in
from core.model import MediaPart
from core.text import read_json

_ROLES = {"human": "user", "gpt": "assistant", "bot": "assistant", "model": "assistant", "developer": "system"}
_SAID = ("content", "value", "text", "parts")
_WHAT, _PLACES = ("content", "value"), ("start", "end", "start_offset", "label", "labels")
_TOOL_PARTS = ("tool_use", "tool_result", "tool_call", "tool_call_response", "function_call", "function_call_output")
_HELD = ("messages", "conversations", "conversation")


@dataclass(frozen=True)
class Turn:
    """One message: `role` as it is shown, "" where none is given. `text` names a picture by its type."""

    role: str
    text: str
    parts: tuple[str | MediaPart, ...] = ()
    """What it says in order, where stored pictures or sounds are among it."""


def turns(text: str) -> tuple[Turn, ...] | None:
    """The messages of a field, in order; None for what is no list of messages.

    Known are `role` and `content` (OpenAI, TRL, Hugging Face) and `from` and `value` (ShareGPT); of content in parts
    the texts are joined, and a part that is none is named by its type (a stored file is in `parts`). A call of a
    tool is said as JSON. A list in which no message has a role is none: it may as well be a list of spans.
    """
    if text[:1].isspace() or text[:1] in "[{":
        try:
            value = read_json(text)
        except ValueError:
            return None
        if isinstance(value, Mapping):
            value = next((value[name] for name in _HELD if name in value and len(value) == 1), None)
        if isinstance(value, list) and value:
            found = [_turn(one) for one in value]
            said = tuple(one for one in found if one)
            return said if len(said) == len(found) and any(one.role for one in said) else None
    return None


def as_text(text: str) -> str | None:
    """The conversation as it reads, `User: …`, turns apart by an empty line: in this, spans in a conversation count.
    None for what is no conversation."""
    said = turns(text)
    if said is None:
        return None
    return "\n\n".join(f"{_heading(one.role)}{one.text}" for one in said)


def read_back(text: str) -> tuple[Turn, ...] | None:
    """The messages of what `as_text` wrote, by the headings of the usual roles; whoever else speaks is told within the
    message before. None where it does not begin with such a heading."""
    if _TOLD.match(text) is None:
        return None
    found = []
    for part in _BETWEEN.split(text):
        heading = _TOLD.match(part)
        role = heading[1].lower() if heading else ""
        found.append(Turn(role, part[heading.end() :] if heading else part))
    return tuple(found)


def turns_shown(text: str) -> tuple[Turn, ...] | None:
    """The messages of a conversation, whichever way a field has it."""
    return turns(text) or read_back(text)


_TOLD = re.compile(r"(System|User|Assistant|Tool): ")
_BETWEEN = re.compile(r"\n\n(?=(?:System|User|Assistant|Tool): )")


def _heading(role: str) -> str:
    return f"{role[:1].upper()}{role[1:]}: " if role else ""


def without_roles(text: str) -> bool:
    """Whether it is a conversation in which a message has no role."""
    return any(not one.role for one in turns(text) or ())


def lacks_all_roles(text: str) -> bool:
    """Whether it is a list of messages none of which says who speaks, so that it is read as no conversation."""
    if text[:1] not in "[" or not text:
        return False
    try:
        held = read_json(text)
    except ValueError:
        return False
    are_messages = isinstance(held, list) and len(held) > 0 and all(isinstance(one, Mapping) for one in held)
    return (
        are_messages
        and turns(text) is None
        and all(any(isinstance(one.get(name), str) for name in _WHAT) and {*one}.isdisjoint(_PLACES) for one in held)
    )


Tell = Callable[[str, str], str]
"""What becomes of a text, given the name of the field that it stands under; "" where somebody says it or is it."""


def retold(text: str, tell: Tell) -> str | None:
    """The conversation with each of its texts, numbers and names as `tell` gives it; the usual roles and types stay,
    and so do the names that make it a conversation. The very same where nothing changes, None for what is none."""
    if turns(text) is None:
        return None
    doubled = False

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal doubled
        doubled = doubled or len(dict(pairs)) < len(pairs)  # of which only the last was told
        return dict(pairs)

    held = read_json(text, pairs=once, long=str)
    told = _retold(held, tell, "")
    return text if told == held and not doubled else json.dumps(told, ensure_ascii=False)


def texts_in(text: str) -> list[str]:
    """All that `retold` hands on, in order, with the names of fields as they read; the text itself where it is no
    conversation."""
    found: list[str] = []

    def heard(said: str, name: str) -> str:
        found.append(under(name, said))
        return said

    return [text] if retold(text, heard) is None else found


def under(name: str, said: str) -> str:
    """The text below its field's name, which may tell what it is."""
    return f"{name}: {said}" if name else said


_SPEAKERS = ("role", "from", "speaker", "type")
_STRUCTURE = frozenset({*_SPEAKERS, *_SAID, *_HELD, "name", "id", "tool_calls", "tool_call_id", "function_call"})
_USUAL = frozenset(
    {
        *_ROLES,
        *_ROLES.values(),
        *("tool", "function", "ai", "agent", "customer", "client", "chatbot", "support"),
        *("text", "input_text", "output_text", "image_url", "input_image", "input_audio", "audio", "image", "file"),
        *("message", "refusal", *_TOOL_PARTS),
    }
)
"""Roles and types that nobody's name is found in, whatever names are asked for."""


def _retold(value: Any, tell: Tell, name: str) -> Any:
    if isinstance(value, str):
        return tell(value, name)
    if isinstance(value, list):
        return [_retold(one, tell, name) for one in value]
    if isinstance(value, Mapping):
        return {
            key if key in _STRUCTURE else tell(key, ""): _retold_under(key, one, tell) for key, one in value.items()
        }
    if isinstance(value, int | float) and not isinstance(value, bool):
        written = json.dumps(value)
        told = tell(written, name)
        return value if told == written else told
    return value


def _retold_under(name: str, value: Any, tell: Tell) -> Any:
    if name in _SPEAKERS and isinstance(value, str) and value.strip().casefold() in _USUAL:
        return value
    return _retold(value, tell, "" if name in (*_SPEAKERS, *_SAID) else name)


def _turn(one: Any) -> Turn | None:
    if not isinstance(one, Mapping):
        return None
    said = next((one[name] for name in _SAID if one.get(name) is not None), None)
    if said is None and not calls_in(one):
        return None
    role = one.get("role") or one.get("from") or one.get("speaker") or ""
    words = "" if said is None else _words(said)
    if words is None or not isinstance(role, str):
        return None
    return Turn(_ROLES.get(role.strip().casefold(), role.strip()), with_calls(words, one), _parts(said, one))


def _parts(said: Any, message: Mapping[str, Any]) -> tuple[str | MediaPart, ...]:
    """The parts of a message with their files; none where it is all text."""
    if not isinstance(said, list):
        return ()
    files = [reference_in(one) if isinstance(one, Mapping) else "" for one in said]
    if not any(files):
        return ()
    pieces = [MediaPart(file) if file else _piece(one) or "" for one, file in zip(said, files, strict=True)]
    called = with_calls("", message)
    return tuple(one for one in (*pieces, called) if one)


def calls_in(message: Mapping[str, Any]) -> Any:
    """The calls of tools that a message has beside its words."""
    return message.get("tool_calls") or message.get("function_call")


def with_calls(words: str, message: Mapping[str, Any]) -> str:
    """Its words, and below them its calls of tools as JSON; the very same where it has none."""
    called = calls_in(message)
    return f"{words}\n{_as_json(called)}".strip() if called else words


def tool_part(part: Mapping[str, Any]) -> str | None:
    """A part of a content that calls a tool or says what one gave, as JSON; None for any other."""
    return _as_json(part) if part.get("type") in _TOOL_PARTS else None


def _as_json(held: Any) -> str:
    return json.dumps(held, ensure_ascii=False, indent=1)


def _words(said: Any) -> str | None:
    if isinstance(said, str):
        return said
    if not isinstance(said, list):
        return None
    pieces = [_piece(one) for one in said]
    return "\n".join(piece for piece in pieces if piece is not None) if None not in pieces else None


def _piece(part: Any) -> str | None:
    if isinstance(part, str):
        return part
    if not isinstance(part, Mapping):
        return None
    text = part.get("text")
    return text if isinstance(text, str) else tool_part(part) or f"[{part.get('type', 'part')}]"

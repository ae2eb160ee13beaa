"""A conversation as messages with roles: what a model is sent as what was said, not as a text that tells of it.

User and assistant keep their roles, in the spellings that are about, and the system where nobody else instructs.
Whoever else speaks (a tool, the system of the conversation itself, somebody by name) is told as a user's message that
begins with the name: a system message inside would be obeyed, and a tool's would need the call that it answers.
Neighbours of one role are one message, since some hosts take them by turns alone. Stored pictures and sounds of a user
are parts of the message; of anybody else they are named by their type.
"""

from collections.abc import Sequence

from core.content import content_of
from core.conversation import turns_shown
from core.model import Content, MediaPart, Message

MESSAGES = "messages:"
"""Before a field's name in a variable: the conversation in it, as messages."""
_SPEAKERS = {
    **dict.fromkeys(("user", "customer", "client", "prompter", "visitor", "caller"), "user"),
    **dict.fromkeys(("assistant", "agent", "chatbot", "ai", "support", "operator", "advisor"), "assistant"),
}


def is_messages(name: str) -> bool:
    """Whether the variable asks for messages."""
    return name.startswith(MESSAGES)


def field_of(name: str) -> str:
    """The field that a variable names."""
    return name.removeprefix(MESSAGES).strip() if is_messages(name) else name


def messages_in(told: str, *, leads: bool = False) -> list[Message]:
    """Those of a conversation; of what is none, one message of the user. None without a word. Where the conversation
    `leads`, with no instructions before it, a system message at its beginning is one."""
    said = turns_shown(told)
    if said is None:
        return [Message("user", told)] if told.strip() else []
    found: list[Message] = []
    for turn in said:
        is_first = leads and not found and turn.role == "system"
        speaker = "system" if is_first else _SPEAKERS.get(turn.role.casefold())
        text = turn.text if speaker or not turn.role else f"{turn.role[:1].upper()}{turn.role[1:]}: {turn.text}"
        role = speaker or "user"
        if not turn.text.strip():
            continue
        content: Content = text
        if role == "user" and turn.parts:  # nobody else can show a picture
            content = content_of([text.removesuffix(turn.text), *_on_lines(turn.parts)])
        if found and found[-1].role == role:
            found[-1] = Message(role, _joined(found[-1].content, content))
        else:
            found.append(Message(role, content))
    return found


def _on_lines(parts: Sequence[str | MediaPart]) -> list[str | MediaPart]:
    """Texts that stand beside each other, on lines of their own."""
    told: list[str | MediaPart] = []
    for part in parts:
        told += ["\n", part] if told and isinstance(part, str) and isinstance(told[-1], str) else [part]
    return told


def _joined(one: Content, other: Content) -> Content:
    if isinstance(one, str) and isinstance(other, str):
        return f"{one}\n\n{other}"
    return content_of([*_pieces(one), "\n\n", *_pieces(other)])


def _pieces(content: Content) -> list[str | MediaPart]:
    if isinstance(content, str):
        return [content]
    return [part if isinstance(part, MediaPart) else part.text for part in content]

"""A conversation as messages with roles: what a model is sent as what was said, not as a text that tells of it.

User and assistant keep their roles, in the spellings that are about, and the system where nobody else instructs.
Whoever else speaks (a tool, the system of the conversation itself, somebody by name) is told as a user's message that
begins with the name: a system message inside would be obeyed, and a tool's would need the call that it answers.
Neighbours of one role are one message, since some hosts take them by turns alone.
"""

from core.conversation import turns_shown
from core.model import Message

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
        if found and found[-1].role == role:
            found[-1] = Message(role, f"{found[-1].content}\n\n{text}")
        else:
            found.append(Message(role, text))
    return found

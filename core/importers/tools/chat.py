"""Records that are conversations: of training files, which end with the answer, or as people and assistants had them.

Where the last answers are labels, each is the label of what stands before it: a text, or messages where pictures or
sounds are among them. Where they are texts, or nobody has answered yet, the whole conversation is the item.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.importers.prose import is_prose, is_written
from core.importers.tools.gathered import Gathered, Record
from core.importers.tools.shape import Tool

Turn = tuple[str, str]
_CHATS = ("messages", "conversations", "conversation", "contents")
_ROLE = {"human": "user", "gpt": "assistant", "model": "assistant", "bot": "assistant", "developer": "system"}


CONVERSATION = "conversation"
_PROMPTED = ("prompt", "completion")
_LONG = 120


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
    yield {"text": text, "label": answer, **({"system": system} if system else {}), **_others(record)}


def as_items(record: Record, gathered: Gathered) -> Iterator[Record]:
    """The conversation as it is, whoever speaks and whatever tools are called in it."""
    yield {CONVERSATION: [tidy_message(one) for one in _listed(record)], **_others(record)}


def with_what_is_shown(record: Record, gathered: Gathered) -> Iterator[Record]:
    """What stands before the last answer as it is, with its pictures and sounds; the label what is answered last."""
    messages, answer = _listed(record), None
    if _turns(record)[-1][0] == "assistant":
        answer = _turns(record)[-1][1]
        messages = messages[:-1]
    yield {CONVERSATION: [tidy_message(one) for one in messages], "label": answer, **_others(record)}


def _show_files(records: Sequence[Record]) -> bool:
    """Whether something besides text is said in one of these: as a text it would be gone."""
    return any(
        isinstance(part, Mapping) and "text" not in part
        for record in records
        for message in _listed(record)
        if isinstance(message, Mapping) and isinstance(message.get("content"), list)
        for part in message["content"]
    )


def tidy_message(one: Any) -> Any:
    """The message without what says nothing; one without a word says so, for it is still a message."""
    if not isinstance(one, Mapping):
        return one
    held = {name: value for name, value in one.items() if value is not None and value != []}
    is_mute = not any(name in held for name in ("content", "value", "parts", "tool_calls", "function_call"))
    return held | {"content": ""} if is_mute else held


def _end_with_texts(records: Sequence[Record]) -> bool:
    """Whether the last answers of these are no labels, or the conversations wait for one."""
    said = [[turn for turn in _turns(record) if turn[0] != "system"] for record in records]
    answers = [turns[-1][1].strip() for turns in said if turns and turns[-1][0] == "assistant"]
    spoken = [one for one in answers if one and one[0] not in "{["]
    if not answers:
        return any(len(turns) > 1 for turns in said)
    is_long = is_prose(spoken) and sum(map(len, spoken)) > _LONG * len(spoken)
    return 2 * len(spoken) > len(answers) and (is_written(spoken) or is_long)


def _others(record: Record) -> Record:
    """What stands beside the conversation; what is called as it is there goes by another name."""
    taken = (_name_in(record), "body", *(_PROMPTED if isinstance(record.get("prompt"), list) else ()))
    others = {name: value for name, value in record.items() if name not in taken}
    if CONVERSATION not in others:
        return others
    beside = others.pop(CONVERSATION)
    is_id = isinstance(beside, str | int) and f"{CONVERSATION}_id" not in record
    return others | {f"{CONVERSATION}_{'id' if is_id else 2}": beside}


def _listed(record: Record) -> list[Any]:
    """The messages as the record has them; a prompt of messages goes before its completion."""
    body = record.get("body")
    held = body if isinstance(body, Mapping) else record
    if (name := _name_in(held)) is not None:
        return list(held[name])
    parts = [record.get(name) for name in _PROMPTED]
    return [one for part in parts if isinstance(part, list) for one in part] if isinstance(parts[0], list) else []


def _name_in(held: Mapping[str, Any]) -> str | None:
    """Under which name the messages stand."""
    return next((name for name in _CHATS if isinstance(held.get(name), list)), None)


def _turns(record: Record) -> list[Turn]:
    """Who says what, in order; none where a turn is of a shape not known here."""
    turns = [_turn(one) for one in _listed(record)]
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
    call = calls[0] if isinstance(calls, list) and len(calls) == 1 else None
    function = call.get("function") if isinstance(call, Mapping) else None
    arguments = function.get("arguments") if isinstance(function, Mapping) else None
    return arguments if isinstance(arguments, str) else ""


def _joined(parts: Any) -> str | None:
    if not isinstance(parts, list) or not all(
        isinstance(one, Mapping) and ("text" in one or "type" in one) for one in parts
    ):
        return None
    return "\n".join(str(one["text"]) if "text" in one else f"[{one['type']}]" for one in parts)


TALKS = Tool(
    "conversations",
    is_chat,
    is_chat,
    as_items,
    " Each is an item, with all its messages; the last answers are no labels.",
    among=_end_with_texts,
)
SHOWN = Tool(
    "conversations",
    is_chat,
    is_chat,
    with_what_is_shown,
    " The messages before the last answer are the item, with their pictures and sounds; that answer is the label.",
    among=_show_files,
)
TOOL = Tool("conversations", is_chat, is_chat, unfold, " The text is the user's message, the label the last answer.")

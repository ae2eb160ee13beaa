"""Records of training files and of Argilla: a conversation that ends with the answer, fields with responses beside."""

from collections.abc import Iterator, Mapping
from typing import Any

Record = dict[str, Any]
Turn = tuple[str, str]
_CHATS = ("messages", "conversations", "conversation", "contents")
_ROLE = {"human": "user", "gpt": "assistant", "model": "assistant", "bot": "assistant", "developer": "system"}
_SENT = frozenset({"submitted", "completed"})


def is_chat(record: Record) -> bool:
    """Whether it holds a conversation as hosts are sent them, or train on them."""
    return any(role == "user" for role, _ in _turns(record))


def chat(record: Record) -> Iterator[Record]:
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


def is_argilla(record: Record) -> bool:
    """Whether it has fields, and responses or suggestions to questions about them."""
    return isinstance(record.get("fields"), Mapping) and ("responses" in record or "suggestions" in record)


def argilla(record: Record) -> Iterator[Record]:
    """One record for each person who submitted a response, and each model that suggested one. Drafts and what was
    discarded say nothing."""
    item = {"id": record.get("id"), **{name: value for name, value in record["fields"].items() if name != "id"}}
    metadata = record.get("metadata")
    item |= {f"metadata.{name}": value for name, value in metadata.items()} if isinstance(metadata, Mapping) else {}
    said: dict[str, Record] = {}
    for who, question, value in (*_responses(record.get("responses")), *_suggestions(record.get("suggestions"))):
        said.setdefault(who, {})[question] = value
    for who, answers in said.items():
        yield item | {"annotator": who} | answers
    if not said:
        yield item


def _responses(held: Any) -> Iterator[tuple[str, str, Any]]:
    """By question, as the second version writes them; or by person, as the first does."""
    if isinstance(held, Mapping):
        for question, given in held.items():
            for one in given if isinstance(given, list) else ():
                if isinstance(one, Mapping) and _is_sent(one):
                    yield _who(one.get("user_id")), question, one.get("value")
    for one in held if isinstance(held, list) else ():
        values = one.get("values") if isinstance(one, Mapping) and _is_sent(one) else None
        for question, given in values.items() if isinstance(values, Mapping) else ():
            yield _who(one.get("user_id")), question, given.get("value") if isinstance(given, Mapping) else given


def _is_sent(response: Mapping[str, Any]) -> bool:
    return response.get("status", "submitted") in _SENT


def _who(user: Any) -> str:
    return f"annotator {user}" if isinstance(user, int) else str(user or "")


def _suggestions(held: Any) -> Iterator[tuple[str, str, Any]]:
    named = held.items() if isinstance(held, Mapping) else ()
    listed = [(one.get("question_name"), one) for one in held or () if isinstance(one, Mapping)] if not named else []
    for question, one in (*named, *listed):
        if isinstance(one, Mapping) and question:
            yield f"model {one.get('agent') or 'suggestion'}", str(question), one.get("value")

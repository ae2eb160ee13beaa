"""A conversation as a text to read: who says what, one turn after another."""

import json
from typing import Any

from core.conversation import tool_part, with_calls


def transcript(told: str) -> str:
    """`User: ...` and so on, turns apart by an empty line; what is no JSON list of turns stays as it is written.

    A turn is `{"role", "content"}`, or `{"from", "value"}` as some data sets have it; of content in parts the text.
    Calls of tools are told below the words, as people see them.
    """
    try:
        turns = json.loads(told)
    except (ValueError, RecursionError):
        return told
    if not isinstance(turns, list) or not turns or not all(isinstance(turn, dict) for turn in turns):
        return told
    said = [
        (turn.get("role", turn.get("from")), with_calls(_words(turn.get("content", turn.get("value"))), turn))
        for turn in turns
    ]
    if not all(isinstance(role, str) and role for role, _ in said):
        return told
    return "\n\n".join(f"{role[:1].upper()}{role[1:]}: {words}" for role, words in said)


def _words(content: Any) -> str:
    if isinstance(content, list):
        texts = [part.get("text", tool_part(part)) for part in content if isinstance(part, dict)]
        return "\n".join(text for text in texts if isinstance(text, str))
    return content if isinstance(content, str) else "" if content is None else json.dumps(content, ensure_ascii=False)

"""Preference data for training: a prompt, the answer that was chosen and the one that was rejected.

As columns, "chosen" and "rejected" would tell the answer. So the two are put side by side as candidates in an order
that is drawn for each record from its content: reading the file again gives the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from core.importers.answer_kinds import Kind
from core.importers.tools.gathered import Gathered, Record
from core.importers.tools.shape import Tool

FIELDS = ("first answer", "second answer")
_LABEL = "preference"
_SCORES = ("score_chosen", "score_rejected")
_SAYS_WHICH = ("chosen", "rejected", "prompt", "messages", *_SCORES, "chosen_model", "rejected_model")


def is_pair(record: Record) -> bool:
    return all(_is_said(record.get(name)) for name in ("chosen", "rejected"))


def _is_said(held: Any) -> bool:
    is_chat = (
        isinstance(held, list) and bool(held) and all(isinstance(one, Mapping) and "content" in one for one in held)
    )
    return is_chat or isinstance(held, str) and bool(held.strip())


def unfold(record: Record, gathered: Gathered) -> Iterator[Record]:
    """The prompt is what both begin with, where it does not stand beside them. Equal scores are a tie."""
    prompt, chosen, rejected = _parts(record)
    swapped = blake2b(f"{prompt}\x1f{min(chosen, rejected)}".encode(), digest_size=1).digest()[0] & 1
    second_wins = bool(swapped) if chosen <= rejected else not swapped
    said = "Second is better" if second_wins else "First is better"
    scores = [record.get(name) for name in _SCORES]
    if scores[0] is not None and scores[0] == scores[1]:
        said = "Tie"
    for name in (*_SCORES, "chosen_model", "rejected_model"):
        gathered.leave(name, name in record)
    gathered.kinds.setdefault(_LABEL, Kind.PREFERENCE)
    gathered.candidates.setdefault(_LABEL, FIELDS)
    others = {name: value for name, value in record.items() if name not in _SAYS_WHICH}
    pair = (rejected, chosen) if second_wins else (chosen, rejected)
    yield {"prompt": prompt, **dict(zip(FIELDS, pair, strict=True)), _LABEL: said, **others}


def _converse(records: Sequence[Record]) -> bool:
    """Whether prompts are conversations of several messages."""
    return any(isinstance(prompt := _apart(record)[0], list) and len(prompt) > 1 for record in records)


def unfold_talks(record: Record, gathered: Gathered) -> Iterator[Record]:
    """The same, each prompt as the conversation that the two answers continue."""
    prompt = _apart(record)[0]
    told = prompt if isinstance(prompt, list) else [{"role": "user", "content": prompt or ""}]
    for one in unfold(record, gathered):
        yield one | {"prompt": told}


def _apart(record: Record) -> tuple[Any, Any, Any]:
    """The prompt and both answers as the record has them, with the prompt inside or beside."""
    chosen, rejected, prompt = record["chosen"], record["rejected"], record.get("prompt")
    if isinstance(chosen, list) and isinstance(rejected, list):
        same = 0
        while same < min(len(chosen), len(rejected)) - 1 and chosen[same] == rejected[same]:
            same += 1
        if not _is_said(prompt):
            prompt = chosen[:same]
        chosen, rejected = chosen[same:], rejected[same:]
    return prompt, chosen, rejected


def _parts(record: Record) -> tuple[str, str, str]:
    """The same as text, be they texts or lists of messages."""
    prompt, chosen, rejected = _apart(record)
    texts = [_text(prompt), _text(chosen), _text(rejected)]
    if texts[0] and texts[1].startswith(texts[0]) and texts[2].startswith(texts[0]):
        texts[1:] = [text[len(texts[0]) :].lstrip() for text in texts[1:]]
    return (texts[0], texts[1], texts[2])


def _text(held: Any) -> str:
    """What is said; of several messages who says what."""
    if not isinstance(held, list):
        return held if isinstance(held, str) else ""
    if len(held) == 1:
        return str(held[0].get("content", ""))
    return "\n".join(f"{one.get('role', '')}: {one.get('content', '')}" for one in held)


def chosen(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Record]:
    """The rows of a table with a chosen and a rejected answer, as records; none where it is no such table."""
    if not {"chosen", "rejected"} <= {*columns}:
        return []
    records: list[Record] = [dict(zip(columns, row, strict=True)) for row in rows]
    return records if 2 * sum(map(is_pair, records)) >= len(records) else []


_TITLE = "pairs of a chosen and a rejected answer"
_NOTE = " The two answers stand in random order, so that their place does not tell which was chosen."
TALKS = Tool(_TITLE, is_pair, is_pair, unfold_talks, f" Each prompt is a conversation.{_NOTE}", among=_converse)
TOOL = Tool(_TITLE, is_pair, is_pair, unfold, _NOTE)

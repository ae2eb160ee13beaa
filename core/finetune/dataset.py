"""Training data in the chat form every dialect starts from."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.model import Message, Split

A_MESSAGE = 4
"""Tokens that a message takes beside what it says."""


@dataclass(frozen=True)
class TrainingExample:
    """One item as it will be taught: the messages it is asked with, and the answer it should give, with the labels that
    are in it."""

    item_id: int
    messages: tuple[Message, ...]
    answer: str
    labels: tuple[str, ...]
    split: Split | None
    duplicate_group: int | None = None


@dataclass(frozen=True)
class Alike:
    """Examples of a split that differ in their last message and their answer alone, column by column.

    `before` are the messages before the last, whose role is `asker`; `taught` are labels and answer.
    """

    split: Split | None
    before: tuple[Message, ...]
    item_ids: Sequence[int]
    contents: Sequence[str]
    taught: Sequence[tuple[tuple[str, ...], str]]
    groups: Sequence[int | None]
    asker: str = "user"


def training_line(example: TrainingExample) -> str:
    """One JSONL line with the needed keys only; the last message is the assistant's."""
    turns = [*example.messages, Message("assistant", example.answer)]
    return json.dumps({"messages": [{"role": m.role, "content": m.content} for m in turns]}, ensure_ascii=False)


def training_jsonl(examples: Iterable[TrainingExample]) -> str:
    """The whole file; ends with a line break where there is any line."""
    return "".join(training_line(example) + "\n" for example in examples)


def estimate_tokens(examples: Iterable[TrainingExample]) -> int:
    """Characters / 4 plus 4 a message: an estimate (exact counts need the host's own tokenizer)."""
    return sum(
        tokens_in(example.answer) + sum(tokens_in(message.content) for message in example.messages)
        for example in examples
    )


def tokens_in(content: str) -> int:
    """The same of one message."""
    return len(content) // 4 + A_MESSAGE

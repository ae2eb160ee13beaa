"""Training data in the chat form every dialect starts from."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.content import Read, on_the_wire, text_of, tokens_of_media, with_bytes
from core.model import Content, Message, Split

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
    contents: Sequence[Content]
    taught: Sequence[tuple[tuple[str, ...], str]]
    groups: Sequence[int | None]
    asker: str = "user"


def training_line(example: TrainingExample) -> str:
    """One JSONL line with the needed keys only; the last message is the assistant's. Pictures stand in it by their
    references."""
    turns = [*example.messages, Message("assistant", example.answer)]
    asked = [{"role": turn.role, "content": on_the_wire(turn.content)} for turn in turns]
    return json.dumps({"messages": asked}, ensure_ascii=False)


def training_jsonl(examples: Iterable[TrainingExample], read: Read | None = None) -> str:
    """The whole file; ends with a line break where there is any line. `read` gives the files that references name."""
    return "".join(_filled(example, read) + "\n" for example in examples)


def _filled(example: TrainingExample, read: Read | None) -> str:
    line = training_line(example)
    if read is None or all(isinstance(message.content, str) for message in example.messages):
        return line
    # Without blanks, as references are looked for.
    return with_bytes(json.dumps(json.loads(line), ensure_ascii=False, separators=(",", ":")).encode(), read).decode()


def estimate_tokens(examples: Iterable[TrainingExample]) -> int:
    """Characters / 4 plus 4 a message: an estimate (exact counts need the host's own tokenizer)."""
    return sum(
        tokens_in(example.answer) + sum(tokens_in(message.content) for message in example.messages)
        for example in examples
    )


def tokens_in(content: Content) -> int:
    """The same of one message; a picture counts 500."""
    return tokens_said(content) + A_MESSAGE


def tokens_said(content: Content) -> int:
    """What it says, without what a message takes beside it."""
    return len(text_of(content)) // 4 + tokens_of_media(content)

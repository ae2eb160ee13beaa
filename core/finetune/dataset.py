"""What is taught, before it is written as lines of a file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.content import text_of, tokens_of_media
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
class PreferenceExample:
    """One request, and of two texts written for it the better and the worse."""

    item_id: int
    messages: tuple[Message, ...]
    preferred: str
    rejected: str
    split: Split | None
    duplicate_group: int | None = None


@dataclass(frozen=True)
class Alike:
    """Examples of a split that differ in their last message and their answer alone, column by column.

    `before` are the messages before the last, whose role is `asker`; `taught` are labels and answer. `is_talk`: among
    the messages is a conversation, which has as many as it has; then it is one example alone.
    """

    split: Split | None
    before: tuple[Message, ...]
    item_ids: Sequence[int]
    contents: Sequence[Content]
    taught: Sequence[tuple[tuple[str, ...], str]]
    groups: Sequence[int | None]
    asker: str = "user"
    is_talk: bool = False


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
    if isinstance(content, str):
        return len(content) // 4
    return len(text_of(content)) // 4 + tokens_of_media(content)

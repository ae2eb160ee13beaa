"""What the pre-flight needs to know of the examples of a split, found in one pass over them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from core.finetune.dataset import TrainingExample, tokens_in
from core.model import Message, Split

RESERVED = ("<|endoftext|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|endofprompt|>")


@dataclass
class Facts:
    """`answers` counts `(label, answer)`; `repeats` are the examples whose text or near-duplicates the other split has.

    `heads` are the system messages, `shapes` the roles in their order, `reserved` the items with a reserved token.
    """

    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    tokens: int = 0
    longest: int = 0
    of_test: int = 0
    repeats: int = 0
    texts: set[str] = field(default_factory=set)
    groups: set[int] = field(default_factory=set)
    heads: set[str] = field(default_factory=set)
    shapes: set[tuple[str, ...]] = field(default_factory=set)
    reserved: list[int] = field(default_factory=list)

    @property
    def lines(self) -> int:
        return self.answers.total()

    @property
    def labels(self) -> Counter[str]:
        """How often each label is taught."""
        counts: Counter[str] = Counter()
        for (label, _), number in self.answers.items():
            counts[label] += number
        return counts


def facts_of(examples: Iterable[TrainingExample], beside: Facts | None = None) -> Facts:
    """Reads each example once and keeps none: they may be made as they are read. `beside` is the other split's.

    What comes before the last message is as a rule the same in all, and then looked at once.
    """
    found, other = Facts(), beside or Facts()
    head: _Head | None = None
    for example in examples:
        *before, last = example.messages
        if head is None or before != head.messages or last.role != head.asker:
            head = _Head.of(before, last.role)
            found.shapes.add(head.shape)
            found.heads |= head.system
        content, answer, group = last.content, example.answer, example.duplicate_group
        found.answers[example.label, answer] += 1
        found.of_test += example.split is Split.TEST
        found.repeats += content in other.texts or group in other.groups
        found.texts.add(content)
        if group is not None:
            found.groups.add(group)
        if head.is_reserved or _is_reserved(content):
            found.reserved.append(example.item_id)
        tokens = head.tokens + tokens_in(content) + tokens_in(answer)
        found.tokens += tokens
        if tokens > found.longest:
            found.longest = tokens
    return found


@dataclass(frozen=True)
class _Head:
    """The messages before the last, and the role of that one."""

    messages: list[Message]
    asker: str
    shape: tuple[str, ...]
    system: frozenset[str]
    is_reserved: bool
    tokens: int

    @classmethod
    def of(cls, messages: list[Message], asker: str) -> Self:
        contents = [message.content for message in messages]
        return cls(
            messages,
            asker,
            (*(message.role for message in messages), asker),
            frozenset(contents[:1] if messages and messages[0].role == "system" else ()),
            any(map(_is_reserved, contents)),
            sum(map(tokens_in, contents)),
        )


def _is_reserved(content: str) -> bool:
    return "<|" in content and any(token in content for token in RESERVED)

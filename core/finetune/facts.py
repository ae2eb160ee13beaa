"""What the pre-flight needs to know of the examples of a split, found in one pass over them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from core.content import media_in, text_of
from core.finetune.dataset import A_MESSAGE, Alike, PreferenceExample, tokens_in, tokens_said
from core.model import Content, Message, Split

RESERVED = ("<|endoftext|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|endofprompt|>")


@dataclass
class Facts:
    """`answers` counts `(labels, answer)`; `repeats` are the examples whose text, or a near-duplicate, the other split
    has.

    `heads` are the system messages, `shapes` the roles in their order, `reserved` the items with a reserved token.
    """

    answers: Counter[tuple[tuple[str, ...], str]] = field(default_factory=Counter)
    tokens: int = 0
    longest: int = 0
    lengths: Counter[int] = field(default_factory=Counter)
    """How many lines have so many tokens."""
    of_test: int = 0
    repeats: int = 0
    texts: set[Content] = field(default_factory=set)
    groups: set[int] = field(default_factory=set)
    heads: set[Content] = field(default_factory=set)
    shapes: set[tuple[str, ...]] = field(default_factory=set)
    reserved: list[int] = field(default_factory=list)
    shown: dict[str, int] = field(default_factory=dict)
    """The references of pictures and sound, with the first item that shows each."""
    times: Counter[str] = field(default_factory=Counter)
    """How often each is in the file."""
    most_shown: int = 0
    longer: int = 0
    """Of pairs: those whose better text is the longer one."""

    @property
    def lines(self) -> int:
        return self.answers.total()

    @property
    def labels(self) -> Counter[str]:
        """How often each label is taught."""
        counts: Counter[str] = Counter()
        for (labels, _), number in self.answers.items():
            counts.update(dict.fromkeys(labels, number))
        return counts


def facts_of(examples: Iterable[Alike], beside: Facts | None = None) -> Facts:
    """Reads the examples once and keeps none: they may be made as they are read. `beside` is the other split's.

    Column by column: of a hundred thousand examples every step in between counts.
    """
    found, other = Facts(), beside or Facts()
    for alike in examples:
        contents, groups, before = alike.contents, alike.groups, [message.content for message in alike.before]
        found.shapes.add(_shape(alike))
        found.heads.update(before[:1] if alike.before and alike.before[0].role == "system" else ())
        found.answers.update(alike.taught)
        found.of_test += len(contents) if alike.split is Split.TEST else 0
        told = [_whole(alike)] if alike.is_talk else contents
        found.texts.update(told)
        found.groups.update(group for group in groups if group is not None)
        both = zip(told, groups, strict=True)
        found.repeats += sum(content in other.texts or group in other.groups for content, group in both)
        spoilt = any(map(_is_reserved, before))
        asked = zip(alike.item_ids, contents, strict=True)
        said = {answer for _, answer in set(alike.taught) if _is_reserved(answer)}
        found.reserved += [
            item
            for (item, content), (_, answer) in zip(asked, alike.taught, strict=True)
            if spoilt or answer in said or _is_reserved(content)
        ]
        _weigh(found, alike, sum(map(tokens_in, before)))
        _look(found, alike)
    return found


def _shape(alike: Alike) -> tuple[str, ...]:
    if alike.is_talk:
        return (*(message.role for message in alike.before[:1] if message.role == "system"), "conversation")
    return (*(message.role for message in alike.before), alike.asker)


def _whole(alike: Alike) -> str:
    """All that is said about the one item of a conversation: its last message may be the same question for each."""
    return "\x1f".join([*(text_of(message.content) for message in alike.before), text_of(alike.contents[0])])


def facts_of_pairs(pairs: Iterable[PreferenceExample], beside: Facts | None = None) -> Facts:
    """The same of preference pairs: each is a line, and `answers` counts their better texts."""
    found, other = Facts(), beside or Facts()
    for pair in pairs:
        *before, last = pair.messages
        taught = [((), pair.preferred)]
        about = ([pair.item_id], [last.content], taught, [pair.duplicate_group], last.role)
        alike = Alike(pair.split, tuple(before), *about, is_talk=True)
        one = facts_of([alike], other)
        _add(found, one)
        weight = tokens_in(pair.rejected)
        found.tokens += weight
        found.longest = max(found.longest, one.longest + weight)
        found.lengths[one.longest + weight] += 1
        found.longer += len(pair.preferred) > len(pair.rejected)
        found.reserved += [pair.item_id] if _is_reserved(pair.rejected) and not one.reserved else []
    return found


def _add(found: Facts, one: Facts) -> None:
    """Adds what was found of one pair; of all that is looked at a file is the first item's that shows it."""
    found.answers.update(one.answers)
    found.times.update(one.times)
    found.tokens += one.tokens
    found.of_test += one.of_test
    found.repeats += one.repeats
    found.reserved += one.reserved
    found.most_shown = max(found.most_shown, one.most_shown)
    found.shown = one.shown | found.shown
    for name in ("texts", "groups", "heads", "shapes"):
        getattr(found, name).update(getattr(one, name))


def _look(found: Facts, alike: Alike) -> None:
    """Adds the files that the examples show."""
    before = [part.reference for part in media_in(alike.before)]
    if not before and set(map(type, alike.contents)) <= {str}:
        return
    for item, content in zip(alike.item_ids, alike.contents, strict=True):
        if before or not isinstance(content, str):
            shown = [*before, *(part.reference for part in media_in([Message(alike.asker, content)]))]
            found.most_shown = max(found.most_shown, len(shown))
            found.times.update(shown)
            for reference in shown:
                found.shown.setdefault(reference, item)


def _weigh(found: Facts, alike: Alike, before: int) -> None:
    """Adds the tokens of the examples; those `before` the last message are the same in all."""
    of_answer = {answer: tokens_in(answer) for _, answer in set(alike.taught)}
    pairs = zip(alike.contents, alike.taught, strict=True)
    tokens = [tokens_said(content) + of_answer[answer] for content, (_, answer) in pairs]
    each = before + A_MESSAGE
    found.tokens += sum(tokens) + each * len(tokens)
    found.longest = max(found.longest, max(tokens, default=0) + each)
    found.lengths.update([number + each for number in tokens])


def _is_reserved(content: Content) -> bool:
    text = content if isinstance(content, str) else text_of(content)
    return "<|" in text and any(token in text for token in RESERVED)

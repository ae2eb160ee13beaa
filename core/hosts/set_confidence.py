"""How sure a model was of several labels, from the log-probabilities of the tokens it wrote. Pure; no I/O."""

import math
import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from core.hosts.confidence import alternatives, logprob_of, spelled, texts_of

_LIST = re.compile(rb'"labels"\s{0,40}:\s{0,40}\[')
_GOES_ON = re.compile(rb'"?\s{0,40},')

Token = tuple[bytes, float, Any]
"""Its text in lower case, its probability, and the host's entry of it."""


def set_confidence(logprobs: Any, said: Collection[str], labels: Sequence[str]) -> float | None:
    """How sure the model was of the set `said`, 0..1: of its least certain part; `logprobs` as in a chat completion, of
    an answer `{"labels": [..]}`. The parts are:

        each label of the set   its probability where it is written, and that of those which come later, since in
                                another order they would be the same set; at most 1
        each other label        1 - its largest probability over all places where a label is written
        the end of the list     P(end) / (P(end) + P(going on))

    The first token's distribution alone would mislead: most labels come later. A label of several tokens has the
    product of theirs; an alternative counts for every label it may become, and for the set where all of those are in
    it. What a host does not list is cut off, so this is the most it can be.

    Degenerate cases: no logprobs, unsound ones, an answer in another form, or a label that is not in the list: None.
    """
    entries = logprobs.get("content") if isinstance(logprobs, Mapping) else None
    texts = texts_of(entries) if isinstance(entries, list) else None
    if entries is None or texts is None:
        return None
    chances = [logprob_of(entry) for entry in entries]
    if not all(map(math.isfinite, chances)):
        return None
    tokens = [(text.lower(), math.exp(min(0.0, p)), one) for text, p, one in zip(texts, chances, entries, strict=True)]
    return _least(tokens, said, _by_spelling(tuple(labels)))


def _least(tokens: Sequence[Token], said: Collection[str], labels: Mapping[bytes, str]) -> float | None:
    whole = b"".join(text for text, _, _ in tokens)
    begin = max((match.end() for match in _LIST.finditer(whole)), default=-1)
    places = sorted((whole.find(b'"' + _in_json(name) + b'"', max(0, begin)) + 1, name) for name in said)
    end = max([begin, *(at + len(_in_json(name)) for at, name in places)])
    closing = whole.find(b"]", end)
    if begin < 0 or closing < 0 or any(at <= begin for at, _ in places):
        return None
    later, others, least = set(said), dict[str, float](), _ending(tokens, end, closing, is_empty=not said)
    for at, name in places:
        later.discard(name)
        own, elsewhere = _at(tokens, at, _in_json(name), labels)
        for mass, may_be in elsewhere:
            own += mass if may_be and may_be <= later else 0.0
            for other in may_be.difference(said):
                others[other] = max(others.get(other, 0.0), mass)
        least = min(least, own)
    return max(0.0, min([least, *(1.0 - mass for mass in others.values())]))


def _at(
    tokens: Sequence[Token], start: int, name: bytes, labels: Mapping[bytes, str]
) -> tuple[float, list[tuple[float, frozenset[str]]]]:
    """The probability of the label that is written from byte `start` on; and of each alternative to one of its tokens,
    with the labels it may become."""
    probability, written, elsewhere = 1.0, b"", []
    for text, own, entry, lead in _from(tokens, start, start + len(name)):
        for other, chance in alternatives(entry, text):
            rest = other.lower()
            if rest != text and rest.startswith(text[:lead]):
                elsewhere.append((probability * chance, _may_become(written + rest[lead:], labels)))
        written += text[lead:]
        probability *= own
    return probability, elsewhere


def _ending(tokens: Sequence[Token], start: int, end: int, *, is_empty: bool) -> float:
    """The share of what is written from byte `start` to the bracket at `end`, against that the list goes on."""
    chosen, others, written = 1.0, 0.0, b""
    for text, own, entry, lead in _from(tokens, start, end + 1):
        for other, chance in alternatives(entry, text):
            if other.lower() != text and other.lower().startswith(text[:lead]):
                line = (written + other[lead:]).lstrip()
                goes_on = line[:1] not in (b"", b"]") if is_empty else _GOES_ON.match(line) is not None
                others += chosen * chance * goes_on
        written += text[lead:]
        chosen *= own
    return chosen / (chosen + others) if chosen + others else 0.0


def _from(tokens: Sequence[Token], start: int, end: int) -> Iterator[tuple[bytes, float, Any, int]]:
    """The tokens of these bytes, each with how many of its own lie before them."""
    position = 0
    for text, own, entry in tokens:
        begin, position = position, position + len(text)
        if begin < end and position > start and text:
            yield text, own, entry, max(0, start - begin)


def _may_become(written: bytes, labels: Mapping[bytes, str]) -> frozenset[str]:
    """The labels that begin so, or that are all of it up to the quote."""
    whole, quote, _ = written.partition(b'"')
    if quote:
        return frozenset([labels[whole]]) if whole in labels else frozenset()
    names = list(labels)
    first, last = bisect_left(names, written), bisect_left(names, written + b"\xff" * 8)
    return frozenset(labels[name] for name in names[first:last]) if written else frozenset()


@lru_cache(maxsize=256)
def _by_spelling(labels: tuple[str, ...]) -> dict[bytes, str]:
    return dict(sorted((_in_json(name), name) for name in labels))


@lru_cache(maxsize=4096)
def _in_json(name: str) -> bytes:
    return spelled(name, True).lower()

"""How sure a model was of several labels, from the log-probabilities of the tokens it wrote. Pure; no I/O."""

import re
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from core.hosts.confidence import alternatives, spelled
from core.hosts.written import Written, written

_LIST = re.compile(rb'"labels"\s{0,40}:\s{0,40}\[')


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
    answer = written(logprobs)
    if answer is None:
        return None
    return _least(answer, said, _by_spelling(tuple(labels)))


def _least(answer: Written, said: Collection[str], labels: Mapping[bytes, str]) -> float | None:
    whole = answer.whole
    begin = max((match.end() for match in _LIST.finditer(whole)), default=-1)
    places = sorted((whole.find(b'"' + _in_json(name) + b'"', max(0, begin)) + 1, name) for name in said)
    end = max([begin, *(at + len(_in_json(name)) for at, name in places)])
    closing = whole.find(b"]", end)
    if begin < 0 or closing < 0 or any(at <= begin for at, _ in places):
        return None
    later, others, least = set(said), dict[str, float](), answer.share_of_end(end, closing, is_empty=not said)
    for at, name in places:
        later.discard(name)
        own, elsewhere = _at(answer, at, _in_json(name), labels)
        for mass, may_be in elsewhere:
            own += mass if may_be and may_be <= later else 0.0
            for other in may_be.difference(said):
                others[other] = max(others.get(other, 0.0), mass)
        least = min(least, own)
    return max(0.0, min([least, *(1.0 - mass for mass in others.values())]))


def _at(
    answer: Written, start: int, name: bytes, labels: Mapping[bytes, str]
) -> tuple[float, list[tuple[float, frozenset[str]]]]:
    """The probability of the label that is written from byte `start` on; and of each alternative to one of its tokens,
    with the labels it may become."""
    probability, so_far, elsewhere = 1.0, b"", []
    for text, own, entry, lead in answer.between(start, start + len(name)):
        for other, chance in alternatives(entry, text):
            rest = other.lower()
            if rest != text and rest.startswith(text[:lead]):
                elsewhere.append((probability * chance, _may_become(so_far + rest[lead:], labels)))
        so_far += text[lead:]
        probability *= own
    return probability, elsewhere


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

"""How sure a model was of a ranking, from the log-probabilities of the tokens it wrote. Pure; no I/O."""

import re
from bisect import bisect_left
from itertools import pairwise
from typing import Any

from core.hosts.confidence import alternatives
from core.hosts.written import written

_LIST = re.compile(rb'"order"\s{0,40}:\s{0,40}\[')
_PLAIN = re.compile(rb"[\sa-i>=,]++")
_NESTED = re.compile(rb"\[\s*+\[")
_LETTER = re.compile(rb"(?<![a-z])[a-i](?![a-z])")


def order_confidence(logprobs: Any) -> float | None:
    """How sure the model was of its ranking, 0..1: of its least certain token, whether that is a letter or what puts
    two on one place or the next; `logprobs` as in a chat completion of an answer `{"order": [["B"], ["A", "C"]]}`, or
    of letters in plain text, `B > A = C`.

    Candidates on one place are the same in any order: the probability of a letter has that of those with it that come
    later, where the host lists them. What differs by case or blanks alone is the same.

    Degenerate cases: no logprobs, unsound ones, an answer in another form, or no letter in it: None. What a host does
    not list is cut off, so this is the most it can be.
    """
    answer = written(logprobs)
    if answer is None:
        return None
    whole = answer.whole
    start, end = _order_in(whole)
    letters = [found.start() for found in _LETTER.finditer(whole, start, end)]
    if not letters:
        return None
    # A letter stands with the one before where they are in one inner list, or where an equals sign says so.
    is_nested = _NESTED.match(whole, start) is not None
    gaps = [whole[one + 1 : other] for one, other in pairwise(letters)]
    breaks = [b"]" in gap if is_nested else b"=" not in gap for gap in gaps]
    sure, position = [], start
    for chance, (text, _, entry, lead) in zip(answer.chances(start, end), answer.between(start, end), strict=True):
        at = bisect_left(letters, position)
        position += len(text) - lead
        sure.append(
            chance + (_with_it(whole, letters, breaks, at, text, entry) if _has_one(letters, at, position) else 0)
        )
    return min(1.0, *sure)


def _order_in(whole: bytes) -> tuple[int, int]:
    """From where to where the ranking stands; nothing where there is none."""
    begin = max((match.end() - 1 for match in _LIST.finditer(whole)), default=-1)
    if begin < 0:
        return (0, len(whole)) if _PLAIN.fullmatch(whole) else (0, 0)
    depth = 0
    for at in range(begin, len(whole)):
        depth += (whole[at : at + 1] == b"[") - (whole[at : at + 1] == b"]")
        if not depth:
            return begin, at + 1
    return 0, 0


def _has_one(letters: list[int], at: int, end: int) -> bool:
    return at < len(letters) and letters[at] < end and not (at + 1 < len(letters) and letters[at + 1] < end)


def _with_it(whole: bytes, letters: list[int], breaks: list[bool], at: int, text: bytes, entry: Any) -> float:
    """The probability that another candidate of the same place had been named here, of those named later."""
    own, later = whole[letters[at] : letters[at] + 1], set()
    for place in range(at, len(breaks)):
        if breaks[place]:
            break
        later.add(whole[letters[place + 1] : letters[place + 1] + 1])
    same = {text.replace(own, other, 1) for other in later}
    return sum(chance for other, chance in alternatives(entry, text) if other.lower() in same)

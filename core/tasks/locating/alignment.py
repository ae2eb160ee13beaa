"""Where the parts of a copy of a text lie in the text, though words of the copy were changed, added or left out.

Words that both have are matched as `patience diff` does: what both begin and end with, then words that each has once
(the longest run of them in the same order), then the same between these. No step is quadratic.
"""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from core.tasks.locating.found import Place

_WORD = re.compile(r"\w+|[^\w\s]")
_MOST_STRETCHES = 100_000


@dataclass(frozen=True, eq=False)
class Words:
    """The words of a text with their extents, case aside."""

    words: list[str]
    starts: list[int]
    ends: list[int]

    @classmethod
    def of(cls, text: str) -> "Words":
        found = [(word.group().casefold(), *word.span()) for word in _WORD.finditer(text)]
        return cls([word for word, _, _ in found], [start for _, start, _ in found], [end for _, _, end in found])

    def touched(self, start: int, end: int) -> tuple[int, int]:
        """The words that have a character from `start` to before `end`."""
        first = bisect_right(self.ends, start)
        return first, max(first, bisect_left(self.starts, end))


class Alignment:
    """A copy laid beside its text."""

    def __init__(self, copy: str, text: str) -> None:
        self._copy, self._text = Words.of(copy), Words.of(text)
        self._length = len(text)
        self._partner = _matched(self._copy.words, self._text.words)
        self._known = [place for place, partner in enumerate(self._partner) if partner >= 0]

    def place(self, start: int, end: int) -> Place | None:
        """Where the part of the copy lies, if its first and last word have partners as long as they are, and none of
        its edges lies between words."""
        first, last = self._copy.touched(start, end)
        if first >= last:
            return None
        begin, stop = (self._at(word, edge) for word, edge in ((first, start), (last - 1, end)))
        return None if begin is None or stop is None or begin >= stop else (begin, stop)

    def _at(self, word: int, edge: int) -> int | None:
        """The edge in the text, as far into (or outside) the partner of the word as it is into the word."""
        partner = self._partner[word]
        if partner < 0:
            return None
        start, end = self._copy.starts[word], self._copy.ends[word]
        if start < edge < end and end - start != self._text.ends[partner] - self._text.starts[partner]:
            return None
        if edge <= start:
            return self._text.starts[partner]
        return self._text.ends[partner] if edge >= end else self._text.starts[partner] + edge - start

    def around(self, start: int, end: int) -> Place:
        """The part of the text between the partners of the nearest matched words before and behind."""
        first, last = self._copy.touched(start, end)
        before = bisect_left(self._known, first) - 1
        behind = bisect_left(self._known, last)
        low = self._text.ends[self._partner[self._known[before]]] if before >= 0 else 0
        high = self._text.starts[self._partner[self._known[behind]]] if behind < len(self._known) else self._length
        return low, max(low, high)


def _matched(copy: list[str], text: list[str]) -> list[int]:
    """For each word of the copy its partner in the text, -1 where it has none; partners are in order."""
    partner = [-1] * len(copy)
    waiting = [(0, len(copy), 0, len(text))]
    for _ in range(_MOST_STRETCHES):
        if not waiting:
            break
        low, high, begin, stop = waiting.pop()
        while low < high and begin < stop and copy[low] == text[begin]:
            partner[low] = begin
            low, begin = low + 1, begin + 1
        while low < high and begin < stop and copy[high - 1] == text[stop - 1]:
            high, stop = high - 1, stop - 1
            partner[high] = stop
        anchors = _anchors(copy, low, high, text, begin, stop)
        edges = [(low - 1, begin - 1), *anchors, (high, stop)]
        for place, other in anchors:
            partner[place] = other
        if anchors:
            waiting += [(a + 1, b, c + 1, d) for (a, c), (b, d) in zip(edges, edges[1:], strict=False)]
    return partner


def _anchors(copy: list[str], low: int, high: int, text: list[str], begin: int, stop: int) -> list[tuple[int, int]]:
    """Words that both stretches have exactly once, as many as are in the same order."""
    there = _once(text, begin, stop)
    both = [(place, there[word]) for word, place in _once(copy, low, high).items() if word in there]
    return _rising(sorted(both))


def _once(words: list[str], low: int, high: int) -> dict[str, int]:
    places: dict[str, int] = {}
    twice: set[str] = set()
    for place in range(low, high):
        word = words[place]
        if word in places:
            twice.add(word)
        places[word] = place
    return {word: place for word, place in places.items() if word not in twice}


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part in which the second numbers rise as well (Fredman 1975)."""
    tops: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for at, (_, other) in enumerate(pairs):
        size = bisect_left(tops, other)
        tops[size : size + 1] = [other]
        ends[size : size + 1] = [at]
        before.append(ends[size - 1] if size else -1)
    found: list[tuple[int, int]] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]

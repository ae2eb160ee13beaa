"""Where in a text lies what an answer marked with tags in a copy of it, however true the copy is."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from core.tasks.locating.alignment import Alignment
from core.tasks.locating.folding import Folded, folded
from core.tasks.locating.found import Found, Located, Place
from core.tasks.locating.fuzzy import resembling
from core.tasks.locating.quotes import Quote, locate_quotes
from core.tasks.locating.tag_names import may_have_tags
from core.tasks.locating.tag_text import Copy, Half, Mark, tagged, taken_apart

__all__ = ["locate_tags", "may_have_tags", "tagged", "untagged"]

_SHOWN = 60
"""Characters of the copy that stand for the quote of half a tag."""
_MOST_COVERED = 5
"""How often the marks of an answer may cover its text in all."""


def locate_tags(text: str, answer: str, labels: Sequence[str]) -> list[Located]:
    """Each marked part of `answer`, a copy of `text` with tags, in the order in which they begin; never raises.

    A true copy gives the very offsets, and so does one that differs from the text only as folding allows. In any other,
    words that copy and text share are matched, and a mark is where its first and last word are; one whose edges were
    changed is looked up as a quote in the part of the text between the words around it. Half a tag is absent.
    """
    copy = taken_apart(answer, text, labels)
    marks, beyond = _within_measure(copy)
    if copy.text == text:
        located = [_at(mark, copy.text, Found.EXACT, (mark.start, mark.end)) for mark in marks]
    else:
        located = _through_changes(marks, copy.text, text)
    found = [(mark.start, own) for mark, own in zip(marks, located, strict=True)]
    found += [(mark.start, _shown(mark, copy.text)) for mark in beyond]
    found += [(half.at, _half(half, copy.text)) for half in copy.halves]
    return [own for _, own in sorted(found, key=lambda pair: pair[0])]


def untagged(answer: str, text: str, labels: Sequence[str]) -> str:
    """The copy of `text` that the answer is, without its tags."""
    return taken_apart(answer, text, labels).text


def _within_measure(copy: Copy) -> tuple[list[Mark], list[Mark]]:
    """The marks to be located and those that are too much: tags nested without end cover a text many times over."""
    upto = list(accumulate(mark.end - mark.start for mark in copy.marks))
    number = bisect_right(upto, _MOST_COVERED * len(copy.text))
    return list(copy.marks[:number]), list(copy.marks[number:])


def _shown(mark: Mark, copy: str) -> Located:
    quote = copy[mark.start : min(mark.end, mark.start + _SHOWN)]
    return Located(mark.label, quote, Found.ABSENT, reason="the answer marks the same text again and again")


def _at(mark: Mark, copy: str, found: Found, place: Place) -> Located:
    quote = copy[mark.start : mark.end]
    if not quote:
        return Located(mark.label, "", Found.ABSENT, reason="there is nothing between its tags")
    return Located(mark.label, quote, found, place)


def _half(half: Half, copy: str) -> Located:
    shown = copy[half.at : half.at + _SHOWN] if half.is_open else copy[max(0, half.at - _SHOWN) : half.at]
    how = "is never closed" if half.is_open else "was never opened"
    return Located(half.label, shown, Found.ABSENT, reason=f"the tag {how}")


def _through_changes(marks: Sequence[Mark], copy: str, text: str) -> list[Located]:
    said, there = folded(copy), folded(text)
    is_alike = said.text.rstrip() == there.text.rstrip()
    beside = _Alike(said, there, len(text)) if is_alike else Alignment(copy, text)
    located: dict[int, Located] = {}
    elsewhere: dict[Place, list[int]] = {}
    for at, mark in enumerate(marks):
        place = beside.place(mark.start, mark.end)
        found = _likeness(copy[mark.start : mark.end], text[slice(*place)]) if place else Found.ABSENT
        if mark.start == mark.end or (place and found.has_place):
            located[at] = _at(mark, copy, found, place or (0, 0))
        else:
            elsewhere.setdefault(beside.around(mark.start, mark.end), []).append(at)
    for (low, high), places in elsewhere.items():
        quotes = [Quote(marks[at].label, copy[marks[at].start : marks[at].end]) for at in places]
        for at, own in zip(places, locate_quotes(text[low:high], quotes), strict=True):
            located[at] = own.moved(low)
    return [located[at] for at in range(len(marks))]


@dataclass(frozen=True)
class _Alike:
    """A copy and its text that fold to the same."""

    said: Folded
    there: Folded
    length: int

    def place(self, start: int, end: int) -> Place | None:
        first, last = self.said.within(start, end)
        last = min(last, len(self.there.text))
        return self.there.place(first, last) if first < last else None

    def around(self, start: int, end: int) -> Place:
        """White space has no place of its own here."""
        return 0, self.length


def _likeness(quote: str, own: str) -> Found:
    """How a part of the text that should be the quote differs from it; absent where it is too far from it."""
    if quote == own:
        return Found.EXACT
    plain, there = (folded(part).text.strip() for part in (quote, own))
    if plain == there:
        return Found.FOLDED
    return Found.FUZZY if resembling(plain, there) and resembling(there, plain) else Found.ABSENT

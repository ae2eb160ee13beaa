"""Marks written down and read back: as tags in a copy of the text, or as quotes of it.

Tags are `<PER>Ann</PER>`. What in the text itself looks like a tag of one of the labels has its bracket written `&lt;`,
with one more `amp;` where it is written so already. Of a quote that occurs several times, whole words are counted
before parts of words, each from left to right, also where they overlap.
"""

import re
from collections.abc import Sequence

from core.embedded.heads.bio import Marked
from core.spelling import fold

TAG = re.compile(r"(?P<lead><|&(?:amp;)*lt;)(?P<close>/?)(?P<name>[^<>\n]{1,210})>")
_LOOKS = str.maketrans({"<": "‹", ">": "›", "/": "∕", "#": "♯"})
_NUMBERED = re.compile(r"(.*[^#])#\d{1,6}", re.DOTALL)
_MOST_PLACES = 100_000


def tag_name(label: str) -> str:
    """How a label is written in a tag: signs that would break it are replaced by others that look alike."""
    return label.translate(_LOOKS)


class TagNames:
    """Which tag names which label, in any spelling that `fold` takes for the same; `PER#2` is a second PER."""

    def __init__(self, labels: Sequence[str]) -> None:
        self._labels: dict[str, str] = {}
        for spell in (str, tag_name):
            for label in labels:
                self._labels.setdefault(fold(spell(label)), label)

    def label(self, name: str) -> str | None:
        plain = fold(name)
        numbered = _NUMBERED.fullmatch(plain)
        return self._labels.get(plain) or (self._labels.get(numbered[1]) if numbered else None)


def escaped(text: str, names: TagNames) -> str:
    parts: list[str] = []
    position = 0
    while found := TAG.search(text, position):
        lead = found["lead"]
        parts.append(text[position : found.start()])
        if names.label(found["name"]) is None:
            parts.append(lead)
        else:
            parts.append("&lt;" if lead == "<" else f"&amp;{lead[1:]}")
        position = found.start() + len(lead)
    return "".join([*parts, text[position:]])


def untagged(answer: str, labels: Sequence[str]) -> tuple[str, list[Marked]]:
    """The text without its tags, and what they mark. Raises ValueError for half a tag."""
    names = TagNames(labels)
    parts: list[str] = []
    length = position = 0
    waiting: dict[str, list[int]] = {}
    marks: list[Marked] = []
    while found := TAG.search(answer, position):
        lead, label = found["lead"], names.label(found["name"])
        said = answer[position : found.start()]
        position = found.start() + len(lead)
        if label is None:
            said += lead
        elif lead != "<":
            said += "<" if lead == "&lt;" else f"&{lead[5:]}"
        parts.append(said)
        length += len(said)
        if label is None or lead != "<":
            continue
        position = found.end()
        key = fold(found["name"])
        if not found["close"]:
            waiting.setdefault(key, []).append(length)
        elif waiting.get(key):
            marks.append(Marked(waiting[key].pop(), length, label))
        else:
            raise ValueError(f"the tag </{found['name']}> was never opened")
    left = next((key for key, starts in waiting.items() if starts), None)
    if left is not None:
        raise ValueError(f"the tag <{left}> is never closed")
    return "".join([*parts, answer[position:]]), sorted(mark for mark in marks if mark.start < mark.end)


def place_of(quote: str, occurrence: int, text: str) -> tuple[int, int]:
    """Where the text has the quote for that time (from 1). Raises ValueError where it has not."""
    places = _counted(quote, text)
    if not 1 <= occurrence <= len(places):
        times = f"only {len(places)} times" if len(places) > 1 else "only once" if places else "not"
        shown = quote if len(quote) <= 60 else f"{quote[:60]}…"
        raise ValueError(f"the quote “{shown}” is {times} in the text that was asked about")
    return places[occurrence - 1], places[occurrence - 1] + len(quote)


def occurrence_of(start: int, end: int, text: str) -> int:
    """The number by which `place_of` finds the place again."""
    return _counted(text[start:end], text).index(start) + 1


def _counted(quote: str, text: str) -> list[int]:
    places: list[int] = []
    at = text.find(quote) if quote else -1
    while at >= 0 and len(places) < _MOST_PLACES:
        places.append(at)
        at = text.find(quote, at + 1)
    whole = [place for place in places if _is_whole(place, place + len(quote), text)]
    return whole + sorted(set(places) - set(whole))


def _is_whole(start: int, end: int, text: str) -> bool:
    before, behind = text[start - 1 : start] if start else "", text[end : end + 1]
    return not (before.isalnum() and text[start].isalnum()) and not (behind.isalnum() and text[end - 1].isalnum())

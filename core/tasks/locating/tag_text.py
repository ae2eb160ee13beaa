"""Text with tags in it, `<person>Ada</person> wrote`: how it is written, and how it is taken apart.

Where the text itself has what looks like a tag of the task, its bracket is written `&lt;`, and one more `amp;` where it
has that already, so that nothing is lost on the way there and back. Models copy such places as they are; so where the
text has them, an answer is also read against the text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.spelling import fold
from core.tasks.locating.tag_names import TAG, ForeignTags, TagNames, names_of_tags, tag_name


@dataclass(frozen=True)
class Mark:
    """A tagged part of `Copy.text`; its label as the task spells it, or as the answer does where the task has none."""

    label: str
    start: int
    end: int


@dataclass(frozen=True)
class Half:
    """A tag without its other half, and where in `Copy.text` it stands."""

    label: str
    at: int
    is_open: bool


@dataclass(frozen=True)
class Copy:
    """A tagged text taken apart: the text without the tags, and what they mark, in the order in which it begins."""

    text: str
    marks: tuple[Mark, ...]
    halves: tuple[Half, ...]


def tagged(text: str, spans: Iterable[tuple[int, int, str]], labels: Sequence[str]) -> str:
    """The text with each span `(start, end, label)` between tags; spans may overlap, and cross.

    Where spans of one label cross, all of that label are numbered (`<person#2>`), or the closing tags would be taken
    for one another's. `labels` are all of the task's.
    """
    ordered = sorted(spans, key=lambda span: (span[0], -span[1]))
    crossing = _crossing(ordered)
    opening: dict[int, list[str]] = {}
    closing: dict[int, list[str]] = {}
    for number, (start, end, label) in enumerate(ordered, start=1):
        name = f"{tag_name(label)}#{number}" if label in crossing else tag_name(label)
        opening.setdefault(start, []).append(f"<{name}>")
        closing.setdefault(end, []).append(f"</{name}>")
    names = names_of_tags(tuple(labels))
    parts: list[str] = []
    position = 0
    for at in sorted({*opening, *closing}):
        # Of those that end together the one that began last is closed first.
        parts += [_escaped(text[position:at], names), *reversed(closing.get(at, [])), *opening.get(at, [])]
        position = at
    return "".join([*parts, _escaped(text[position:], names)])


def _crossing(ordered: Iterable[tuple[int, int, str]]) -> set[str]:
    """Labels that have two spans of which one begins within the other and ends behind it; by start, longest first."""
    crossing: set[str] = set()
    around: dict[str, list[int]] = {}
    for start, end, label in ordered:
        ends = around.setdefault(label, [])
        while ends and ends[-1] <= start:
            ends.pop()
        if ends and ends[-1] < end:
            crossing.add(label)
        ends.append(end)
    return crossing


def _escaped(text: str, names: TagNames) -> str:
    """With one escape more on each bracket of what would be read as a tag of the task, or as an escaped one."""
    parts: list[str] = []
    position = 0
    while found := TAG.search(text, position):
        lead = found["lead"]
        is_tag = names.label(found["name"]) is not None
        escaped = ("&lt;" if lead == "<" else f"&amp;{lead[1:]}") if is_tag else lead
        parts += [text[position : found.start()], escaped]
        position = found.start() + len(lead)
    return "".join([*parts, text[position:]])


def taken_apart(answer: str, text: str, labels: Sequence[str]) -> Copy:
    """The answer without its tags, and what they mark. A closing tag closes the newest of its label that is open, so
    tags may cross. `text` tells what looks like a tag and is none."""
    names = names_of_tags(tuple(labels))
    copy = _Reading(answer, text, names, heeds_text=False).copy()
    if copy.text == text or all(names.label(found["name"]) is None for found in TAG.finditer(text)):
        return copy
    return _Reading(answer, text, names, heeds_text=True).copy()


class _Reading:
    """One pass over an answer. With `heeds_text`, what the text has at the same place is text, tag or not."""

    def __init__(self, answer: str, text: str, names: TagNames, *, heeds_text: bool) -> None:
        self._answer, self._text, self._names = answer, text, names
        self._foreign = ForeignTags(answer, text)
        self._keeps_up = heeds_text
        self._parts: list[str] = []
        self._length = 0
        self._open: dict[str, list[tuple[str, int]]] = {}
        self._marks: list[Mark] = []
        self._halves: list[Half] = []

    def copy(self) -> Copy:
        position = 0
        while found := TAG.search(self._answer, position):
            self._say(self._answer[position : found.start()])
            lead, name = found["lead"], found["name"]
            label = self._names.label(name)
            position = found.start() + len(lead)
            if self._has_here(found.group()) or (label is None and (lead != "<" or name not in self._foreign)):
                self._say(lead)
            elif lead != "<":
                self._say("<" if lead == "&lt;" else f"&{lead[5:]}")
            else:
                self._tag(label or name, fold(name), is_close=bool(found["close"]))
                position = found.end()
        self._say(self._answer[position:])
        self._halves += [Half(label, at, True) for waiting in self._open.values() for label, at in waiting]
        return Copy(
            "".join(self._parts),
            tuple(sorted(self._marks, key=lambda mark: (mark.start, -mark.end))),
            tuple(sorted(self._halves, key=lambda half: half.at)),
        )

    def _say(self, part: str) -> None:
        self._keeps_up = self._has_here(part)
        self._parts.append(part)
        self._length += len(part)

    def _has_here(self, part: str) -> bool:
        return self._keeps_up and self._text.startswith(part, self._length)

    def _tag(self, label: str, key: str, *, is_close: bool) -> None:
        waiting = self._open.setdefault(key, [])
        if not is_close:
            waiting.append((label, self._length))
        elif waiting:
            label, start = waiting.pop()
            self._marks.append(Mark(label, start, self._length))
        else:
            self._halves.append(Half(label, self._length, False))

"""Finding names of the user's choosing: whole words, in any case, in any script."""

import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache

_BETWEEN = re.compile(r"[\s.\-\u2010-\u2013'’]{1,3}")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
"""Scripts that write words without blanks, or glue endings to them: there a name is found inside a longer word."""


class NameFinder:
    """Longest name first; between the words of a name any blank, hyphen, dot or apostrophe may stand.

    An ending stays outside: "Anna's" and, where it is capitalised, "Annas" are the name and what follows it.
    """

    def __init__(self, names: Iterable[str]) -> None:
        glued = [name.strip() for name in names if _UNSPACED.search(name)]
        self._glued = re.compile("|".join(re.escape(n) for n in sorted(set(glued), key=len, reverse=True)), re.I)
        self._has_glued = bool(glued)
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        words = {tuple(_folded(word[0]) for word in _word().finditer(name)) for name in names} - {()}
        for name in sorted(words, key=lambda one: (-len(one), one)):
            self._by_first.setdefault(name[0], []).append(name)

    def __call__(self, text: str) -> Iterator[tuple[int, int, str]]:
        """`(start, end, value)` of each; equal values are the same name."""
        if self._has_glued:
            yield from ((m.start(), m.end(), _folded(m[0])) for m in self._glued.finditer(text))
        if not self._by_first:
            return
        words = [(_folded(word[0]), word.start(), word.end()) for word in _word().finditer(text)]
        place = 0
        while place < len(words):
            name, end = self._at(text, words, place)
            if name:
                yield words[place][1], end, " ".join(name)
            place += max(1, len(name))

    def _at(self, text: str, words: list[tuple[str, int, int]], place: int) -> tuple[tuple[str, ...], int]:
        """The longest name that begins with this word, and where it ends; an empty one where none does."""
        first, start, end = words[place]
        for key in (first, *_without_s(first, text[start])):
            for name in self._by_first.get(key, ()):
                found = words[place : place + len(name)]
                if len(found) == len(name) and (ends := _end(text, name, found)):
                    return name, ends
        return (), end


def _end(text: str, name: tuple[str, ...], found: list[tuple[str, int, int]]) -> int | None:
    """Where the name ends, if these words are it: its last one may carry an s."""
    for (_, _, end), (_, start, _) in zip(found, found[1:], strict=False):
        if not _BETWEEN.fullmatch(text, end, start):
            return None
    if [word for word, _, _ in found[:-1]] != list(name[:-1]):
        return None
    word, start, end = found[-1]
    if word == name[-1]:
        return end
    return end - 1 if name[-1] in _without_s(word, text[start]) else None


def _without_s(word: str, initial: str) -> tuple[str, ...]:
    return (word[:-1],) if word.endswith("s") and len(word) > 2 and initial.isupper() else ()


def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", word).casefold())


@cache
def _word() -> re.Pattern[str]:
    """A run of letters, digits and the marks that belong to them, which `\\w` leaves out."""
    marks = [code for code in range(0x300, sys.maxunicode + 1) if code < 0x20000 and _is_mark(code)]
    ranges, first = [], marks[0]
    for code, following in zip(marks, [*marks[1:], -1], strict=True):
        if following != code + 1:
            ranges.append(f"{chr(first)}-{chr(code)}")
            first = following
    return re.compile(f"(?:[^\\W_]|[{''.join(ranges)}])+")


def _is_mark(code: int) -> bool:
    return unicodedata.category(chr(code)).startswith("M")

"""What changed between two texts: by line first, and word by word inside the lines that changed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_PIECES = re.compile(r"\s+|\w+|[^\w\s]")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_BY_WORD = 4_000
"""Pieces of one changed stretch, both sides together, up to which it is compared by word: that takes the square."""


@dataclass(frozen=True)
class Change:
    """A stretch of text: `same` in both, `removed` from the older, or `added` in the newer."""

    kind: Literal["same", "removed", "added"]
    text: str


def diff_words(older: str, newer: str) -> list[Change]:
    """Joining `same` and `removed` gives `older` back; joining `same` and `added` gives `newer`.

    Long stretches that changed altogether are told apart by line only.
    """
    return _joined(_by_line(_LINES.findall(older), _LINES.findall(newer)))


def diff_pieces(older: Sequence[str], newer: Sequence[str]) -> list[Change]:
    """As `diff_words` on the pieces joined, with every piece either the same or not."""
    return _joined(_changes(older, newer))


def _by_line(before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    for same, older, newer in _stretches(before, after):
        if same:
            yield Change("same", "".join(older))
            continue
        words, others = _PIECES.findall("".join(older)), _PIECES.findall("".join(newer))
        by_word = len(words) + len(others) <= _BY_WORD
        yield from _changes(words, others) if by_word else _replaced(older, newer)


def _changes(before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    for same, older, newer in _stretches(before, after):
        yield from [Change("same", "".join(older))] if same else _replaced(older, newer)


def _replaced(older: Sequence[str], newer: Sequence[str]) -> Iterator[Change]:
    if older:
        yield Change("removed", "".join(older))
    if newer:
        yield Change("added", "".join(newer))


def _stretches(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[bool, Sequence[str], Sequence[str]]]:
    # Lines that come over and over (blank ones) are no help in a long text and would cost the square of their number.
    often = len(before) + len(after) > _BY_WORD
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=often).get_opcodes():
        yield kind == "equal", before[i1:i2], after[j1:j2]


def _joined(changes: Iterator[Change]) -> list[Change]:
    """Neighbours of one kind as one."""
    found: list[Change] = []
    for change in changes:
        if found and found[-1].kind == change.kind:
            found[-1] = Change(change.kind, found[-1].text + change.text)
        else:
            found.append(change)
    return found

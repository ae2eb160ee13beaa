"""What changed between two texts, word by word."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_PIECES = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Change:
    """A stretch of text: `same` in both, `removed` from the older, or `added` in the newer."""

    kind: Literal["same", "removed", "added"]
    text: str


def diff_words(older: str, newer: str) -> list[Change]:
    """Joining `same` and `removed` gives `older` back; joining `same` and `added` gives `newer`."""
    before, after = _PIECES.findall(older), _PIECES.findall(newer)
    changes: list[Change] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            changes.append(Change("same", "".join(before[i1:i2])))
            continue
        if i2 > i1:
            changes.append(Change("removed", "".join(before[i1:i2])))
        if j2 > j1:
            changes.append(Change("added", "".join(after[j1:j2])))
    return changes

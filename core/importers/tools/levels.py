"""What our own exports say of levels to tools that know labels alone: what each of them counts, in their order."""

import re
from collections.abc import Sequence
from math import isfinite

from core.importers.answer_kinds import Kind
from core.importers.tools.gathered import Gathered

_NOTE = re.compile(r"\s*levels of a rating: (-?[\d.e+-]+(?:, -?[\d.e+-]+)*)\s*")


def is_note(text: str) -> bool:
    return _NOTE.fullmatch(text) is not None


def note_levels(gathered: Gathered, column: str, note: str, labels: Sequence[str]) -> None:
    """The question of this column is a rating, where the note says so of its labels: the first of them are the levels,
    a last one beside them is the fallback."""
    found = _NOTE.fullmatch(note)
    try:
        scores = tuple(map(float, found[1].split(", "))) if found else ()
    except ValueError:
        return
    if scores and len(labels) - len(scores) in (0, 1) and all(map(isfinite, scores)):
        gathered.kinds[column] = Kind.RATING
        gathered.labels[column] = tuple(labels)
        gathered.scores[column] = scores

"""What became of one mark of an answer."""

from dataclasses import dataclass, replace
from enum import StrEnum

Place = tuple[int, int]
"""Code points of the item's text, half-open."""


class Found(StrEnum):
    """How a mark was located.

    Exact: the text has these very characters there. Folded: it differs in case, white space, Unicode form, kind of
    quotation mark or dash. Fuzzy: it differs by at most one character in five. Ambiguous: the text has it at several
    places, and nothing says which. Absent: the text does not have it.
    """

    EXACT = "exact"
    FOLDED = "folded"
    FUZZY = "fuzzy"
    AMBIGUOUS = "ambiguous"
    ABSENT = "absent"

    @property
    def has_place(self) -> bool:
        return self in (Found.EXACT, Found.FOLDED, Found.FUZZY)


@dataclass(frozen=True)
class Located:
    """One mark: the label as the task spells it (as the answer does, where the task has no such label), what was
    quoted or tagged, and its place; None unless it has one.

    `candidates` are the places that an ambiguous one could have. `reason` is one clause that says why there is none.
    """

    label: str
    quote: str
    found: Found
    place: Place | None = None
    candidates: tuple[Place, ...] = ()
    reason: str = ""

    def moved(self, by: int) -> "Located":
        """The same in a text that has so many characters more before it."""
        place = self.place and (self.place[0] + by, self.place[1] + by)
        return replace(self, place=place, candidates=tuple((start + by, end + by) for start, end in self.candidates))

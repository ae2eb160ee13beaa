"""One document of a DocBin: its words, and what is marked in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, NamedTuple


class Marked(NamedTuple):
    """Words from `first` to before `behind`."""

    first: int
    behind: int
    label: str


@dataclass(frozen=True)
class Document:
    """`spaces` says of each word whether a blank follows. `entities` are None where it is open which there are; spans
    of `groups` may overlap. `has_places`: whether the spaces are known, so that the text is the one it was made of."""

    words: Sequence[str]
    spaces: Sequence[bool]
    entities: Sequence[Marked] | None = None
    groups: Mapping[str, Sequence[Marked]] = field(default_factory=dict)
    cats: Mapping[str, float] = field(default_factory=dict)
    has_places: bool = True
    data: Mapping[str, Any] = field(default_factory=dict)
    """What spaCy calls the user's data."""

    @property
    def text(self) -> str:
        return "".join(word + " " * space for word, space in zip(self.words, self.spaces, strict=True))

    @property
    def starts(self) -> list[int]:
        """Where each word begins in the text, and last where the text ends."""
        sizes = (len(word) + space for word, space in zip(self.words, self.spaces, strict=True))
        return list(accumulate(sizes, initial=0))

    def placed(self, marks: Sequence[Marked]) -> list[tuple[int, int, str]]:
        """The marks as `(start, end, label)` in characters of the text."""
        starts = self.starts
        return [
            (starts[one.first], starts[one.behind - 1] + len(self.words[one.behind - 1]), one.label) for one in marks
        ]

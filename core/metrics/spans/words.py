"""Where the words of many texts begin and end: what agreement word by word is counted on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import IntArray

_WORD = re.compile(r"\w+|[^\w\s]")
"""Letters, digits and underscores in a row, or one sign; white space is no word."""


@dataclass(frozen=True, eq=False)
class Words:
    """The words of `n` items: `number` (n,) of them in each, `start` and `end` (all words,) in ascending order.

    Offsets count from the beginning of the first text, as if the texts stood one behind another with one character
    between: see `SpanTable.origin`.
    """

    number: IntArray
    start: IntArray
    end: IntArray

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Words":
        """Words as programs that need no language see them; of a script without blanks a whole run is one word."""
        found = [[word.span() for word in _WORD.finditer(text)] for text in texts]
        bounds = np.array([span for spans in found for span in spans], dtype=np.int64).reshape(-1, 2)
        number = np.array([len(spans) for spans in found], dtype=np.int64)
        origin = np.repeat(origins(np.array([len(text) for text in texts], dtype=np.int64)), number)
        return cls(number, bounds[:, 0] + origin, bounds[:, 1] + origin)

    @property
    def n(self) -> int:
        return len(self.number)


def origins(lengths: IntArray) -> IntArray:
    """Where texts of these lengths begin when they stand one behind another with one character between."""
    return np.asarray(np.cumsum(lengths + 1) - lengths - 1)

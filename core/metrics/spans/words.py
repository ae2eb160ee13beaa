"""Where the words of many texts begin and end: what agreement word by word is counted on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.metrics.arrays import IntArray

_IN_WORD, _IS_BLANK = re.compile(r"\w"), re.compile(r"\s")
"""A word is letters, digits and underscores in a row, or one sign of any other sort; white space is none."""


_BLANK, _LETTER, _SIGN = 0, 1, 2


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
        # A line's end between two texts is no part of a word.
        signs = np.frombuffer("\n".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.int64)
        classes = _classes(signs)
        in_word = classes == _LETTER
        alone = classes == _SIGN
        goes_on = in_word[1:] & in_word[:-1]
        start = np.flatnonzero(alone | in_word & ~np.append(False, goes_on)[: len(signs)])
        end = np.flatnonzero(alone | in_word & ~np.append(goes_on, False)[: len(signs)]) + 1
        begins = origins(np.array([len(text) for text in texts], dtype=np.int64))
        number = np.diff(np.append(np.searchsorted(start, begins), len(start)))
        return cls(number, start, end)

    @property
    def n(self) -> int:
        return len(self.number)


def origins(lengths: IntArray) -> IntArray:
    """Where texts of these lengths begin when they stand one behind another with one character between."""
    return np.asarray(np.cumsum(lengths + 1) - lengths - 1)


def _classes(signs: IntArray) -> IntArray:
    """Of each code point whether it is white space, part of a word, or a word by itself."""
    table = _ASCII
    if len(signs) and signs.max() >= len(table):
        different, which = np.unique(signs, return_inverse=True)
        return np.array([_class_of(one) for one in different.tolist()], dtype=np.int64)[which]
    return np.asarray(table[signs])


def _class_of(code_point: int) -> int:
    sign = chr(code_point)
    return _LETTER if _IN_WORD.match(sign) else _BLANK if _IS_BLANK.match(sign) else _SIGN


_ASCII = np.array([_class_of(code_point) for code_point in range(128)], dtype=np.int64)

"""Where the words of many texts begin and end: what agreement word by word is counted on."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.metrics.arrays import BoolArray, IntArray

_IN_WORD, _IS_BLANK = re.compile(r"\w"), re.compile(r"\s")
"""A word is letters, digits and underscores in a row, or one sign of any other sort; white space is none."""

_BLANK, _LETTER, _SIGN, _UNKNOWN = range(4)
_BITS = 64


class Places:
    """Some of many places that are counted from 0: a bit each, with how many lie before each 64 of them, so that how
    many lie before any place is looked up rather than searched for (Jacobson 1989, FOCS 30:549)."""

    def __init__(self, bits: NDArray[np.uint64]) -> None:
        self.bits = bits

    @classmethod
    def of(cls, chosen: BoolArray) -> "Places":
        padded = np.zeros(len(chosen) // _BITS * _BITS + _BITS, dtype=np.bool_)
        padded[: len(chosen)] = chosen
        return cls(np.packbits(padded, bitorder="little").view("<u8"))

    @cached_property
    def _before(self) -> IntArray:
        own = np.bitwise_count(self.bits)
        return np.cumsum(own, dtype=np.int64) - own

    def before(self, place: IntArray) -> IntArray:
        """How many lie before each place, which is none beyond those of which these are some."""
        block = place >> 6
        earlier = (np.uint64(1) << (place.view(np.uint64) & np.uint64(_BITS - 1))) - np.uint64(1)
        earlier &= self.bits[block]
        return np.asarray(self._before[block] + np.bitwise_count(earlier))

    @property
    def positions(self) -> IntArray:
        return np.flatnonzero(np.unpackbits(self.bits.view(np.uint8), bitorder="little"))


@dataclass(frozen=True, eq=False)
class Words:
    """The words of `n` items, whose texts stand one behind another with some room between: `origin` (n,) is where each
    begins, `begins` where words do, and `last` where their last characters are."""

    origin: IntArray
    begins: Places
    last: Places

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Words":
        """Words as programs that need no language see them; of a script without blanks a whole run is one word."""
        # A line's end between two texts is no part of a word.
        classes = _classes(np.frombuffer("\n".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32))
        in_word = classes == _LETTER
        begins = classes == _SIGN
        last = begins.copy()
        begins[:1] |= in_word[:1]
        begins[1:] |= in_word[1:] & ~in_word[:-1]
        last[-1:] |= in_word[-1:]
        last[:-1] |= in_word[:-1] & ~in_word[1:]
        lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        return cls(np.cumsum(lengths + 1) - lengths - 1, Places.of(begins), Places.of(last))

    @classmethod
    def joined(cls, parts: Sequence["Words"]) -> "Words":
        """Of texts that were read some at a time."""
        parts = parts or [cls.of([])]
        ends = np.cumsum([len(part.begins.bits) * _BITS for part in parts]).tolist()
        return cls(
            np.concatenate([part.origin + shift for part, shift in zip(parts, [0, *ends], strict=False)]),
            Places(np.concatenate([part.begins.bits for part in parts])),
            Places(np.concatenate([part.last.bits for part in parts])),
        )

    @property
    def n(self) -> int:
        return len(self.origin)

    @cached_property
    def number(self) -> IntArray:
        """How many words each item has, (n,)."""
        return np.diff(
            np.append(self.begins.before(self.origin), np.bitwise_count(self.begins.bits).sum(dtype=np.int64))
        )

    def among(self, item: IntArray, start: IntArray, end: IntArray) -> tuple[IntArray, IntArray]:
        """Of spans, the words each shares a character with: from and to before, by their place among all words."""
        origin = self.origin[item]
        return self.last.before(origin + start), self.begins.before(origin + end)


def _classes(signs: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Of each code point whether it is white space, part of a word, or a word by itself."""
    classes = _KNOWN[signs]
    for code_point in np.unique(signs[classes == _UNKNOWN]).tolist():
        _KNOWN[code_point] = _class_of(code_point)
    return _KNOWN[signs] if (classes == _UNKNOWN).any() else classes


def _class_of(code_point: int) -> int:
    sign = chr(code_point)
    return _LETTER if _IN_WORD.match(sign) else _BLANK if _IS_BLANK.match(sign) else _SIGN


_KNOWN = np.full(sys.maxunicode + 1, _UNKNOWN, dtype=np.uint8)
"""Of the code points that were met."""

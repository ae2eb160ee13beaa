"""A text in the form in which spellings of it are equal, with the way back to its characters.

Case, white space, Unicode form, what shows nothing, and the kinds of quotation marks and dashes do not count. Folding
changes lengths (one sign can fold to three, two to one), so each folded sign knows the characters it came from.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from core.spelling import visible
from core.tasks.locating.found import Place

_BLANK = re.compile(r"\s")
_PIECES = re.compile(r"[!-~]+|\s+|.", re.DOTALL)
_ALIKE = str.maketrans(
    {sign: plain for plain, signs in (("'", "’‘ʼ′‚‛`´"), ('"', "“”„‟″«»"), ("-", "‐‑‒–—―−")) for sign in signs}
)


@dataclass(frozen=True, eq=False)
class Folded:
    """`text` is folded; its sign at i came from the characters `starts[i]` to before `ends[i]` of the original."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def place(self, start: int, end: int) -> Place:
        """The characters behind the folded signs from `start` to before `end`; these must not be none."""
        return self.starts[start], self.ends[end - 1]

    def within(self, start: int, end: int) -> Place:
        """The folded signs that came from characters from `start` to before `end` of the original."""
        return bisect_right(self.ends, start), max(bisect_right(self.ends, start), bisect_left(self.starts, end))


def folded(text: str) -> Folded:
    """Linear in the text. White space at the beginning is left out, any other is one blank."""
    if text.isascii() and "  " not in (line := _BLANK.sub(" ", text)) and not line.startswith(" "):
        return Folded(line.translate(_ALIKE).lower(), range(len(text)), range(1, len(text) + 1))
    signs: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    while found := _PIECES.match(text, position):
        start, position = found.span()
        first = text[start]
        if first.isspace():
            if signs:
                signs.append(" ")
                starts.append(start)
                ends.append(position)
            continue
        if "!" <= first <= "~" and not _is_mark(text[position : position + 1]):
            signs += found.group().translate(_ALIKE).casefold()
            starts += range(start, position)
            ends += range(start + 1, position + 1)
            continue
        if "!" <= first <= "~" and position - start > 1:
            # The last sign of the run carries the mark that follows.
            signs += text[start : position - 1].translate(_ALIKE).casefold()
            starts += range(start, position - 1)
            ends += range(start + 1, position)
            start = position - 1
        while _is_mark(text[position : position + 1]):
            position += 1
        plain = unicodedata.normalize("NFKC", visible(text[start:position])).translate(_ALIKE).casefold()
        signs += plain
        starts += [start] * len(plain)
        ends += [position] * len(plain)
    return Folded("".join(signs), starts, ends)


def _is_mark(sign: str) -> bool:
    """Whether a character belongs to the one before it: accents, vowel signs, the second half of a Korean syllable."""
    if not sign or sign.isascii():
        return False
    return unicodedata.category(sign)[0] == "M" or "\u1160" <= sign <= "\u11ff"

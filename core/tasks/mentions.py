"""Where a text names labels, found in one pass: the work grows with the text, not with the number of labels."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.spelling import fold, visible

MARK = "\x00"
"""Stands where a text names a label, so that words of its name are no words of the sentence."""

_SHORT = 2
_END = ""
_ENDS = (",", ".", ":", ";", "\n")


@dataclass(frozen=True)
class Marked:
    """A text folded line by line, a MARK wherever it names a label, and the spellings so named, in order."""

    text: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Finder:
    """Finds folded spellings as words of their own: not in "transport", "C++" for "C", "non-sports", "-1" for "1".

    Of spellings that overlap the longest claims its words. One of one or two letters counts only as the name itself
    is written, or "A" would be found in every sentence.
    """

    tree: Mapping[str, Any]
    starts: re.Pattern[str]
    written: Mapping[str, tuple[str, ...]]

    def marked(self, text: str) -> Marked:
        folded, cased = _views(text)
        parts: list[str] = []
        keys: list[str] = []
        position = 0
        for start, end, key in self._places(folded.replace("\n", " "), cased):
            parts += [folded[position:start], MARK]
            keys.append(key)
            position = end
        return Marked("".join([*parts, folded[position:]]), tuple(keys))

    def _places(self, folded: str, cased: str) -> list[tuple[int, int, str]]:
        found = [place for start in self.starts.finditer(folded) for place in self._from(folded, start.start())]
        claimed = bytearray(len(folded))
        kept: list[tuple[int, int, str]] = []
        for start, end, key in sorted(found, key=lambda place: (place[0] - place[1], place[0])):
            if self._is_other(key, start, end, cased) or any(claimed[start:end]):
                continue
            claimed[start:end] = b"\x01" * (end - start)
            kept.append((start, end, key))
        return sorted(kept)

    def _is_other(self, key: str, start: int, end: int, cased: str) -> bool:
        """Whether a short spelling is only like the name: a word of the sentence, or neither as it is written nor what
        the text begins with."""
        before = cased[max(0, start - _NEAR) : start]
        if not _is_acronym(cased[start:end]) and _is_word_of_sentence(key, before, cased[end : end + _NEAR]):
            return True
        is_first = start == 0 and cased[end : end + 1] in _ENDS or (key == "no" and _BEGINS.search(before) is not None)
        return _is_short(key) and not is_first and cased[start:end] not in self.written[key]

    def _from(self, folded: str, start: int) -> Iterable[tuple[int, int, str]]:
        """The spellings that begin at one place."""
        node, end = self.tree, start
        while end < len(folded) and (node := node.get(folded[end], {})):
            end += 1
            if (key := node.get(_END)) and _stands_alone(key, folded, end):
                yield start, end, key


def finder_of(by_key: Mapping[str, tuple[str, ...]]) -> Finder:
    """`by_key`: folded spellings, and how each is written."""
    tree: dict[str, Any] = {}
    for key in by_key:
        node = tree
        for sign in key:
            node = node.setdefault(sign, {})
        node[_END] = key
    written = {key: tuple(unicodedata.normalize("NFKC", name) for name in names) for key, names in by_key.items()}
    return Finder(tree, _starts({key[0] for key in by_key}), written)


def _starts(firsts: set[str]) -> re.Pattern[str]:
    """Where a spelling may begin, by the signs that spellings begin with."""
    letters = [sign for sign in firsts if sign.isalnum() and not sign.isdigit()]
    digits = [sign for sign in firsts if sign.isdigit()]
    others = [sign for sign in firsts if not sign.isalnum()]
    apart = r"(?<![\w#+])(?<!\w-)"
    forms = [(apart, letters), (apart + r"(?<!\d[.,])(?<!-)", digits), ("", others)]
    parts = [before + "[" + "".join(map(re.escape, sorted(signs))) + "]" for before, signs in forms if signs]
    return re.compile("|".join(parts) or r"(?!)")


_AFTER = re.compile(r"(?![\w#+]|-\w)")
_AFTER_DIGIT = re.compile(r"(?![\w#+]|-\w|[.,]\d)")


def _stands_alone(key: str, folded: str, end: int) -> bool:
    if not key[-1].isalnum():
        return True
    return (_AFTER_DIGIT if key[-1].isdigit() else _AFTER).match(folded, end) is not None


_NEAR = 60
_SMALL_WORDS = frozenset(
    ("no", "a", "i", "o", "e", "y", "on", "in", "it", "so", "do", "go", "is", "up", "to", "an", "at", "as", "my", "we")
    + ("he", "or", "by", "be", "if", "of", "us", "me")
)
_COUNTED = re.compile(
    r"[ \t]+(?!(?:because|since|as|is|was|fits?|applies|seems|and|or|but|rather|based|given|due|for|out|of"
    r"|stars?|points?|it|this|that|the|there|they|we|he|she)\b)\w",
    re.IGNORECASE,
)
_BEGINS = re.compile(r"(?:^|[.:!?\n])\W*$")
_LED_IN = re.compile(
    r"\b(?:label|class|category|option|answer|score|rating|rate|number|choice|code|level|group|type|choose|pick|assign)"
    r"(?: (?:is|of|as|it))?[\W_]*$",
    re.IGNORECASE,
)


def _is_acronym(written: str) -> bool:
    """Whether letters are written so that they are no word: "US", "IT"."""
    return len(written) > 1 and written.isalpha() and written.isupper()


def _is_word_of_sentence(key: str, before: str, behind: str) -> bool:
    """Whether a name that is also a small word or a number is one here: "no text was given", "A match", "2 teams"."""
    may_be = key in _SMALL_WORDS or key.isdecimal()
    return may_be and _COUNTED.match(behind) is not None and _LED_IN.search(before) is None


def _is_short(key: str) -> bool:
    return len(key) <= _SHORT and key.isalnum()


def _views(text: str) -> tuple[str, str]:
    """A text folded line by line, and the same with its cases, sign for sign."""
    lines = text.replace(MARK, " ").splitlines()
    folded = [fold(line) for line in lines]
    cased = [_cased(line, len(other)) for line, other in zip(lines, folded, strict=True)]
    return "\n".join(folded), "\n".join(cased)


def _cased(line: str, length: int) -> str:
    """`fold` but for the case, as long as it: signs that fold to several are written so."""
    plain = unicodedata.normalize("NFKC", visible(line)).replace("_", " ").replace("&", " and ")
    plain = " ".join(plain.split())
    if len(plain) != length:
        plain = "".join(sign if len(sign.casefold()) == 1 else sign.casefold() for sign in plain)
    return plain

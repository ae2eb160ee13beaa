"""When two spellings are one name: what the eye cannot tell apart is not told apart.

`fold` is the identity of a label everywhere. `same_value` goes one step further, for cells that other programs have
rewritten: 1 and 1.0 are then one. That is a guess, so it only ever proposes.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache

_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u2032": "'", "\uff07": "'"})
_MINUS = str.maketrans({"\u2212": "-", "\u2010": "-", "\u2011": "-"})
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0001\U000e0100-\U000e01ef]"
)
_JOINERS = re.compile("[\u200c\u200d]+")
_NUMBER = re.compile(r"[+-]?(?:(?:0|[1-9][0-9]{0,39})(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:e[+-]?[0-9]{1,2})?")
_LAST_OF_NUMBER = frozenset("0123456789.")
_DIGITS = re.compile(r"-?[0-9]+")
_NAME, _REMEMBERED = 60, 8_192


def visible(text: str) -> str:
    """The text without the characters that show nothing: zero-width and soft marks, directions, variants."""
    if text.isascii():
        return text
    return _JOINERS.sub(_kept_joiners, _INVISIBLE.sub("", text))


def tidy(name: str) -> str:
    """A name as it is stored: composed, nothing invisible, no space at the ends or doubled."""
    return " ".join((name if name.isascii() else unicodedata.normalize("NFC", visible(name))).split())


def fold(text: str) -> str:
    """The form in which two spellings of one label are equal.

    They may differ in case, in Unicode compatibility form, in white space, in underscores for spaces, in "&" for "and"
    and in characters that show nothing. Nothing else is the same: no stemming, no prefixes, no edit distance.
    """
    # The same few names of labels and keys are asked about again and again.
    return _folded_name(text) if len(text) <= _NAME else _folded(text)


def _folded(text: str) -> str:
    composed = text if text.isascii() else unicodedata.normalize("NFKC", visible(text)).translate(_MINUS)
    return " ".join(composed.casefold().replace("_", " ").replace("&", " and ").split())


_folded_name = lru_cache(_REMEMBERED)(_folded)


def straight(text: str) -> str:
    """The text with plain apostrophes for those that word processors and models put in their place."""
    return text if text.isascii() else text.translate(_APOSTROPHES)


def same_value(text: str) -> str:
    """`fold`, apostrophes of one kind, and numbers as most programs write them: "1", "1.0", "1.", "+1" and "1e0" are
    one, ".5" is "0.5"; "01" and "1" are not one.

    Type guessing adds ".0" to whole numbers and nothing else. What has a fraction keeps its digits: 1.1 and 1.10 may be
    versions, and no program makes one of the other.
    """
    folded = straight(fold(text))
    return _plain_number(folded) or folded


def same_id(text: str) -> str:
    """The form in which two spellings of one id are equal: they differ in what shows nothing and in how a number is
    written. Upper and lower case are two: ids are made by programs."""
    plain = tidy(text)
    return _plain_number(plain) or plain


def same_text(text: str) -> str:
    """The form in which two texts are one: they differ in white space and in what shows nothing."""
    return " ".join(text.split()) if text.isascii() else tidy(text)


def best_spelling(counts: Mapping[str, int]) -> str:
    """The most frequent; of equals one that is not all upper case, then the shorter number with the usual minus, and of
    those the first."""
    return max(counts, key=lambda one: (counts[one], not one.isupper(), *_plainness(one)))


def variants(counts: Mapping[str, int], key: Callable[[str], str] = same_value) -> dict[str, str]:
    """For every spelling that should be merged, the one to merge it into: of those with one key the best, tidy. Where
    one whole number is written in digits alone, all are: 3.0 beside 1 and 2 is 3."""
    groups: dict[str, Counter[str]] = {}
    for spelling, number in counts.items():
        groups.setdefault(key(spelling), Counter())[tidy(spelling)] += number
    best = {folded: best_spelling(spellings) for folded, spellings in groups.items()}
    if any(_DIGITS.fullmatch(spelling) for spellings in groups.values() for spelling in spellings):
        whole = (folded for folded in best if _DIGITS.fullmatch(folded) and _plain_number(fold(best[folded])) == folded)
        best.update({folded: folded for folded in whole})
    return {spelling: best[key(spelling)] for spelling in counts if spelling != best[key(spelling)]}


def _kept_joiners(found: re.Match[str]) -> str:
    """Joiners are letters of some scripts and the glue of some emoji, but nothing beside ASCII or at an end."""
    before, after = found.string[found.start() - 1 : found.start()], found.string[found.end() : found.end() + 1]
    return "" if before.isascii() or after.isascii() else found.group()


def _plain_number(text: str) -> str:
    """The number as most programs write it; nothing for what is no number."""
    if text[-1:] not in _LAST_OF_NUMBER or not _NUMBER.fullmatch(text):
        return ""
    number = Decimal(text)
    if number == int(number):
        return f"{int(number)}"
    whole, point, fraction = text.lstrip("+").partition(".")
    return f"{whole}0{point}{fraction}" if whole in ("", "-") else whole + point + fraction


def _plainness(text: str) -> tuple[int, bool]:
    return (-len(text), text.isascii()) if _NUMBER.fullmatch(text.translate(_MINUS)) else (0, True)

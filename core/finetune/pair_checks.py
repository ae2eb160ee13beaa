"""The pre-flight of preference pairs: what is left out and why, and whether the rest can teach."""

from collections.abc import Mapping
from enum import StrEnum

from core.finetune.checks import Check, Level, clean, enough, leakage, size, test_untouched
from core.finetune.facts import Facts
from core.plural import count

_LONGER = 0.8
"""From this share of pairs on whose better text is the longer one, that is what a model learns first."""


class LeftOut(StrEnum):
    """Why something that an annotator says makes no pair: how one is counted in a sentence."""

    TIE = "tie"
    UNDECIDED = "item without a verdict"
    ALONE = "item that nobody else wrote a text for"
    ALIKE = "pair of equal texts"
    EMPTY = "pair with an empty text"
    UNASKED = "item without a request"
    NO_TEXT = "pair that is not of texts"
    OPEN = "request that does not end with a user's message"


_SEVERAL = {
    LeftOut.UNDECIDED: "items without a verdict",
    LeftOut.ALONE: "items that nobody else wrote a text for",
    LeftOut.ALIKE: "pairs of equal texts",
    LeftOut.EMPTY: "pairs with an empty text",
    LeftOut.UNASKED: "items without a request",
    LeftOut.NO_TEXT: "pairs that are not of texts",
    LeftOut.OPEN: "requests that do not end with a user's message",
}


def check_pairs(train: Facts, validation: Facts, left_out: Mapping[LeftOut, int], as_asked: str) -> tuple[Check, ...]:
    """All checks, in the order of the screen. `left_out` counts over both splits; `as_asked` says what the requests
    are, in a sentence."""
    return (
        enough(train.lines, "Compare more train items, or write what a model wrote better."),
        _pairs(left_out),
        _lengths(train),
        Check(Level.OK, "Requests", as_asked),
        test_untouched(train.of_test + validation.of_test),
        leakage(validation.repeats),
        clean([*train.reserved, *validation.reserved]),
        size(train),
    )


def in_words(left_out: Mapping[LeftOut, int]) -> str:
    """`3 ties, 1 item without a verdict`; "" where nothing was left out."""
    return ", ".join(count(left_out[why], why, _SEVERAL.get(why, "")) for why in LeftOut if left_out.get(why))


def _pairs(left_out: Mapping[LeftOut, int]) -> Check:
    title, told = "Left out", in_words(left_out)
    if not told:
        return Check(Level.OK, title, "Nothing: every answer makes a pair.")
    return Check(Level.OK, title, f"{told}: nothing there says which of two texts is better.")


def _lengths(train: Facts) -> Check:
    title = "Better is not just longer"
    if not train.lines:
        return Check(Level.OK, title, "Nothing to compare yet.")
    share = f"In {train.longer:,} of {count(train.lines, 'pair')} the better text is the longer one."
    if train.longer > _LONGER * train.lines:
        return Check(Level.WARNING, title, share, "The tuned model may learn to write at length above all.")
    return Check(Level.OK, title, share)

"""The order of a scale's levels: by the numbers they begin with, or as the instructions list them; of outcomes, by what
their words say of the two that are compared. A label for what has no place on the scale is left out."""

import re
from collections.abc import Sequence

from core.embedded.labels import Choice, describe

_FIRST = re.compile(r"\b(?:(?i:first|1st|1|left)|A)\b")
_SECOND = re.compile(r"\b(?:(?i:second|2nd|2|right)|B)\b")
_TIE = re.compile(r"\b(tie[sd]?|equal(?:ly)?|same|both|draw|neither|even)\b", re.IGNORECASE)
_STRONG = re.compile(r"\b(much|far|clearly|strongly|significantly|definitely)\b", re.IGNORECASE)
_WEAK = re.compile(r"\b(slightly|a bit|a little|somewhat|marginally)\b", re.IGNORECASE)
_NUMBER = re.compile(r"\s*(-?\d{1,9}(?:\.\d{1,9})?)(?!\w)")


def levels_in_order(said: Sequence[str], listed: Sequence[Choice]) -> tuple[str, ...]:
    """The levels from one end of the scale to the other, with those that were listed and never said. Raises ValueError
    where their order cannot be told."""
    names = _without_fallbacks(said, listed)
    numbers = {name: float(found[1]) for name in names if (found := _NUMBER.match(name))}
    if len(set(numbers.values())) == len(names):
        return tuple(sorted(names, key=lambda name: numbers[name]))
    if set(names) <= {choice.name for choice in listed}:
        return names
    raise ValueError("The order of the levels cannot be told: list them in the instructions, each on a line.")


def outcomes_in_order(said: Sequence[str], listed: Sequence[Choice]) -> tuple[str, ...]:
    """The outcomes from "the second is much better" to "the first is much better". Raises ValueError where one does not
    say whom it favours."""
    favour: dict[str, float] = {}
    for name in _without_fallbacks(said, listed):
        score = favour_of(name)
        if score is None:
            raise ValueError(f"The outcome {name!r} does not say whether the first or the second is better, or a tie.")
        favour[name] = score
    return tuple(sorted(favour, key=lambda name: favour[name]))


def favour_of(outcome: str) -> float | None:
    """Above 0 where the first is better, below where the second is, 0 for a tie; None for what says neither."""
    is_first, is_second = bool(_FIRST.search(outcome)), bool(_SECOND.search(outcome))
    if is_first == is_second:
        return 0.0 if _TIE.search(outcome) else None
    strength = 2.0 if _STRONG.search(outcome) else 0.5 if _WEAK.search(outcome) else 1.0
    return strength if is_first else -strength


def _without_fallbacks(said: Sequence[str], listed: Sequence[Choice]) -> tuple[str, ...]:
    if not set(said) <= {choice.name for choice in listed}:
        listed = describe([Choice(name) for name in dict.fromkeys(said)], ())
    return tuple(choice.name for choice in listed if not choice.is_fallback)

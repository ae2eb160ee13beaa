"""Numbers with their intervals, as text."""

from core.services.export.vocabulary import (
    DIGITS,
    basis,
    digits_of_difference,
    interval,
    number,
    p_value,
    percent,
    percent_interval,
    with_interval,
)

__all__ = [
    "DIGITS",
    "basis",
    "digits_of_difference",
    "interval",
    "number",
    "p_value",
    "percent",
    "percent_interval",
    "unbroken",
    "with_interval",
]


def unbroken(text: str) -> str:
    """The text with each number on one line with its per cent, and with what it is the value of."""
    for joined in (" %", " = ", " < "):
        text = text.replace(joined, joined.replace(" ", "\u00a0"))
    return text

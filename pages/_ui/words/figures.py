"""Numbers with their intervals, as text."""

import re

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

_JOINED = re.compile(r" %| \\?[=<] ")

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
    """The text with each number on one line with its per cent, and with what it is the value of; as `plain` has it or
    as it is."""
    return _JOINED.sub(lambda found: found[0].replace(" ", "\u00a0"), text)

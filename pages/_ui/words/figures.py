"""Numbers with their intervals, as text."""

from core.services.export.vocabulary import (
    basis,
    interval,
    number,
    p_value,
    percent,
    percent_interval,
    side_by_side,
    with_interval,
)

__all__ = [
    "basis",
    "interval",
    "number",
    "p_value",
    "percent",
    "percent_interval",
    "side_by_side",
    "unbroken",
    "with_interval",
]


def unbroken(text: str) -> str:
    """The text with each number and its per cent on one line."""
    return text.replace(" %", "\u00a0%")

"""Numbers with their intervals, as text."""

from core.model import Estimate
from core.services.export.vocabulary import interval, number, percent, with_interval

__all__ = ["basis", "interval", "number", "percent", "unbroken", "with_interval"]


def unbroken(text: str) -> str:
    """The text with each number and its per cent on one line."""
    return text.replace(" %", "\u00a0%")


def basis(estimate: Estimate) -> str:
    """On how many items and by which interval, or why it is undefined: for tooltips and captions."""
    if estimate.value is None:
        return f"undefined: {estimate.undefined}"
    return f"n = {estimate.n:,}" + (f", 95 % interval: {estimate.interval}" if estimate.interval else "")

"""Numbers with their intervals, as text."""

from core.model import Estimate


def number(value: float | None, *, signed: bool = False) -> str:
    """`.76`, `1.00`, `+.10`; a dash where there is none."""
    if value is None:
        return "–"
    text = f"{value:+.2f}" if signed else f"{value:.2f}"
    return text.replace("0.", ".", 1) if abs(value) < 0.995 else text


def interval(estimate: Estimate, *, signed: bool = False) -> str:
    """`[.72, .80]`, or empty where there is none."""
    if estimate.low is None or estimate.high is None:
        return ""
    return f"[{number(estimate.low, signed=signed)}, {number(estimate.high, signed=signed)}]"


def with_interval(estimate: Estimate, *, signed: bool = False) -> str:
    """`.76 [.72, .80]`, or `undefined`; the reason belongs into a tooltip or beside it."""
    if estimate.value is None:
        return "undefined"
    return f"{number(estimate.value, signed=signed)} {interval(estimate, signed=signed)}".strip()


def basis(estimate: Estimate) -> str:
    """On how many items and by which interval, or why it is undefined: for tooltips and captions."""
    if estimate.value is None:
        return f"undefined: {estimate.undefined}"
    return f"n = {estimate.n:,}" + (f", 95 % interval: {estimate.interval}" if estimate.interval else "")

"""Figures as they are written everywhere: on the pages, in the report, in its charts."""

from core.model import Estimate


def number(value: float | None, *, signed: bool = False) -> str:
    """`.76`, `1.00`, `+.10`, `−.02`; never `−.00`; a dash where there is none."""
    if value is None:
        return "–"
    text = f"{abs(value):.2f}"
    sign = "" if float(text) == 0 else "−" if value < 0 else "+" if signed else ""
    return sign + text.removeprefix("0")


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


def percent(share: float) -> str:
    """`53 %`."""
    return f"{100 * share:.0f} %"

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
    """`.76 [.72, .80]`, `.45 [.20, .81] rough`, `.45, no interval`, or `undefined`; the reason belongs beside it."""
    if estimate.value is None:
        return "undefined"
    value = number(estimate.value, signed=signed)
    said = f"{value} {interval(estimate, signed=signed)}" if estimate.low is not None else f"{value}, no interval"
    return f"{said} rough" if estimate.rough else said


def basis(estimate: Estimate) -> str:
    """On how many items and by which interval, why it has none, and how far it is to be trusted; or why undefined."""
    if estimate.value is None:
        return f"undefined: {estimate.undefined}"
    known = f", 95 % interval: {estimate.interval}" if estimate.interval else ""
    rough = f"; rough: {estimate.rough}" if estimate.rough else ""
    return f"n = {estimate.n:,}{known}{rough}"


def percent(share: float) -> str:
    """`53 %`."""
    return f"{100 * share:.0f} %"

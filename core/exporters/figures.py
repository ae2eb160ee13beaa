"""Figures as they are written everywhere: on the pages, in the report, in its charts. Nobody else rounds one."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from core.model import Estimate

DIGITS = 2
"""Of every figure; of two figures and their difference one more where two would contradict each other."""


def rounded(value: float, digits: int = DIGITS) -> Decimal:
    """To so many digits, halves away from 0: .575 is .58, whether it came as 23 / 40 or as 1 - 17 / 40."""
    return Decimal(repr(round(float(value), 12))).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def number(value: float | None, *, signed: bool = False, digits: int = DIGITS) -> str:
    """`.76`, `1.00`, `+.10`, `−.02`; never `−.00`; a dash where there is none."""
    if value is None:
        return "–"
    found = rounded(value, digits)
    sign = "" if not found else "−" if found < 0 else "+" if signed else ""
    return sign + f"{abs(found):f}".removeprefix("0")


def interval(estimate: Estimate, *, signed: bool = False, digits: int = DIGITS) -> str:
    """`[.72, .80]`, or empty where there is none."""
    if estimate.low is None or estimate.high is None:
        return ""
    low, high = (number(end, signed=signed, digits=digits) for end in (estimate.low, estimate.high))
    return f"[{low}, {high}]"


def with_interval(estimate: Estimate, *, signed: bool = False, digits: int = DIGITS) -> str:
    """`.76 [.72, .80]`, `.45 [.20, .81] rough`, `.45, no interval`, or `undefined`; the reason belongs beside it."""
    if estimate.value is None:
        return "undefined"
    value, between = (
        number(estimate.value, signed=signed, digits=digits),
        interval(estimate, signed=signed, digits=digits),
    )
    said = f"{value} {between}" if between else f"{value}, no interval"
    return f"{said} rough" if estimate.rough else said


def basis(estimate: Estimate) -> str:
    """On how many items and by which interval, why it has none, and how far it is to be trusted; or why undefined."""
    if estimate.value is None:
        return f"undefined: {estimate.undefined}"
    known = f", 95 % interval: {estimate.interval}" if estimate.interval else ""
    rough = f"; rough: {estimate.rough}" if estimate.rough else ""
    return f"n = {estimate.n:,}{known}{rough}"


class SideBySide(NamedTuple):
    """Two figures and the difference between them, as they are to be written: all three with so many digits."""

    a: Estimate
    b: Estimate
    difference: Estimate
    digits: int


def side_by_side(a: Estimate, b: Estimate, difference: Estimate) -> SideBySide:
    """The difference that is read is that of the two figures that are read.

    With two digits where these agree with the true difference (.64 to .76 is +.12). Else with three (.644 to .757 is
    +.113), where the difference is taken of the three digits shown: it is less than .001 off.
    """
    if a.value is None or b.value is None or difference.value is None:
        return SideBySide(a, b, difference, DIGITS)
    if rounded(b.value) - rounded(a.value) == rounded(difference.value):
        return SideBySide(a, b, difference, DIGITS)
    more = DIGITS + 1
    read = float(rounded(b.value, more) - rounded(a.value, more))
    return SideBySide(a, b, replace(difference, value=read), more)


def percent(share: float) -> str:
    """`53 %`; `< 1 %` of what is not nothing, `> 99 %` of what is not all."""
    whole = int(100 * rounded(share))
    if whole == 0 and share > 0:
        return "< 1 %"
    return "> 99 %" if whole == 100 and share < 1 else f"{whole} %"


def percent_interval(share: Estimate) -> str:
    """`80 % (72–86)`."""
    if share.value is None:
        return "undefined"
    if share.low is None or share.high is None:
        return percent(share.value)
    low, high = (int(100 * rounded(end)) for end in (share.low, share.high))
    return f"{percent(share.value)} ({low}–{high})"


def points(difference: float, digits: int = DIGITS) -> str:
    """A difference of two shares without its sign: `12 points`, `1 point`; with three digits `11.3 points`."""
    found = 100 * abs(rounded(difference, digits))
    text = f"{found:.{max(0, digits - 2)}f}"
    return f"{text} point" if text == "1" else f"{text} points"


def p_value(p: float) -> str:
    """`p = .012`, `p < .0001`: two significant digits, as p-values are written; never 0."""
    return "p < .0001" if p < 0.0001 else f"p = {small(p)}"


def small(value: float) -> str:
    """`.04`, `.0061`, `.40`: two digits that count, and never fewer than two."""
    digits = DIGITS
    while digits < 12 and 0 < value < 0.995 * 10 ** (1 - digits):
        digits += 1
    text = number(value, digits=digits)
    return text.removesuffix("0") if digits > DIGITS else text

"""Figures as they are written everywhere: on the pages, in the report, in its charts. Nobody else rounds one."""

from decimal import ROUND_HALF_UP, Decimal

from core.model import Estimate

DIGITS = 2
"""Of every figure; a difference has one more where two would contradict those of the figures it lies between."""
THIRD_DIGIT = "A difference with three digits is computed before rounding."


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


def interval(estimate: Estimate, *, signed: bool = False) -> str:
    """`[.72, .80]`, or empty where there is none."""
    if estimate.low is None or estimate.high is None:
        return ""
    return f"[{number(estimate.low, signed=signed)}, {number(estimate.high, signed=signed)}]"


def with_interval(estimate: Estimate, *, signed: bool = False, digits: int = DIGITS) -> str:
    """`.76 [.72, .80]`, `.45 [.20, .81] rough`, `.45, no interval`, or `undefined`; the reason belongs beside it."""
    if estimate.value is None:
        return "undefined"
    value, between = number(estimate.value, signed=signed, digits=digits), interval(estimate, signed=signed)
    said = f"{value} {between}" if between else f"{value}, no interval"
    return f"{said} rough" if estimate.rough else said


def basis(estimate: Estimate) -> str:
    """On how many items and by which interval, why it has none, and how far it is to be trusted; or why undefined."""
    if estimate.value is None:
        return f"undefined: {estimate.undefined}"
    known = f", 95 % interval: {estimate.interval}" if estimate.interval else ""
    rough = f"; rough: {estimate.rough}" if estimate.rough else ""
    return f"n = {estimate.n:,}{known}{rough}"


def digits_of_difference(a: Estimate, b: Estimate, difference: Estimate) -> int:
    """2 where the difference that is read is that of the two figures that are read (.64 to .76 is +.12), else 3: of
    .644 to .757 it is +.113, which shows that +.12 is not meant (`THIRD_DIGIT` says so)."""
    if a.value is None or b.value is None or difference.value is None:
        return DIGITS
    is_plain = rounded(b.value) - rounded(a.value) == rounded(difference.value)
    return DIGITS if is_plain else DIGITS + 1


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

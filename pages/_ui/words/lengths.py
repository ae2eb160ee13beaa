"""How long things are, as a histogram."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from pages._ui.words.plots import Trace, drawn

_BARS = 30


@dataclass(frozen=True)
class Lengths:
    """The histogram of lengths, and what it leaves unsaid. `beyond` of them are past the axis."""

    figure: go.Figure
    n: int
    median: int
    shortest: int
    longest: int
    beyond: int


def length_chart(
    lengths: Sequence[tuple[int, int]], unit: str = "characters", what: str = "items", height: int = 300
) -> Lengths:
    """A histogram of `(length, how many)`, in ascending order; the longest hundredth is gathered in the last bar, so
    that the rest shows."""
    total = sum(number for _, number in lengths)
    if not total:
        return Lengths(drawn([], {}), 0, 0, 0, 0, 0)
    shortest, longest = lengths[0][0], lengths[-1][0]
    top = quantile(lengths, 0.99)
    width = _nice_width(top, _BARS)
    last = (top // width) * width
    bars: dict[int, int] = {start: 0 for start in range((shortest // width) * width, last + 1, width)}
    beyond = 0
    for length, number in lengths:
        bars[min(last, (length // width) * width)] += number
        beyond += number if length >= last + width else 0
    words = [
        f"{start:,} or more" if beyond and start == last else f"{start:,} to {start + width - 1:,}" for start in bars
    ]
    figure = drawn([_histogram(bars, width, words, unit, what)], _layout(unit, what, height))
    return Lengths(figure, total, quantile(lengths, 0.5), shortest, longest, beyond)


def _histogram(bars: Mapping[int, int], width: int, words: Sequence[str], unit: str, what: str) -> Trace:
    return {
        "type": "bar",
        "x": [start + width / 2 for start in bars],
        "y": list(bars.values()),
        "width": width,
        "marker": {"color": "#4C78A8", "line": {"width": 0}},
        "customdata": words,
        "hovertemplate": f"%{{customdata}} {unit}<br>%{{y:,}} {what}<extra></extra>",
    }


def _layout(unit: str, what: str, height: int) -> Trace:
    return {
        "height": height,
        "margin": {"l": 0, "r": 8, "t": 10, "b": 0},
        "bargap": 0.06,
        "showlegend": False,
        "xaxis": {"title": {"text": unit}, "tickformat": ",d"},
        "yaxis": {"title": {"text": what}, "tickformat": ",d", "rangemode": "tozero"},
    }


def quantile(lengths: Sequence[tuple[int, int]], share: float) -> int:
    """The smallest length that at least this share of the items does not exceed."""
    needed, seen = share * sum(number for _, number in lengths), 0
    for length, number in lengths:
        seen += number
        if seen >= needed:
            return length
    return 0


def _nice_width(top: int, bars: int) -> int:
    """1, 2 or 5 times a power of ten, so that about `bars` of them reach `top`."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if factor * power * bars >= top:
                return factor * power
        power *= 10

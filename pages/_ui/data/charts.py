"""Charts of the Data page: pure functions from counts to figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from core.model import Split
from pages._ui.words.figures import percent
from pages._ui.words.plots import Trace, as_text, drawn, rows

SPLIT_COLORS = {Split.TRAIN: "#4C78A8", Split.VALIDATION: "#2A9D8F", Split.TEST: "#8E6BBF"}
MOST_LABELS = 40
_BARS = 30


@dataclass(frozen=True)
class Lengths:
    """The histogram of text lengths in characters, and what it leaves unsaid. `beyond` items are past the axis."""

    figure: go.Figure
    n: int
    median: int
    shortest: int
    longest: int
    beyond: int


def split_table(rows: Sequence[tuple[str, str, int]], order: Sequence[str]) -> pd.DataFrame:
    """Items per label and split, and in all; labels in the task's order, then what else is used."""
    counts: dict[str, dict[str, int]] = {}
    for split, label, number in rows:
        held = counts.setdefault(label, {})
        held[split] = held.get(split, 0) + number
    names = [name for name in order if name in counts] + sorted(set(counts) - set(order))
    lines = [
        {
            "label": name,
            **{str(split): counts[name].get(split, 0) for split in Split},
            "all": sum(counts[name].values()),
        }
        for name in names
    ]
    return pd.DataFrame(lines, columns=["label", *map(str, Split), "all"])


def label_chart(counted: Sequence[tuple[str, str, int]], order: Sequence[str]) -> go.Figure:
    """One bar a label, its splits side by side in it; beyond `MOST_LABELS` only the most frequent."""
    table = split_table(counted, order)
    if len(table) > MOST_LABELS:
        table = table.nlargest(MOST_LABELS, "all")
    names = table["label"].tolist()
    layout = {
        "barmode": "stack",
        "height": 70 + max(22 * len(names), 120),
        "margin": {"l": 0, "r": 8, "t": 30, "b": 0},
        "legend": {"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        "bargap": 0.25,
        "yaxis": rows(names, 32),
        "xaxis": {"title": {"text": "items"}, "rangemode": "tozero", "tickformat": ",d"},
    }
    return drawn([_bars_of(split, table, names) for split in SPLIT_COLORS], layout)


def _bars_of(split: Split, table: pd.DataFrame, names: Sequence[str]) -> Trace:
    shares = (table[split] / table["all"].where(table["all"] > 0, 1)).tolist()
    return {
        "type": "bar",
        "y": list(range(len(names))),
        "x": table[split].tolist(),
        "name": str(split),
        "orientation": "h",
        "marker": {"color": SPLIT_COLORS[split]},
        "customdata": [list(pair) for pair in zip(map(as_text, names), map(percent, shares), strict=True)],
        "hovertemplate": f"%{{customdata[0]}}<br>{split}: %{{x:,}} (%{{customdata[1]}})<extra></extra>",
    }


def length_chart(lengths: Sequence[tuple[int, int]]) -> Lengths:
    """A histogram of `(length, items)`; the longest hundredth is gathered in the last bar, so that the rest shows."""
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
    figure = drawn([_histogram(bars, width, words)], _LENGTHS)
    return Lengths(figure, total, quantile(lengths, 0.5), shortest, longest, beyond)


def _histogram(bars: Mapping[int, int], width: int, words: Sequence[str]) -> Trace:
    return {
        "type": "bar",
        "x": [start + width / 2 for start in bars],
        "y": list(bars.values()),
        "width": width,
        "marker": {"color": "#4C78A8", "line": {"width": 0}},
        "customdata": words,
        "hovertemplate": "%{customdata} characters<br>%{y:,} items<extra></extra>",
    }


_LENGTHS = {
    "height": 300,
    "margin": {"l": 0, "r": 8, "t": 10, "b": 0},
    "bargap": 0.06,
    "showlegend": False,
    "xaxis": {"title": {"text": "characters"}, "tickformat": ",d"},
    "yaxis": {"title": {"text": "items"}, "tickformat": ",d", "rangemode": "tozero"},
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

"""Plotly figures from their plain form."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

CLEAR = "rgba(0,0,0,0)"
GRID = "rgba(128,128,128,0.18)"
Trace = Mapping[str, Any]


def drawn(traces: Sequence[Trace], layout: Mapping[str, Any]) -> go.Figure:
    """The figure of these traces, on the page's own ground.

    Plotly checks every property each time a figure is made, which takes longer than all else a page does. What the
    charts set is written here, not typed in by anybody: that Plotly takes it is for the tests to see.
    """
    ground = {"paper_bgcolor": CLEAR, "plot_bgcolor": CLEAR}
    return go.Figure({"data": list(traces), "layout": ground | dict(layout)}, _validate=False)


def as_text(name: str) -> str:
    """A name from data for any text of a chart: Plotly reads a few HTML tags, and formulas between dollars."""
    return name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("$", "&#36;")


def shortened(name: str, limit: int) -> str:
    """The same, cut for an axis."""
    return as_text(name if len(name) <= limit else name[: limit - 1].rstrip() + "…")


def whiskers(
    values: Sequence[float], lows: Sequence[float | None], highs: Sequence[float | None], **look: Any
) -> Trace:
    """Error bars from the lows to the highs; none at a value that has no interval."""
    ends = list(zip(values, lows, highs, strict=True))
    return {
        "type": "data",
        "symmetric": False,
        "array": [0.0 if high is None else high - value for value, _, high in ends],
        "arrayminus": [0.0 if low is None else value - low for value, low, _ in ends],
        "thickness": 1.5,
        "width": 4,
        **look,
    }


def rows(names: Sequence[str], limit: int) -> Trace:
    """The axis of a chart with one row a name, the first on top; what is drawn names its row by number.

    By their shortened names, two that begin alike would be one row.
    """
    down = {"tickvals": list(range(len(names))), "ticktext": [shortened(name, limit) for name in names]}
    return down | {"range": [len(names) - 0.4, -0.6], "automargin": True}

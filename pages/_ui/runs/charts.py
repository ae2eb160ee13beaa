"""Charts of one run, as pure functions: figures take their text colours from the theme."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from core.model import Label
from pages._ui.words.figures import number
from pages._ui.words.plots import Trace, as_text, drawn, rows

HEIGHT = 200
"""In pixels, of one chart, so that a run's result is seen without scrolling."""

_ROW = 20
_NEUTRAL = "#8A8F98"


def answers_chart(answers: Mapping[str, int], labels: Sequence[Label]) -> go.Figure:
    """How often each label was answered, in the task's order and colours; labels no longer in the task come last."""
    colors = {label.name: label.color or _NEUTRAL for label in labels}
    names = [*colors, *(name for name in answers if name not in colors)]
    values = [answers.get(name, 0) for name in names]
    bars = {
        "type": "bar",
        "x": values,
        "y": list(range(len(names))),
        "customdata": [as_text(name) for name in names],
        "orientation": "h",
        "marker": {"color": [colors.get(name, _NEUTRAL) for name in names]},
        "text": [f"{value:,}" for value in values],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{customdata}: %{x:,} items<extra></extra>",
    }
    axes = {
        # Room for the longest name on a narrow screen, too: Plotly would cut it off at its beginning.
        "yaxis": rows(names, 26) | {"ticks": "", "automargin": "width"},
        "xaxis": {"visible": False},
    }
    return _calm(bars, axes, height=max(HEIGHT, _ROW * len(names) + 16))


def confidence_chart(confidences: Sequence[float], color: str, bins: int = 20) -> go.Figure:
    """Items by the model's confidence in its own answer."""
    bars = {
        "type": "bar",
        "x": [(i + 0.5) / bins for i in range(bins)],
        "y": binned(confidences, bins),
        "width": 0.92 / bins,
        "marker": {"color": color or _NEUTRAL},
        "customdata": [f"{number(i / bins)} to {number((i + 1) / bins)}" for i in range(bins)],
        "hovertemplate": "%{customdata}: %{y:,} items<extra></extra>",
    }
    axes = {
        "xaxis": {"range": [0, 1], "tickvals": [0, 0.25, 0.5, 0.75, 1], "ticktext": ["0", ".25", ".5", ".75", "1"]},
        "yaxis": {"title": {"text": "items"}, "rangemode": "tozero"},
    }
    return _calm(bars, axes, height=HEIGHT)


def latency_chart(seconds: Sequence[float], color: str, bins: int = 24) -> go.Figure:
    """Answers by how long they took, up to the 99th percentile; slower ones count into the last bar."""
    ordered = sorted(seconds)
    most = ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))] if ordered else 1.0
    most = most or 1e-3
    unit, scale = ("ms", 1000.0) if most < 2 else ("s", 1.0)
    width = most * scale / bins
    bars = {
        "type": "bar",
        "x": [(i + 0.5) * width for i in range(bins)],
        "y": binned(np.asarray(ordered) / most, bins),
        "width": 0.92 * width,
        "marker": {"color": color or _NEUTRAL},
        "hovertemplate": f"about %{{x:,.3~g}} {unit}: %{{y:,}} answers<extra></extra>",
    }
    axes = {
        "xaxis": {"ticksuffix": f" {unit}", "rangemode": "tozero", "nticks": 5},
        "yaxis": {"title": {"text": "answers"}, "rangemode": "tozero"},
    }
    return _calm(bars, axes, height=HEIGHT)


def binned(shares: Sequence[float] | np.ndarray, bins: int) -> list[int]:
    """How many of the values between 0 and 1 fall into each of `bins` equal parts; 1 belongs to the last."""
    places = np.clip((np.asarray(shares, dtype=float) * bins).astype(int), 0, bins - 1)
    return [int(number) for number in np.bincount(places, minlength=bins)]


def _calm(bars: Trace, axes: Mapping[str, object], height: int) -> go.Figure:
    layout = {
        "height": height,
        "margin": {"l": 0, "r": 28, "t": 8, "b": 0},
        "showlegend": False,
        "bargap": 0.25,
    }
    return drawn([bars], layout | dict(axes))

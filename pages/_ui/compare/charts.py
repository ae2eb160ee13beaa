"""The charts of the Compare page, as pure functions of figures."""

from base64 import b64encode
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from core.model import Annotator, Estimate, Outcome
from core.services.agreement.vocabulary import Comparison, LabelScore
from core.services.export.vocabulary import spread
from pages._ui.words.figures import number, with_interval
from pages._ui.words.plots import Trace, as_text, drawn, shortened, whiskers

Slope = tuple[str, str, float, float]
"""A label, its colour, its F1 of A and of B."""
STILL = {"displayModeBar": False}
_BAR = {
    Outcome.BOTH_RIGHT: "rgba(125,131,140,0.30)",
    Outcome.FIXED: "#0072B2",
    Outcome.BROKEN: "#D55E00",
    Outcome.STILL_WRONG: "rgba(125,131,140,0.75)",
}
"""The parts of the bar from left to right, and their colours."""
_FAINT = "rgba(125,131,140,0.35)"
_GREY = "#7D838C"
_TALL = 330
_LINES = 20
_HEAD, _FOOT = 12, 26  # pixels above and below the lines, and below the whole for A and B
_AWAY = 0.06  # how far values and names stand from their dots, where A and B are 1 apart
_LEAST = 0.1  # the axis never spans less: a difference of .01 should look small


def counts_of(figures: Comparison) -> dict[Outcome, int]:
    """Items by outcome, in the order of the bar."""
    return {outcome: getattr(figures, outcome) for outcome in _BAR}


def square(outcome: Outcome) -> str:
    """A square in the colour of the outcome's part of the bar, as Markdown."""
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="12" height="12">'
        f'<rect width="12" height="12" rx="2" fill="{_BAR[outcome]}"/></svg>'
    )
    return f"![](data:image/svg+xml;base64,{b64encode(drawing.encode()).decode()})"


def interval_dots(sides: Sequence[tuple[str, Annotator, Estimate]]) -> go.Figure:
    """One row a side: a dot at its accuracy, a line along its interval, in the annotator's colour."""
    axes = {
        # A little beyond 0 and 1, so that a dot at either is a whole one.
        "xaxis": _RULED | {"range": [-0.05, 1.05], "tickvals": [0, 0.25, 0.5, 0.75, 1]},
        "yaxis": {
            "categoryorder": "array",
            "categoryarray": [side[0] for side in sides],
            "autorange": "reversed",
            "fixedrange": True,
        },
    }
    dots = [_interval_dot(*side) for side in sides if side[2].value is not None]
    return drawn(dots, _quiet(40 * len(sides) + 44) | axes)


def _interval_dot(letter: str, annotator: Annotator, score: Estimate) -> Trace:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [score.value],
        "y": [letter],
        "marker": {"color": annotator.color, "size": 12},
        "error_x": whiskers([score], annotator.color, 3),
        "hovertemplate": f"{letter}: {with_interval(score)}<extra></extra>",
    }


def outcome_bar(figures: Comparison) -> go.Figure:
    """All items in four parts, in proportion."""
    parts = [
        {
            "type": "bar",
            "x": [items],
            "y": [""],
            "orientation": "h",
            "name": outcome.words,
            "marker": {"color": _BAR[outcome], "line": {"width": 0}},
            "hovertemplate": f"{outcome.words}: {items:,} of {figures.n:,}<extra></extra>",
        }
        for outcome, items in counts_of(figures).items()
    ]
    layout = {
        "barmode": "stack",
        "bargap": 0,
        "margin": {"l": 0, "r": 0, "t": 2, "b": 2},
        "xaxis": {"visible": False, "range": [0, max(1, figures.n)], "fixedrange": True},
        "yaxis": {"visible": False, "fixedrange": True},
    }
    return drawn(parts, _quiet(44) | layout)


def label_slopes(a: Sequence[LabelScore], b: Sequence[LabelScore], colors: Mapping[str, str]) -> list[Slope]:
    """`(label, colour, F1 of A, F1 of B)` of the labels the reference gave: the others can be nothing but 0."""
    return [
        (one.label, colors.get(one.label) or _GREY, one.f1.value, other.f1.value)
        for one, other in zip(a, b, strict=True)
        if one.support and one.f1.value is not None and other.f1.value is not None
    ]


def most_changed(slopes: Sequence[Slope]) -> list[Slope]:
    """As many lines as can be told apart: those that rise or fall the most, in the task's order."""
    steepest = sorted(slopes, key=lambda slope: -abs(slope[3] - slope[2]))[:_LINES]
    return [slope for slope in slopes if slope in steepest]


def slope_title(slopes: Sequence[Slope], among: int) -> str:
    """What the lines show, of how many labels, and that the axis need not begin at 0."""
    if not slopes:
        return "F1 from A to B"
    values = [value for *_, a, b in slopes for value in (a, b)]
    which = f" of the {len(slopes)} labels of {among} that change most" if len(slopes) < among else ""
    return f"F1 from A to B{which}; the axis fits the values, {number(min(values))} to {number(max(values))}"


def slope_figure(slopes: Sequence[Slope]) -> go.Figure:
    """A line a label from its F1 in A to its F1 in B, on an axis that fits them. Values and names stand beside their
    dots, moved apart where they would overlap, and then each is tied to its dot by a thin line."""
    tall = max(_TALL, 17 * len(slopes) + 60)
    values = [value for *_, a, b in slopes for value in (a, b)] or [0, 1]
    low, high = min(values), max(max(values), min(values) + _LEAST)
    per_pixel = (high - low) / (tall - 2 * _HEAD - _FOOT)
    ends = spread([b for *_, b in slopes], 16 * per_pixel)
    starts = spread([a for _, _, a, _ in slopes], 16 * per_pixel)
    texts = [
        text
        for (label, _, before, after), left, right in zip(slopes, starts, ends, strict=True)
        for text in (_beside_a(before, left), _beside_b(label, after, right))
    ]
    # What was moved apart may stand beyond the dots.
    bottom, top = min([low, *starts, *ends]), max([high, *starts, *ends])
    layout = {
        "margin": {"l": 40, "r": 190, "t": 0, "b": _FOOT},
        "xaxis": _RULED | {"tickvals": [0, 1], "ticktext": ["A", "B"], "range": [-_AWAY, 1 + _AWAY]},
        "yaxis": {
            "visible": False,
            "range": [bottom - _HEAD * per_pixel, top + _HEAD * per_pixel],
            "fixedrange": True,
        },
        "annotations": texts,
    }
    return drawn([*map(_slope, slopes), _ties(slopes, starts, ends)], _quiet(tall) | layout)


def _slope(slope: Slope) -> Trace:
    label, color, before, after = slope
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [0, 1],
        "y": [before, after],
        "line": {"color": color, "width": 2},
        "marker": {"size": 7},
        "name": as_text(label),
        "hovertemplate": "%{fullData.name}: F1 %{y:.2f}<extra></extra>",
    }


def _beside_a(value: float, at: float) -> Trace:
    return {"x": -_AWAY, "y": at, "text": number(value), "xanchor": "right", "showarrow": False}


def _beside_b(label: str, value: float, at: float) -> Trace:
    return {
        "x": 1 + _AWAY,
        "y": at,
        "text": f"{number(value)}  {shortened(label, 24)}",
        "xanchor": "left",
        "showarrow": False,
    }


def _ties(slopes: Sequence[Slope], starts: Sequence[float], ends: Sequence[float]) -> Trace:
    """The thin lines from the dots to their texts, as one line with gaps."""
    ties = [(0, -_AWAY, a, left) for (*_, a, _), left in zip(slopes, starts, strict=True)]
    ties += [(1, 1 + _AWAY, b, right) for (*_, b), right in zip(slopes, ends, strict=True)]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [at for start, end, *_ in ties for at in (start, end, None)],
        "y": [at for *_, dot, text in ties for at in (dot, text, None)],
        "line": {"color": _FAINT, "width": 1},
        "hoverinfo": "skip",
    }


_RULED = {"fixedrange": True, "showgrid": True, "gridcolor": _FAINT, "zeroline": False}


def _quiet(height: int) -> dict[str, object]:
    return {
        "height": height,
        "margin": {"l": 4, "r": 12, "t": 4, "b": 4},
        "showlegend": False,
        "dragmode": False,
    }

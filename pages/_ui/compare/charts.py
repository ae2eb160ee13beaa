"""The bar of outcomes, as a pure function of figures."""

from base64 import b64encode

import plotly.graph_objects as go

from core.model import Outcome
from core.services.agreement.vocabulary import Comparison
from pages._ui.words.plots import drawn

STILL = {"displayModeBar": False}
_BAR = {
    Outcome.BOTH_RIGHT: "rgba(125,131,140,0.30)",
    Outcome.FIXED: "#0072B2",
    Outcome.BROKEN: "#D55E00",
    Outcome.STILL_WRONG: "rgba(125,131,140,0.75)",
}
"""The parts of the bar from left to right, and their colours."""


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
    return drawn(parts, _quiet(30) | layout)


def _quiet(height: int) -> dict[str, object]:
    return {
        "height": height,
        "margin": {"l": 4, "r": 12, "t": 4, "b": 4},
        "showlegend": False,
        "dragmode": False,
    }

"""The charts of the Compare page, as pure functions of figures."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from core.exporters.svg import spread
from core.metrics import Comparison, LabelScore
from core.model import Annotator, Estimate
from pages._ui.figures import number, with_interval

STILL = {"displayModeBar": False}
OUTCOMES = {
    "both_right": ("both right", "rgba(125,131,140,0.30)"),
    "fixed": ("fixed", "#0072B2"),
    "broken": ("broken", "#D55E00"),
    "still_wrong": ("still wrong", "rgba(125,131,140,0.75)"),
}
_CLEAR = "rgba(0,0,0,0)"
_FAINT = "rgba(125,131,140,0.35)"
_GREY = "#7D838C"
_TALL = 330


def counts_of(figures: Comparison) -> dict[str, int]:
    """Items by outcome, in the order of the bar."""
    return {outcome: getattr(figures, outcome) for outcome in OUTCOMES}


def interval_dots(sides: Sequence[tuple[str, Annotator, Estimate]]) -> go.Figure:
    """One row a side: a dot at its accuracy, a line along its interval, in the annotator's colour."""
    figure = go.Figure()
    for letter, annotator, score in sides:
        if score.value is None:
            continue
        low, high = score.low, score.high
        figure.add_scatter(
            x=[score.value],
            y=[letter],
            mode="markers",
            marker={"color": annotator.color, "size": 12},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [0 if high is None else high - score.value],
                "arrayminus": [0 if low is None else score.value - low],
                "thickness": 3,
                "width": 0,
                "color": annotator.color,
            },
            hovertemplate=f"{letter}: {with_interval(score)}<extra></extra>",
        )
    _quiet(figure, 40 * len(sides) + 44)
    figure.update_xaxes(range=[0, 1], dtick=0.25, fixedrange=True, showgrid=True, gridcolor=_FAINT, zeroline=False)
    figure.update_yaxes(
        categoryorder="array", categoryarray=[side[0] for side in sides], autorange="reversed", fixedrange=True
    )
    return figure


def outcome_bar(figures: Comparison) -> go.Figure:
    """All items in four parts, in proportion."""
    figure = go.Figure()
    for outcome, items in counts_of(figures).items():
        title, color = OUTCOMES[outcome]
        figure.add_bar(
            x=[items],
            y=[""],
            orientation="h",
            name=title,
            marker={"color": color, "line": {"width": 0}},
            hovertemplate=f"{title}: {items:,} of {figures.n:,}<extra></extra>",
        )
    _quiet(figure, 44)
    figure.update_layout(barmode="stack", bargap=0, margin={"l": 0, "r": 0, "t": 2, "b": 2})
    figure.update_xaxes(visible=False, range=[0, max(1, figures.n)], fixedrange=True)
    figure.update_yaxes(visible=False, fixedrange=True)
    return figure


def label_slopes(
    a: Sequence[LabelScore], b: Sequence[LabelScore], colors: Mapping[str, str]
) -> list[tuple[str, str, float, float]]:
    """`(label, colour, F1 of A, F1 of B)` of the labels where both are defined."""
    return [
        (one.label, colors.get(one.label) or _GREY, one.f1.value, other.f1.value)
        for one, other in zip(a, b, strict=True)
        if one.f1.value is not None and other.f1.value is not None
    ]


def slope_figure(slopes: Sequence[tuple[str, str, float, float]]) -> go.Figure:
    """A line a label from its F1 in A to its F1 in B; names at the right end, moved apart where they would overlap."""
    figure = go.Figure()
    tall = max(_TALL, 17 * len(slopes) + 60)
    per_pixel = 1.05 / (tall - 40)
    ends = spread([b for *_, b in slopes], 16 * per_pixel)
    starts = spread([a for _, _, a, _ in slopes], 16 * per_pixel)
    for (label, color, before, after), left, right in zip(slopes, starts, ends, strict=True):
        figure.add_scatter(
            x=[0, 1],
            y=[before, after],
            mode="lines+markers",
            line={"color": color, "width": 2},
            marker={"size": 7},
            name=label,
            hovertemplate="%{fullData.name}: F1 %{y:.2f}<extra></extra>",
        )
        figure.add_annotation(x=0, y=left, text=number(before), xanchor="right", xshift=-10, showarrow=False)
        # A label's name is text: Plotly would read some HTML in it.
        name = (label if len(label) <= 24 else label[:23] + "…").replace("&", "&amp;").replace("<", "&lt;")
        figure.add_annotation(x=1, y=right, text=f"{number(after)}  {name}", xanchor="left", xshift=10, showarrow=False)
    _quiet(figure, tall)
    figure.update_layout(margin={"l": 40, "r": 190, "t": 8, "b": 26})
    figure.update_xaxes(
        tickvals=[0, 1],
        ticktext=["A", "B"],
        range=[-0.02, 1.02],
        fixedrange=True,
        showgrid=True,
        gridcolor=_FAINT,
        zeroline=False,
    )
    figure.update_yaxes(visible=False, range=[-0.03, 1.05], fixedrange=True)
    return figure


def _quiet(figure: go.Figure, height: int) -> None:
    figure.update_layout(
        height=height,
        margin={"l": 4, "r": 12, "t": 4, "b": 4},
        paper_bgcolor=_CLEAR,
        plot_bgcolor=_CLEAR,
        showlegend=False,
        dragmode=False,
    )

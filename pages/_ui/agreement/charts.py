"""Agreement's charts, as pure functions from figures to Plotly figures and Altair charts.

Backgrounds are left open and text takes the theme's colour, so that they read in light and in dark.
"""

from collections.abc import Sequence

import altair as alt
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.model import Annotator, Estimate
from core.services.agreement.agreeing import Candidate
from core.services.agreement.vocabulary import METRICS, Contingency, LabelScore
from pages._ui.words.figures import with_interval

SHOWN_METRICS = ("accuracy", "jaccard", "tutorial_iou", "kappa", "alpha", "macro_f1")
MEASURES = (("precision", "Precision", "circle"), ("recall", "Recall", "diamond"), ("f1", "F1", "square"))
MEASURE_COLORS = ("#4C78A8", "#E07B39", "#8A8F98")
RIGHT, WRONG = "#4C78A8", "#E07B39"
NUMBERS_UP_TO = 24
BESIDE_UP_TO = 12
FITS_UP_TO = 80
_GRID = "rgba(128,128,128,0.18)"


def figures_chart(candidates: Sequence[Candidate]) -> go.Figure:
    """A panel per metric, a row per candidate, one axis for all; dots in the annotator's colour with intervals."""
    figure = make_subplots(
        1,
        len(SHOWN_METRICS),
        shared_yaxes=True,
        horizontal_spacing=0.018,
        subplot_titles=[METRICS[key].title for key in SHOWN_METRICS],
    )
    for column, key in enumerate(SHOWN_METRICS, start=1):
        for candidate in candidates:
            estimate = candidate.figures[key]
            if estimate.value is not None:
                row = [_short(candidate.annotator.name)]
                figure.add_trace(_dot(estimate, row, candidate.annotator.color, candidate.annotator.name), 1, column)
    names = [_short(candidate.annotator.name) for candidate in candidates]
    figure.update_xaxes(range=[axis_start(candidates), 1.03], tickvals=[0, 0.5, 1], gridcolor=_GRID, zeroline=False)
    figure.update_yaxes(
        categoryorder="array", categoryarray=names[::-1], range=[-0.6, len(names) - 0.4], showgrid=False
    )
    return _plain(figure, 70 + 34 * len(candidates))


def axis_start(candidates: Sequence[Candidate]) -> float:
    """Where the common axis begins: 0, or lower where a coefficient or its interval is negative."""
    lows = [figure.low if figure.low is not None else figure.value for c in candidates for figure in c.figures.values()]
    return min(-0.03, *(low - 0.03 for low in lows if low is not None), 0.0)


def _dot(estimate: Estimate, y: Sequence[object], color: str, name: str, symbol: str = "circle") -> go.Scatter:
    value = estimate.value or 0.0
    low = value if estimate.low is None else estimate.low
    high = value if estimate.high is None else estimate.high
    return go.Scatter(
        x=[value],
        y=list(y),
        mode="markers",
        name=name,
        showlegend=False,
        marker={"color": color, "size": 9, "symbol": symbol},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [high - value],
            "arrayminus": [value - low],
            "color": color,
            "thickness": 1.6,
            "width": 0,
        },
        hovertext=[f"{name}: {with_interval(estimate)}, n = {estimate.n:,}"],
        hoverinfo="text",
    )


def labels_chart(scores: Sequence[LabelScore]) -> go.Figure:
    """Precision, recall and F1 of each label as dots with intervals; rows name the label and its support."""
    rows = label_rows(scores)
    figure = go.Figure()
    for offset, (key, title, symbol), color in zip((0.24, 0.0, -0.24), MEASURES, MEASURE_COLORS, strict=True):
        _add_measure(figure, scores, key, title, symbol, color, offset)
    figure.update_yaxes(tickvals=list(range(len(rows)))[::-1], ticktext=rows, range=[-0.6, len(rows) - 0.4])
    return _by_label(figure, len(rows))


def iou_chart(per_candidate: Sequence[tuple[Annotator, Sequence[LabelScore]]]) -> go.Figure:
    """IoU of each label, one dot per candidate in the annotator's colour."""
    figure = go.Figure()
    number = len(per_candidate)
    for place, (annotator, scores) in enumerate(per_candidate):
        offset = 0.0 if number == 1 else 0.3 - 0.6 * place / (number - 1)
        _add_measure(figure, scores, "iou", annotator.name, "circle", annotator.color, offset)
    rows = label_rows(per_candidate[0][1]) if per_candidate else []
    figure.update_yaxes(tickvals=list(range(len(rows)))[::-1], ticktext=rows, range=[-0.6, len(rows) - 0.4])
    return _by_label(figure, len(rows))


def label_rows(scores: Sequence[LabelScore]) -> list[str]:
    """`SPORTS  52`: each label with the number of the reference's items."""
    return [f"{_short(score.label)}  {score.support:,}" for score in scores]


def _add_measure(
    figure: go.Figure, scores: Sequence[LabelScore], key: str, title: str, symbol: str, color: str, offset: float
) -> None:
    known = [(place, getattr(score, key), score.label) for place, score in enumerate(scores)]
    known = [(len(scores) - 1 - place + offset, one, label) for place, one, label in known if one.value is not None]
    figure.add_trace(
        go.Scatter(
            x=[one.value for _, one, _ in known],
            y=[place for place, _, _ in known],
            mode="markers",
            name=title,
            marker={"color": color, "size": 7, "symbol": symbol},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [(one.value if one.high is None else one.high) - one.value for _, one, _ in known],
                "arrayminus": [one.value - (one.value if one.low is None else one.low) for _, one, _ in known],
                "color": color,
                "thickness": 1.2,
                "width": 0,
            },
            hovertext=[f"{label}, {title}: {with_interval(one)}, n = {one.n:,}" for _, one, label in known],
            hoverinfo="text",
        )
    )


def _by_label(figure: go.Figure, rows: int) -> go.Figure:
    figure.update_xaxes(range=[-0.02, 1.02], tickvals=[0, 0.25, 0.5, 0.75, 1], gridcolor=_GRID, zeroline=False)
    figure.update_yaxes(showgrid=False)
    figure.update_layout(legend={"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0})
    return _plain(figure, 80 + 36 * rows)


def _plain(figure: go.Figure, height: int) -> go.Figure:
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 34, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        hovermode="closest",
    )
    figure.update_yaxes(automargin=True)
    figure.update_annotations(font_size=13)
    return figure


def matrix_cells(table: Contingency, labels: Sequence[str]) -> list[dict[str, object]]:
    """One entry per cell that holds items, rows the reference's labels; `share` is of the reference's row."""
    place = {label: at for at, label in enumerate(table.labels)}
    totals = table.margins.reference
    return [
        {
            "reference": row,
            "candidate": column,
            "items": int(table.counts[place[row], place[column]]),
            "share": float(table.counts[place[row], place[column]] / totals[place[row]]),
            "same": row == column,
        }
        for row in labels
        for column in labels
        if table.counts[place[row], place[column]]
    ]


def used_labels(table: Contingency) -> list[str]:
    """The labels either annotator used, in the task's order."""
    used = table.margins.reference + table.margins.candidate
    return [label for label, number in zip(table.labels, used, strict=True) if number]


def most_confused_labels(table: Contingency, most: int) -> list[str]:
    """The `most` labels with the most disagreements in their row or column, in the task's order."""
    apart = table.margins.reference + table.margins.candidate - 2 * table.margins.hits
    ranked = sorted(range(len(table.labels)), key=lambda at: -int(apart[at]))[:most]
    return [label for at, label in enumerate(table.labels) if at in set(ranked) and apart[at]]


def matrix_chart(table: Contingency, labels: Sequence[str], *, reference: str, candidate: str, ink: str) -> alt.Chart:
    """The confusion matrix of these labels, clickable by cell: blue where both agree, orange where they do not.

    The colour is the share of the reference's row; numbers are shown while they fit. `ink` is the theme's text colour.
    """
    few = len(labels) <= BESIDE_UP_TO
    chosen = alt.selection_point(name="cell", fields=["reference", "candidate"], on="click", clear="dblclick")
    axis = {
        "labelLimit": 190 if few else 130,
        "ticks": False,
        "domain": False,
        "titlePadding": 10,
        "grid": False,
        "labelOverlap": False,
        "labelFontSize": 12 if len(labels) <= NUMBERS_UP_TO else 9,
    }
    base = alt.Chart(alt.Data(values=matrix_cells(table, labels))).encode(
        x=alt.X("candidate:N", sort=list(labels), scale=alt.Scale(domain=list(labels)), title=f"{candidate} says")
        .axis(**axis, orient="top", labelAngle=-40 if few else -90),
        y=alt.Y("reference:N", sort=list(labels), scale=alt.Scale(domain=list(labels)), title=f"{reference} says")
        .axis(**axis),
    )  # fmt: skip
    cells = base.mark_rect(cursor="pointer", cornerRadius=3, stroke=ink, strokeOpacity=0.12).encode(
        color=alt.Color("same:N", legend=None, scale=alt.Scale(domain=[True, False], range=[RIGHT, WRONG])),
        fillOpacity=alt.FillOpacity(
            "share:Q", legend=None, scale=alt.Scale(domain=[0, 1], range=[0.08, 0.9], type="sqrt")
        ),
        tooltip=[
            alt.Tooltip("reference:N", title=reference),
            alt.Tooltip("candidate:N", title=candidate),
            alt.Tooltip("items:Q", title="items", format=","),
            alt.Tooltip("share:Q", title="of the row", format=".0%"),
        ],
    )
    cells = cells.add_params(chosen)
    if len(labels) > NUMBERS_UP_TO:
        return _sized(cells, len(labels))
    numbers = base.mark_text(fontSize=13 if few else 11, fill=ink).encode(text=alt.Text("items:Q", format=","))
    return _sized(alt.layer(cells, numbers), len(labels))


def _sized(chart: alt.Chart, labels: int) -> alt.Chart:
    """Few labels fill the width they are given; more have square cells."""
    if labels <= BESIDE_UP_TO:
        sized = chart.properties(height=150 + 32 * labels)
    else:
        side = alt.Step(34 if labels <= NUMBERS_UP_TO else 11)  # 77 labels fill the page on a laptop
        sized = chart.properties(width=side, height=side)
    return sized.configure(background="transparent").configure_view(strokeWidth=0)


def _short(text: str, limit: int = 30) -> str:
    # Plotly reads a few HTML tags in its texts.
    text = text if len(text) <= limit else text[: limit - 1] + "…"
    return text.replace("&", "&amp;").replace("<", "&lt;")

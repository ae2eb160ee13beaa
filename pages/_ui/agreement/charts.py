"""Agreement's charts, as pure functions from figures to Plotly figures and Vega-Lite charts.

Backgrounds are left open and text takes the theme's colour, so that they read in light and in dark.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from core.model import Annotator, Estimate
from core.services.agreement.agreeing import Candidate
from core.services.agreement.vocabulary import METRICS, Contingency, LabelScore
from pages._ui.words.figures import with_interval
from pages._ui.words.plots import CLEAR, GRID, Trace, drawn

SHOWN_METRICS = ("accuracy", "jaccard", "tutorial_iou", "kappa", "alpha", "macro_f1")
MEASURES = (("precision", "Precision", "circle"), ("recall", "Recall", "diamond"), ("f1", "F1", "square"))
MEASURE_COLORS = ("#4C78A8", "#E07B39", "#8A8F98")
RIGHT, WRONG = "#4C78A8", "#E07B39"
NUMBERS_UP_TO = 24
BESIDE_UP_TO = 12
FITS_UP_TO = 80
_BETWEEN = 0.018
"""What of the width is between two panels."""


def figures_chart(candidates: Sequence[Candidate]) -> go.Figure:
    """A panel per metric, a row per candidate, one axis for all; dots in the annotator's colour with intervals."""
    names = [_short(candidate.annotator.name) for candidate in candidates]
    start = axis_start(candidates)
    panels = [_panel(place, key, start, names) for place, key in enumerate(SHOWN_METRICS)]
    axes = {name: axis for panel, _ in panels for name, axis in panel.items()}
    dots = [
        _dot(candidate.figures[key], name, candidate.annotator, number)
        for number, key in zip(_numbers(), SHOWN_METRICS, strict=True)
        for candidate, name in zip(candidates, names, strict=True)
        if candidate.figures[key].value is not None
    ]
    return drawn(dots, axes | {"annotations": [title for _, title in panels]} | _plain(70 + 34 * len(candidates)))


def _numbers() -> list[str]:
    """What Plotly adds to the names of each panel's axes."""
    return ["", *(str(number) for number in range(2, len(SHOWN_METRICS) + 1))]


def _panel(place: int, metric: str, start: float, names: Sequence[str]) -> tuple[dict[str, Trace], Trace]:
    """A panel's two axes and its title."""
    width = (1 - _BETWEEN * (len(SHOWN_METRICS) - 1)) / len(SHOWN_METRICS)
    left = place * (width + _BETWEEN)
    number = _numbers()[place]
    across = _ACROSS | {"range": [start, 1.03], "tickvals": [0, 0.5, 1]}
    across |= {"domain": [left, left + width], "anchor": f"y{number}"}
    down = _DOWN | {"range": [-0.6, len(names) - 0.4], "categoryorder": "array", "categoryarray": names[::-1]}
    down |= {"domain": [0.0, 1.0], "anchor": f"x{number}"}
    if number:
        down |= {"matches": "y", "showticklabels": False}
    title = {
        "text": METRICS[metric].title,
        "font": {"size": 13},
        "showarrow": False,
        "x": left + width / 2,
        "xanchor": "center",
        "xref": "paper",
        "y": 1.0,
        "yanchor": "bottom",
        "yref": "paper",
    }
    return {f"xaxis{number}": across, f"yaxis{number}": down}, title


def axis_start(candidates: Sequence[Candidate]) -> float:
    """Where the common axis begins: 0, or lower where a coefficient or its interval is negative."""
    lows = [figure.low if figure.low is not None else figure.value for c in candidates for figure in c.figures.values()]
    return min(-0.03, *(low - 0.03 for low in lows if low is not None), 0.0)


def _dot(estimate: Estimate, row: str, annotator: Annotator, number: str) -> Trace:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [estimate.value],
        "y": [row],
        "xaxis": f"x{number}",
        "yaxis": f"y{number}",
        "name": annotator.name,
        "showlegend": False,
        "marker": {"color": annotator.color, "size": 9, "symbol": "circle"},
        "error_x": _whiskers([estimate], annotator.color, 1.6),
        "hovertext": [f"{annotator.name}: {with_interval(estimate)}, n = {estimate.n:,}"],
        "hoverinfo": "text",
    }


def _whiskers(estimates: Sequence[Estimate], color: str, thickness: float) -> Trace:
    """Each interval as a line to both sides of its dot."""
    known = [(one.value or 0.0, one.low, one.high) for one in estimates]
    return {
        "type": "data",
        "symmetric": False,
        "array": [0.0 if high is None else high - value for value, _, high in known],
        "arrayminus": [0.0 if low is None else value - low for value, low, _ in known],
        "color": color,
        "thickness": thickness,
        "width": 0,
    }


def labels_chart(scores: Sequence[LabelScore]) -> go.Figure:
    """Precision, recall and F1 of each label as dots with intervals; rows name the label and its support."""
    traces = [
        _measure(scores, key, title, symbol, color, offset)
        for offset, (key, title, symbol), color in zip((0.24, 0.0, -0.24), MEASURES, MEASURE_COLORS, strict=True)
    ]
    return _by_label(traces, label_rows(scores))


def iou_chart(per_candidate: Sequence[tuple[Annotator, Sequence[LabelScore]]]) -> go.Figure:
    """IoU of each label, one dot per candidate in the annotator's colour."""
    number = len(per_candidate)
    traces = [
        _measure(
            scores,
            "iou",
            annotator.name,
            "circle",
            annotator.color,
            0.0 if number == 1 else 0.3 - 0.6 * place / (number - 1),
        )
        for place, (annotator, scores) in enumerate(per_candidate)
    ]
    return _by_label(traces, label_rows(per_candidate[0][1]) if per_candidate else [])


def label_rows(scores: Sequence[LabelScore]) -> list[str]:
    """`SPORTS  52`: each label with the number of the reference's items."""
    return [f"{_short(score.label)}  {score.support:,}" for score in scores]


def _measure(scores: Sequence[LabelScore], key: str, title: str, symbol: str, color: str, offset: float) -> Trace:
    """One score of every label that has it, each in its label's row."""
    placed: list[tuple[int, Estimate, str]] = [
        (len(scores) - 1 - place, getattr(score, key), score.label) for place, score in enumerate(scores)
    ]
    known = [(row + offset, one, label) for row, one, label in placed if one.value is not None]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [one.value for _, one, _ in known],
        "y": [row for row, _, _ in known],
        "name": title,
        "marker": {"color": color, "size": 7, "symbol": symbol},
        "error_x": _whiskers([one for _, one, _ in known], color, 1.2),
        "hovertext": [f"{label}, {title}: {with_interval(one)}, n = {one.n:,}" for _, one, label in known],
        "hoverinfo": "text",
    }


def _by_label(traces: Sequence[Trace], rows: Sequence[str]) -> go.Figure:
    layout = {
        "xaxis": _ACROSS | {"range": [-0.02, 1.02], "tickvals": [0, 0.25, 0.5, 0.75, 1]},
        "yaxis": _DOWN | {"tickvals": list(range(len(rows)))[::-1], "ticktext": rows, "range": [-0.6, len(rows) - 0.4]},
        "legend": {"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0},
    }
    return drawn(traces, layout | _plain(80 + 36 * len(rows)))


_ACROSS = {"gridcolor": GRID, "zeroline": False}
_DOWN = {"showgrid": False, "automargin": True}


def _plain(height: int) -> dict[str, object]:
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 34, "b": 8},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "hovermode": "closest",
    }


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


def matrix_chart(
    table: Contingency, labels: Sequence[str], *, reference: str, candidate: str, ink: str
) -> dict[str, Any]:
    """The confusion matrix of these labels, clickable by cell: blue where both agree, orange where they do not.

    The colour is the share of the reference's row; numbers are shown while they fit. `ink` is the theme's text colour.
    """
    few = len(labels) <= BESIDE_UP_TO
    axis = _matrix_axis(len(labels))
    places = {
        "x": _by_name("candidate", labels, candidate, axis | {"orient": "top", "labelAngle": -40 if few else -90}),
        "y": _by_name("reference", labels, reference, axis),
    }
    cells = {
        "mark": {"type": "rect", "cursor": "pointer", "cornerRadius": 3, "stroke": ink, "strokeOpacity": 0.12},
        "encoding": places | _CELL_COLORS | {"tooltip": _cell_words(reference, candidate)},
    }
    clicked = {"type": "point", "fields": ["reference", "candidate"], "on": "click", "clear": "dblclick"}
    chart = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"values": matrix_cells(table, labels)},
        "config": {"background": "transparent", "view": {"strokeWidth": 0}},
    } | _size(len(labels))
    if len(labels) > NUMBERS_UP_TO:
        return chart | cells | {"params": [{"name": "cell", "select": clicked}]}
    numbers = {
        "mark": {"type": "text", "fontSize": 13 if few else 11, "fill": ink},
        "encoding": places | {"text": {"field": "items", "type": "quantitative", "format": ","}},
    }
    params = [{"name": "cell", "select": clicked, "views": ["cells"]}]
    return chart | {"layer": [cells | {"name": "cells"}, numbers], "params": params}


def _matrix_axis(labels: int) -> dict[str, object]:
    return {
        "labelLimit": 190 if labels <= BESIDE_UP_TO else 130,
        "ticks": False,
        "domain": False,
        "titlePadding": 10,
        "grid": False,
        "labelOverlap": False,
        "labelFontSize": 12 if labels <= NUMBERS_UP_TO else 9,
    }


def _by_name(field: str, labels: Sequence[str], who: str, axis: Mapping[str, object]) -> dict[str, object]:
    names = list(labels)
    where = {"field": field, "type": "nominal", "title": f"{who} says"}
    return where | {"sort": names, "scale": {"domain": names}, "axis": axis}


_CELL_COLORS = {
    "color": {
        "field": "same",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": [True, False], "range": [RIGHT, WRONG]},
    },
    "fillOpacity": {
        "field": "share",
        "type": "quantitative",
        "legend": None,
        "scale": {"domain": [0, 1], "range": [0.08, 0.9], "type": "sqrt"},
    },
}


def _cell_words(reference: str, candidate: str) -> list[dict[str, str]]:
    return [
        {"field": "reference", "type": "nominal", "title": reference},
        {"field": "candidate", "type": "nominal", "title": candidate},
        {"field": "items", "type": "quantitative", "title": "items", "format": ","},
        {"field": "share", "type": "quantitative", "title": "of the row", "format": ".0%"},
    ]


def _size(labels: int) -> dict[str, object]:
    """Few labels fill the width they are given; more have square cells."""
    if labels <= BESIDE_UP_TO:
        return {"height": 150 + 32 * labels}
    side = {"step": 34 if labels <= NUMBERS_UP_TO else 11}  # 77 labels fill the page on a laptop
    return {"width": side, "height": side}


def _short(text: str, limit: int = 30) -> str:
    # Plotly reads a few HTML tags in its texts.
    text = text if len(text) <= limit else text[: limit - 1] + "…"
    return text.replace("&", "&amp;").replace("<", "&lt;")

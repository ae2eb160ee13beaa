"""Agreement's charts, as pure functions from figures to Plotly figures.

Backgrounds are left open and text takes the theme's colour, so that they read in light and in dark.
"""

from collections.abc import Sequence

import plotly.graph_objects as go

from core.model import Annotator, Estimate
from core.services.agreement.agreeing import Candidate
from core.services.agreement.vocabulary import METRICS, LabelScore
from pages._ui.words.figures import with_interval
from pages._ui.words.plots import GRID, Trace, as_text, drawn, rows, shortened, whiskers

SHOWN_METRICS = ("accuracy", "jaccard", "tutorial_iou", "kappa", "alpha", "macro_f1")
MEASURES = (("precision", "Precision", "circle"), ("recall", "Recall", "diamond"), ("f1", "F1", "square"))
MEASURE_COLORS = ("#4C78A8", "#E07B39", "#8A8F98")
_CUT = 30
_BETWEEN = 0.018
"""What of the width is between two panels."""


def figures_chart(candidates: Sequence[Candidate]) -> go.Figure:
    """A panel per metric, a row per candidate, one axis for all; dots in the annotator's colour with intervals."""
    names = [candidate.annotator.name for candidate in candidates]
    start = axis_start(candidates)
    panels = [_panel(place, key, start, names) for place, key in enumerate(SHOWN_METRICS)]
    axes = {name: axis for panel, _ in panels for name, axis in panel.items()}
    dots = [
        _dot(candidate.figures[key], row, candidate.annotator, number)
        for number, key in zip(_numbers(), SHOWN_METRICS, strict=True)
        for row, candidate in enumerate(candidates)
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
    down = rows(names, _CUT) | {"showgrid": False, "zeroline": False, "domain": [0.0, 1.0], "anchor": f"x{number}"}
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


def _dot(estimate: Estimate, row: int, annotator: Annotator, number: str) -> Trace:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [estimate.value],
        "y": [row],
        "xaxis": f"x{number}",
        "yaxis": f"y{number}",
        "name": as_text(annotator.name),
        "showlegend": False,
        "marker": {"color": annotator.color, "size": 9, "symbol": "circle"},
        "error_x": whiskers([estimate], annotator.color, 1.6),
        "hovertext": [f"{as_text(annotator.name)}: {with_interval(estimate)}, n = {estimate.n:,}"],
        "hoverinfo": "text",
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
    return [f"{shortened(score.label, _CUT)}  {score.support:,}" for score in scores]


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
        "name": as_text(title),
        "marker": {"color": color, "size": 7, "symbol": symbol},
        "error_x": whiskers([one for _, one, _ in known], color, 1.2),
        "hovertext": [
            f"{as_text(label)}, {as_text(title)}: {with_interval(one)}, n = {one.n:,}" for _, one, label in known
        ],
        "hoverinfo": "text",
    }


def _by_label(traces: Sequence[Trace], names: Sequence[str]) -> go.Figure:
    layout = {
        "xaxis": _ACROSS | {"range": [-0.02, 1.02], "tickvals": [0, 0.25, 0.5, 0.75, 1]},
        "yaxis": _DOWN
        | {"tickvals": list(range(len(names)))[::-1], "ticktext": names, "range": [-0.6, len(names) - 0.4]},
        "legend": {"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0},
    }
    return drawn(traces, layout | _plain(80 + 36 * len(names)))


_ACROSS = {"gridcolor": GRID, "zeroline": False}
_DOWN = {"showgrid": False, "automargin": True}


def _plain(height: int) -> dict[str, object]:
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 34, "b": 8},
        "hovermode": "closest",
    }

"""The learning curve, as a pure function of what is measured."""

import numpy as np
import plotly.graph_objects as go

from core.services.studies.vocabulary import LearningCurve, PowerLaw
from pages._ui.words.figures import number
from pages._ui.words.plots import CLEAR, GRID, Trace, drawn, whiskers
from pages._ui.words.text import count

_MEAN, _DEAL = "#E07B39", "#7D838C"
_BAND = "rgba(224,123,57,0.16)"
_STEPS = 60


def learning_chart(curve: LearningCurve, target: float | None = None) -> go.Figure:
    """Score by number of examples: each deal, the means with their intervals, the fitted law to twice the examples.

    Every point of a deal carries the run in which its model answered, for the click on it.
    """
    law = curve.law
    traces = [*([] if law is None else _law(law, curve)), _deals(curve), _means(curve)]
    sizes = [size.n for size in curve.sizes] + ([2 * law.largest] if law is not None else [])
    layout = {
        "height": 330,
        "margin": {"l": 4, "r": 8, "t": 28, "b": 4},
        "hovermode": "closest",
        "dragmode": False,
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1.0, "yanchor": "bottom"},
        "xaxis": {
            "title": {"text": "training examples"},
            "type": "log",
            "tickvals": sizes,
            "ticktext": [f"{n:,}" for n in sizes],
            "fixedrange": True,
            "gridcolor": GRID,
        },
        "yaxis": {"title": {"text": curve.measure}, "fixedrange": True, "gridcolor": GRID, "automargin": True},
    }
    return drawn(traces, layout if target is None else layout | _target(target))


def _deals(curve: LearningCurve) -> Trace:
    points = curve.points
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "one deal",
        "x": [n for n, _, _ in points],
        "y": [score for *_, score in points],
        "customdata": [[trial.run_id, _said(n, trial.config["subset"]["seed"], score)] for n, trial, score in points],
        "marker": {"color": _DEAL, "size": 8, "opacity": 0.7},
        "hovertemplate": "%{customdata[1]}<extra></extra>",
    }


def _said(n: int, deal: int, score: float) -> str:
    return f"{count(n, 'example')}, deal {deal}: {number(score)}. Click for its run."


def _means(curve: LearningCurve) -> Trace:
    sizes = curve.sizes
    between = [curve.interval(size) or (size.mean, size.mean) for size in sizes]
    return {
        "type": "scatter",
        "mode": "lines+markers" if curve.law is None else "markers",
        "name": "mean over deals, 95 %",
        "x": [size.n for size in sizes],
        "y": [size.mean for size in sizes],
        "error_y": whiskers(
            [size.mean for size in sizes], [low for low, _ in between], [high for _, high in between], color=_MEAN
        ),
        "customdata": [
            f"{count(size.n, 'example')}: {number(size.mean)} [{number(low)}, {number(high)}]"
            for size, (low, high) in zip(sizes, between, strict=True)
        ],
        "marker": {"color": _MEAN, "size": 10, "symbol": "diamond"},
        "line": {"color": _MEAN, "width": 1.5},
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _law(law: PowerLaw, curve: LearningCurve) -> list[Trace]:
    """The band first, so that all else lies on it."""
    xs = np.geomspace(curve.sizes[0].n, 2 * law.largest, _STEPS).tolist()
    bands = [law.band(x) for x in xs]
    band = {
        "type": "scatter",
        "x": [*xs, *reversed(xs)],
        "y": [*(high for _, high in bands), *reversed([low for low, _ in bands])],
        "fill": "toself",
        "fillcolor": _BAND,
        "line": {"color": CLEAR},
        "mode": "lines",
        "name": "95 % of the fit",
        "hoverinfo": "skip",
    }
    line = {
        "type": "scatter",
        "mode": "lines",
        "name": "fitted law",
        "x": xs,
        "y": [law.at(x) for x in xs],
        "line": {"color": _MEAN, "width": 2},
        "customdata": [f"{count(round(x), 'example')}: about {number(law.at(x))}" for x in xs],
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    return [band, line]


def _target(score: float) -> Trace:
    line = {"type": "line", "x0": 0, "x1": 1, "y0": score, "y1": score, "line": {"color": _DEAL, "dash": "dot"}}
    words = {"text": f"wanted {number(score)}", "x": 0, "xanchor": "left", "y": score, "yanchor": "bottom"}
    where = {"xref": "x domain", "yref": "y"}
    return {"shapes": [line | where], "annotations": [words | where | {"showarrow": False, "font": {"size": 12}}]}

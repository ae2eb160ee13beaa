"""The charts of the Fine-tune page, as pure functions of numbers."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from core.services.learning.vocabulary import Checkpoints
from pages._ui.words.figures import number, with_interval
from pages._ui.words.plots import Trace, as_text, drawn, rows, whiskers

Points = Sequence[tuple[float, float]]

STILL = {"displayModeBar": False}
_LEAST_REACH = 0.2
_TRAIN, _VALIDATION = "#7D838C", "#E07B39"


def label_bars(per_label: Mapping[str, int], colors: Mapping[str, str]) -> go.Figure:
    """Training lines per label, in the task's order, each in its label's colour."""
    names = list(per_label)
    bars = {
        "type": "bar",
        "x": list(per_label.values()),
        "y": list(range(len(names))),
        "customdata": [as_text(name) for name in names],
        "orientation": "h",
        "marker": {"color": [colors.get(name) or _TRAIN for name in names]},
        "text": [f"{number:,}" for number in per_label.values()],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{customdata}: %{x:,} lines<extra></extra>",
    }
    layout = {
        "height": max(90, 22 * len(names) + 16),
        "margin": {"l": 4, "r": 34, "t": 4, "b": 4},
        "bargap": 0.35,
        "showlegend": False,
        "dragmode": False,
        "xaxis": {"visible": False, "fixedrange": True, "rangemode": "tozero"},
        # Room for the longest name on a narrow screen, too: Plotly would cut it off at its beginning.
        "yaxis": rows(names, 26) | {"ticks": "", "fixedrange": True, "automargin": "width"},
    }
    return drawn([bars], layout)


def sides(curves: Mapping[str, Points], what: str) -> dict[str, Points]:
    """`train` and `validation` of one kind of curve ("loss" or "accuracy"), whatever the host calls them.

    Of several validation curves the one over the full validation file is taken: the other is of a batch.
    """
    found: dict[str, Points] = {}
    for name in sorted(curves, key=lambda one: "full" in one):
        if what in name:
            found["validation" if "valid" in name else "train"] = curves[name]
    return found


def curve_chart(found: Mapping[str, Points], what: str, kept: float | None = None) -> go.Figure:
    """Train and validation by step; the validation line in colour, because it is the one to watch.

    `kept` is the step whose weights the model has, where that is known: it is marked.
    """
    lines = [
        _curve(name, found[name], color)
        for name, color in (("train", _TRAIN), ("validation", _VALIDATION))
        if found.get(name)
    ]
    layout = _plain(what[0].upper() + what[1:]) | {
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1.02, "yanchor": "bottom"},
        "xaxis": {"title": {"text": "step"}, "fixedrange": True},
        "yaxis": {"fixedrange": True, "rangemode": "tozero"} | ({"range": [0, 1.02]} if what != "loss" else {}),
    }
    if kept is None:
        return drawn(lines, layout)
    steps = [step for points in found.values() for step, _ in points]
    return drawn(lines, layout | _kept_at(kept, is_early=kept < (min(steps) + max(steps)) / 2))


def _curve(name: str, points: Points, color: str) -> Trace:
    return {
        "type": "scatter",
        "x": [step for step, _ in points],
        "y": [value for _, value in points],
        "name": name,
        "mode": "lines" if len(points) > 1 else "markers",
        "line": {"color": color, "width": 2},
        "customdata": [number(value) for _, value in points],
        "hovertemplate": f"{name} %{{customdata}}<extra></extra>",
    }


def score_chart(found: Checkpoints) -> go.Figure:
    """The score of each checkpoint that was asked, with its interval; the one that is kept is marked."""
    scores = [one.score for one in found.scored]
    values = [score.value for score in scores if score.value is not None]
    points = {
        "type": "scatter",
        "x": [one.step for one in found.scored],
        "y": values,
        "error_y": whiskers(values, [score.low for score in scores], [score.high for score in scores]),
        "mode": "lines+markers",
        "line": {"color": _VALIDATION, "width": 1, "dash": "dot"},
        "marker": {"color": _VALIDATION, "size": 8},
        "customdata": [with_interval(score) for score in scores],
        "hovertemplate": "%{customdata}<extra></extra>",
        "showlegend": False,
    }
    steps = [one.step for one in found.all]
    ends = [end for score in scores for end in (score.low, score.value, score.high) if end is not None]
    middle = (min(ends) + max(ends)) / 2
    # So near that differences show, and not so near that chance looks like one.
    reach = [min(*ends, middle - _LEAST_REACH / 2), max(*ends, middle + _LEAST_REACH / 2)]
    layout = _plain(f"{found.title}, each checkpoint asked about validation") | {
        "yaxis": {"fixedrange": True} | {"range": _around(reach)},
        "xaxis": {"title": {"text": "step"}, "fixedrange": True, "range": _around(steps)},
    }
    kept = next((one.step for one in found.all if one.is_kept), None)
    if kept is None:
        return drawn([points], layout)
    return drawn([points], layout | _kept_at(kept, is_early=kept < (min(steps) + max(steps)) / 2))


def _around(steps: Sequence[float]) -> list[float]:
    """Room for all of them, and beside the first and the last one."""
    beside = (max(steps) - min(steps) or 1.0) * 0.05
    return [min(steps) - beside, max(steps) + beside]


def _plain(title: str) -> dict[str, object]:
    return {
        "title": {"text": title, "font": {"size": 14}, "x": 0, "xref": "container"},
        "height": 210,
        "margin": {"l": 4, "r": 8, "t": 34, "b": 4},
        "hovermode": "x unified",
        "dragmode": False,
    }


def _kept_at(step: float, *, is_early: bool) -> dict[str, object]:
    """A dotted line from bottom to top, and what it means, on the side where there is room and clear of the line."""
    line = {"color": _TRAIN, "width": 1, "dash": "dot"}
    where = {"xref": "x", "yref": "y domain"}
    side = {"xanchor": "left", "xshift": 5} if is_early else {"xanchor": "right", "xshift": -5}
    words = {"text": "kept", "font": {"size": 12}, "x": step, "y": 1, "yanchor": "top"} | side
    return {
        "shapes": [{"type": "line", "x0": step, "x1": step, "y0": 0, "y1": 1, "line": line} | where],
        "annotations": [words | where | {"showarrow": False}],
    }

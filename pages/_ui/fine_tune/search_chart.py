"""A search as parallel coordinates, as a pure function of its trials: one line a trial, across one axis a parameter."""

from collections.abc import Sequence
from math import log

import plotly.graph_objects as go

from core.model import Trial
from core.services.studies.vocabulary import Dimension, SearchView, spoken
from pages._ui.words.figures import number
from pages._ui.words.plots import GRID, Trace, as_text, drawn

_BEST, _OTHER, _PRUNED, _AXIS = "#E07B39", "rgba(74,130,196,0.55)", "rgba(125,131,140,0.45)", "#7D838C"
_TICKS = 4


def search_chart(view: SearchView) -> go.Figure:
    """Each axis from its lower bound at the bottom to its upper one, the score last; the best is the thick line. Those
    ended early stop before the score. A point carries the run of its trial, for the click on it."""
    scored = [one.score.value for one in view.trials if one.score is not None and one.score.value is not None]
    low, high = (min(scored), max(scored)) if scored else (0.0, 1.0)
    if high - low < 0.02:
        low, high = low - 0.01, high + 0.01
    best = view.best
    known = [one for one in view.trials if set(one.config["parameters"]) == {axis.key for axis in view.space}]
    known.sort(key=lambda one: (best is not None and one.id == best.id, (one.score.value or 0) if one.score else -1))
    traces = [
        _line(one, view, (low, high), is_best=best is not None and one.id == best.id)
        for one in known
        if one.run_id is not None or one.score is not None or one.finished_at is not None
    ]
    axes = len(view.space) + 1
    ticks = [tick for place, axis in enumerate(view.space) for tick in _ticks(place, axis)]
    ticks += [_tick(axes - 1, (one - low) / (high - low), number(one), is_last=True) for one in _hundredths(low, high)]
    layout = {
        "height": 340,
        "margin": {"l": 40, "r": 40, "t": 34, "b": 12},
        "showlegend": False,
        "hovermode": "closest",
        "dragmode": False,
        "xaxis": {
            "range": [-0.12, axes - 0.88],
            "tickvals": list(range(axes)),
            "ticktext": [*(as_text(axis.title) for axis in view.space), view.measure],
            "side": "top",
            "fixedrange": True,
            "showgrid": True,
            "gridcolor": _AXIS,
            "zeroline": False,
        },
        "yaxis": {"visible": False, "range": [-0.06, 1.06], "fixedrange": True, "gridcolor": GRID},
        "annotations": ticks,
    }
    return drawn(traces or [{"type": "scatter", "x": [], "y": []}], layout)


def place_on(axis: Dimension, value: object) -> float:
    """From 0 at the bottom of the axis to 1 at its top."""
    if axis.kind == "choice":
        return axis.choices.index(value) / max(1, len(axis.choices) - 1)  # type: ignore[arg-type]
    assert isinstance(value, int | float)
    if axis.is_log:
        return log(value / axis.low) / log(axis.high / axis.low)
    return (value - axis.low) / (axis.high - axis.low)


def _line(trial: Trial, view: SearchView, between: tuple[float, float], *, is_best: bool) -> Trace:
    low, high = between
    ys = [place_on(axis, trial.config["parameters"][axis.key]) for axis in view.space]
    score = trial.score.value if trial.score else None
    if score is not None:
        ys.append((score - low) / (high - low))
    color = _BEST if is_best else _OTHER if score is not None else _PRUNED
    said = f"Trial {trial.number}: {as_text(spoken(trial))}"
    said += f". {view.measure} {number(score)}. Click for its run." if score is not None else ". No score."
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(range(len(ys))),
        "y": ys,
        "line": {"color": color, "width": 4 if is_best else 1.5, "dash": "solid" if score is not None else "dot"},
        "marker": {"color": color, "size": 9 if is_best else 6},
        "customdata": [[trial.run_id, said]] * len(ys),
        "hovertemplate": "%{customdata[1]}<extra></extra>",
    }


def _ticks(place: int, axis: Dimension) -> list[Trace]:
    values: Sequence[object] = axis.choices if axis.kind == "choice" else _values(axis)
    return [_tick(place, place_on(axis, value), as_text(_said(value))) for value in values]


def _said(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _values(axis: Dimension) -> list[float]:
    """A few round ones from end to end."""
    shares = [one / _TICKS for one in range(_TICKS + 1)]
    if axis.is_log:
        found = [axis.low * (axis.high / axis.low) ** share for share in shares]
    else:
        found = [axis.low + (axis.high - axis.low) * share for share in shares]
    rounded = [float(round(one)) if axis.kind == "int" else float(f"{one:.2g}") for one in found]
    return sorted({min(axis.high, max(axis.low, one)) for one in rounded})


def _hundredths(low: float, high: float) -> list[float]:
    """A few scores from end to end, each of which reads differently; ends are left to what lies there."""
    step = max(1, round((high - low) * 100 / _TICKS))
    return [one / 100 for one in range(-100, 101, step) if low <= one / 100 <= high]


def _tick(place: int, y: float, words: str, *, is_last: bool = False) -> Trace:
    """Beside its axis: on the left, where lines go to and come from; of the last one on the right, where none does."""
    return {
        "x": place,
        "y": y,
        "text": words,
        "showarrow": False,
        "xanchor": "left" if is_last else "right",
        "xshift": 8 if is_last else -8,
        "font": {"size": 11, "color": _AXIS},
    }

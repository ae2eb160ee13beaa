"""Quality against cost per 1,000 items, as a pure function of its points."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

import plotly.graph_objects as go

from core.model import Estimate
from pages._ui.words.figures import interval, number
from pages._ui.words.money import dollars
from pages._ui.words.plots import GRID, Trace, as_text, drawn, shortened, whiskers

_SYMBOLS = {"zero-shot": "circle", "few-shot": "square", "tuned": "diamond"}
_LINE, _NONE = "#7D838C", "rgba(0,0,0,0)"
_ROOM, _LONGEST = 0.35, 26


@dataclass(frozen=True)
class Point:
    """A model: `way` is how it was brought to answer, `per_1000` dollars, 0 where nothing is paid."""

    name: str
    color: str
    way: str
    per_1000: float
    figure: Estimate
    run_id: int | None = None
    is_on_front: bool = False
    is_apart: bool = False


def quality_cost_chart(points: Sequence[Point], measure: str) -> go.Figure:
    """Cost to the right on a logarithmic scale, with a place of its own for nothing at its left; quality upward. A
    shape a way; filled are those on the front, which a line joins."""
    paid = [one.per_1000 for one in points if one.per_1000 > 0]
    low, high = (floor(log10(min(paid))), ceil(log10(max(paid)))) if paid else (0, 0)
    is_free = any(one.per_1000 == 0 for one in points)
    free_at = low - 1.0
    places = {id(one): log10(one.per_1000) if one.per_1000 > 0 else free_at for one in points}
    decades = list(range(low, high + 1)) if paid else []
    best = sorted((one for one in points if one.is_on_front), key=lambda one: places[id(one)])
    line = {
        "type": "scatter",
        "mode": "lines",
        "x": [places[id(one)] for one in best],
        "y": [one.figure.value for one in best],
        "line": {"color": _LINE, "width": 1.5, "dash": "dot", "shape": "hv"},
        "hoverinfo": "skip",
        "name": "no other beats these",
        "showlegend": len(best) > 1,
    }
    legend = [_key(way) for way in _SYMBOLS if any(one.way == way for one in points)]
    layout = {
        "height": 320,
        "margin": {"l": 4, "r": 8, "t": 28, "b": 4},
        "hovermode": "closest",
        "dragmode": False,
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1.0, "yanchor": "bottom"},
        "xaxis": {
            "title": {"text": "dollars per 1,000 items"},
            "tickvals": [*([free_at] if is_free else []), *decades],
            "ticktext": [*(["nothing"] if is_free else []), *(as_text(dollars(10.0**one)) for one in decades)],
            "range": [(free_at if is_free else low) - _ROOM, (high if paid else free_at) + 2 * _ROOM],
            "fixedrange": True,
            "gridcolor": GRID,
            "zeroline": False,
        },
        "yaxis": {"title": {"text": measure}, "fixedrange": True, "gridcolor": GRID, "automargin": True},
    }
    return drawn([line, *legend, *(_point(one, places[id(one)]) for one in points)], layout)


def _key(way: str) -> Trace:
    """What a shape means; a point of no place."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [None],
        "y": [None],
        "name": way,
        "marker": {"symbol": _SYMBOLS[way], "size": 10, "color": _LINE},
    }


def _point(one: Point, place: float) -> Trace:
    value = one.figure.value or 0.0
    said = f"{as_text(one.name)}, {one.way}: {number(value)} {interval(one.figure)}, "
    said += "nothing is paid" if one.per_1000 == 0 else f"{as_text(dollars(one.per_1000))} per 1,000 items"
    said += ", on other items: not comparable" if one.is_apart else ", no other beats it" if one.is_on_front else ""
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": [place],
        "y": [value],
        "error_y": whiskers([value], [one.figure.low], [one.figure.high], color=one.color),
        "text": ["\u00a0" + shortened(one.name, _LONGEST)],
        "textposition": "middle right",
        "textfont": {"size": 12},
        "cliponaxis": False,
        "customdata": [[one.run_id, said]],
        "hovertemplate": "%{customdata[1]}<extra></extra>",
        "showlegend": False,
        "marker": {
            "symbol": _SYMBOLS[one.way],
            "size": 11,
            "color": one.color if one.is_on_front else _NONE,
            "line": {"color": one.color, "width": 2},
        },
    }

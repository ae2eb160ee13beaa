"""The confusion matrix as a Vega-Lite chart, made of its counts: unlike a heatmap of Plotly it tells of clicks."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.services.agreement.vocabulary import Contingency
from pages._ui.words.figures import percent

RIGHT, WRONG = "#4C78A8", "#E07B39"
NUMBERS_UP_TO = 24
BESIDE_UP_TO = 12
_SLANTED_UP_TO = 24
"""Longer names stand upright over their columns: slanted, they would take the width that the cells need."""
_LEVEL_UP_TO = 3


def matrix_cells(table: Contingency, labels: Sequence[str]) -> list[dict[str, object]]:
    """One entry per cell that holds items, rows the reference's labels; `share` is of the reference's row."""
    place = {label: at for at, label in enumerate(table.labels)}
    found = [(row, column, int(table.counts[place[row], place[column]])) for row in labels for column in labels]
    totals = table.margins.reference
    return [
        {
            "reference": row,
            "candidate": column,
            "items": items,
            "share": float(items / totals[place[row]]),
            "of_row": percent(items / totals[place[row]]),
            "same": row == column,
        }
        for row, column, items in found
        if items
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


def _angle(longest: int) -> int:
    """How names of so many characters stand above their columns: level while they fit, slanted, upright."""
    if longest <= _LEVEL_UP_TO:
        return 0
    return -90 if longest > _SLANTED_UP_TO else -40


def matrix_chart(
    table: Contingency, labels: Sequence[str], *, reference: str, candidate: str, ink: str
) -> dict[str, Any]:
    """The confusion matrix of these labels, clickable by cell: blue where both agree, orange where they do not.

    The colour is the share of the reference's row; numbers are shown while they fit. `ink` is the theme's text colour.
    """
    few = len(labels) <= BESIDE_UP_TO
    axis = _matrix_axis(len(labels))
    angle = _angle(max(map(len, labels), default=0)) if few else -90
    places = {
        "x": _by_name("candidate", labels, candidate, axis | {"orient": "top", "labelAngle": angle}),
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
    } | _size(len(labels), upright=angle == -90)
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
        "labelFlush": False,
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
        {"field": "of_row", "type": "nominal", "title": "of the row"},
    ]


def _size(labels: int, *, upright: bool) -> dict[str, object]:
    """Labels whose numbers are shown fill the width they are given; more have square cells."""
    if labels <= BESIDE_UP_TO:
        return {"height": (190 if upright else 108) + 26 * labels}
    if labels <= NUMBERS_UP_TO:
        return {"height": {"step": 24}}
    return {"width": {"step": 11}, "height": {"step": 11}}

"""Ratings: how far a candidate is from the reference, against how high both are."""

import plotly.graph_objects as go
import streamlit as st

from core.services.agreement.agreeing import AgreementView, Candidate
from core.services.agreement.vocabulary import Differences, differences
from pages._ui.words.figures import number
from pages._ui.words.plots import GRID, drawn
from pages._ui.words.text import count, plain

_LARGEST, _SMALLEST = 34, 5
_LINE = "#7D838C"
_ROOM = 0.15


def differences_against_means(view: AgreementView, candidate: Candidate) -> None:
    """The picture with its sentence; nothing where no item has a level by both."""
    found = differences(candidate.pairing.table, candidate.pairing.scores)
    if not found.n:
        return
    who, reference = candidate.annotator, plain(view.reference.name, 30)
    st.markdown(f"**{plain(who.name, 30)} less {reference}, against the mean of both**")
    said = in_words(found, plain(who.name, 30), reference)
    chart = differences_chart(found, who.color)
    st.plotly_chart(chart, key="agreement-differences", config={"displayModeBar": False}, alt=said)
    st.caption(said)


def in_words(found: Differences, who: str, reference: str) -> str:
    """On which side, by how much, and between what limits."""
    mean = found.mean or 0.0
    side = f"{number(abs(mean))} {'higher' if mean > 0 else 'lower'} than" if round(mean, 2) else "as high as"
    said = f"On {found.n:,} items {who} rates {side} {reference} on average"
    if found.low is None or found.high is None:
        return f"{said}."
    return (
        f"{said}; 95 % of differences are expected between {number(found.low, signed=True)} and "
        f"{number(found.high, signed=True)} (limits of agreement, Bland and Altman). A slope says that high and low "
        "levels are used differently."
    )


def differences_chart(found: Differences, color: str) -> go.Figure:
    """A point for each mean and difference that occurs, as large as its items are many."""
    means, by, items = zip(*found.points, strict=True)
    most = max(items)
    size = [max(_SMALLEST, _LARGEST * (one / most) ** 0.5) for one in items]
    points = {
        "type": "scatter",
        "mode": "markers",
        "x": list(means),
        "y": list(by),
        "customdata": [
            f"mean {number(mean)}, difference {number(apart, signed=True)}: {count(n, 'item')}"
            for mean, apart, n in found.points
        ],
        "marker": {"size": size, "color": color, "opacity": 0.75, "line": {"width": 0}},
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    across = [(found.mean, "solid", "mean"), (found.low, "dot", "lower limit"), (found.high, "dot", "upper limit")]
    lines = [
        {
            "type": "line",
            "xref": "paper",
            "x0": 0,
            "x1": 1,
            "y0": at,
            "y1": at,
            "line": {"color": _LINE, "width": 1, "dash": dash},
            "label": {
                "text": f"{name} {number(at, signed=True)}",
                "textposition": "end",
                "yanchor": "bottom",
                "font": {"size": 11, "color": _LINE},
            },
        }
        for at, dash, name in across
        if at is not None
    ]
    ends = [*by, *(at for at, *_ in across if at is not None), 0.0]
    room = _ROOM * (max(ends) - min(ends) or 1.0)  # for the largest points, and what stands above the upper line
    layout = {
        "height": 260,
        "margin": {"l": 4, "r": 8, "t": 16, "b": 4},
        "showlegend": False,
        "dragmode": False,
        "shapes": lines,
        "xaxis": {"title": {"text": "mean of both"}, "fixedrange": True, "gridcolor": GRID},
        "yaxis": {
            "title": {"text": "difference"},
            "range": [min(ends) - room, max(ends) + room],
            "fixedrange": True,
            "gridcolor": GRID,
            "zeroline": True,
            "zerolinecolor": GRID,
        },
    }
    return drawn([points], layout)

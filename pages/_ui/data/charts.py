"""Charts of the Data page: pure functions from counts to figures."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from core.model import Split
from pages._ui.words.figures import percent
from pages._ui.words.plots import Trace, as_text, drawn, rows

SPLIT_COLORS = {Split.TRAIN: "#4C78A8", Split.VALIDATION: "#2A9D8F", Split.TEST: "#8E6BBF"}
MOST_LABELS = 40


def split_table(rows: Sequence[tuple[str, str, int]], order: Sequence[str]) -> pd.DataFrame:
    """Items per label and split, and in all; labels in the task's order, then what else is used."""
    counts: dict[str, dict[str, int]] = {}
    for split, label, number in rows:
        held = counts.setdefault(label, {})
        held[split] = held.get(split, 0) + number
    names = [name for name in order if name in counts] + sorted(set(counts) - set(order))
    lines = [
        {
            "label": name,
            **{str(split): counts[name].get(split, 0) for split in Split},
            "all": sum(counts[name].values()),
        }
        for name in names
    ]
    return pd.DataFrame(lines, columns=["label", *map(str, Split), "all"])


def label_chart(counted: Sequence[tuple[str, str, int]], order: Sequence[str]) -> go.Figure:
    """One bar a label, its splits side by side in it; beyond `MOST_LABELS` only the most frequent."""
    table = split_table(counted, order)
    if len(table) > MOST_LABELS:
        table = table.nlargest(MOST_LABELS, "all")
    names = table["label"].tolist()
    layout = {
        "barmode": "stack",
        "height": 70 + max(22 * len(names), 120),
        "margin": {"l": 0, "r": 8, "t": 30, "b": 0},
        "legend": {"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        "bargap": 0.25,
        "yaxis": rows(names, 32),
        "xaxis": {"title": {"text": "items"}, "rangemode": "tozero", "tickformat": ",d"},
    }
    return drawn([_bars_of(split, table, names) for split in SPLIT_COLORS], layout)


def _bars_of(split: Split, table: pd.DataFrame, names: Sequence[str]) -> Trace:
    shares = (table[split] / table["all"].where(table["all"] > 0, 1)).tolist()
    return {
        "type": "bar",
        "y": list(range(len(names))),
        "x": table[split].tolist(),
        "name": str(split),
        "orientation": "h",
        "marker": {"color": SPLIT_COLORS[split]},
        "customdata": [list(pair) for pair in zip(map(as_text, names), map(percent, shares), strict=True)],
        "hovertemplate": f"%{{customdata[0]}}<br>{split}: %{{x:,}} (%{{customdata[1]}})<extra></extra>",
    }

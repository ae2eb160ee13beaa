"""Charts whose points lead to a run."""

import plotly.graph_objects as go
import streamlit as st

from pages._ui.shell.frame import go as leave_for

_STILL = {"displayModeBar": False}


def opening_chart(chart: go.Figure, key: str, alt: str) -> None:
    """A chart whose points carry first of all the run that a click on them opens."""
    event = st.plotly_chart(chart, key=key, config=_STILL, alt=alt, on_select="rerun", selection_mode="points")
    told = [point.get("customdata") for point in event["selection"]["points"]]
    runs = [one[0] for one in told if isinstance(one, list) and one and one[0] is not None]
    if runs:
        leave_for("runs", run=runs[0])

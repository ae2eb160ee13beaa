"""Clicks wait for what was typed before them, on every page: for `app.py` alone."""

from pathlib import Path

import streamlit as st

from pages._ui.shell.bundle import bundle

_listener = st.components.v2.component(
    "clicks_after_typing",
    html="<span hidden>\n</span>",
    js=bundle(Path(__file__).parent, "clicks.js"),
)


def mind_clicks() -> None:
    """Once a page, out of the way of what it shows."""
    with st.sidebar:
        _listener(key="clicks", height=0)

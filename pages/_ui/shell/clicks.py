"""Clicks wait for what was typed before them, on every page: for `app.py` alone."""

from pathlib import Path

import streamlit as st

_listener = st.components.v2.component(
    "clicks_after_typing",
    html="<span hidden>\n</span>",
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
)


def mind_clicks() -> None:
    """Once a page, out of the way of what it shows."""
    with st.sidebar:
        _listener(key="clicks", height=0)

"""On every page a click waits for what was typed before it, and fields stay writable without a connection: for
`app.py` alone."""

from pathlib import Path

import streamlit as st

from pages._ui.words.bundle import bundle

_watcher = st.components.v2.component(
    "mind_hands",
    html="<span hidden>\n</span>",
    js=bundle(Path(__file__).parent, "hands.js"),
)


def mind_hands() -> None:
    """Once a page, out of the way of what it shows."""
    with st.sidebar:
        _watcher(key="hands", height=0)

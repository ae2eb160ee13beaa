"""The pages and how they are called. Imports nothing of ours, so that a fresh server can show them at once."""

from pathlib import Path

import streamlit as st

ICON = str(Path(__file__).parent / "icon.png")
"""The icon of every page, a file of ours: a named one would be fetched from elsewhere."""

_PAGES = {
    "Prepare": {
        "projects": ("Projects", ":material/folder:"),
        "data": ("Data", ":material/table_rows:"),
        "task": ("Task", ":material/sell:"),
    },
    "Label": {
        "prompts": ("Prompts", ":material/chat:"),
        "runs": ("Runs", ":material/play_circle:"),
        "review": ("Review", ":material/keyboard:"),
    },
    "Learn": {
        "agreement": ("Agreement", ":material/handshake:"),
        "fine_tune": ("Fine-tune", ":material/school:"),
        "compare": ("Compare", ":material/compare_arrows:"),
        "export": ("Export", ":material/download:"),
        "hosts": ("Hosts", ":material/dns:"),
    },
}


def _page(name: str, title: str, icon: str) -> st.Page:
    return st.Page(f"pages/{name}.py", title=title, icon=icon, default=name == "projects")


FILES = {name: _page(name, *facts) for group in _PAGES.values() for name, facts in group.items()}
"""A page by the name of its file, to link and to switch to. Never run: see `declare`."""

_navigated = False


def declare() -> st.Page:
    """Tell Streamlit which pages there are: the one that is asked for.

    Their icon comes first, whoever calls: without one the browser would show the named icon of the page's link, and
    fetch it from a host of fonts.

    Made anew each time: `st.navigation` marks a page as the one that may run, and sessions that shared it would take
    that from each other.
    """
    st.set_page_config(page_title="LabelLoop", page_icon=ICON, layout="wide")
    return st.navigation(
        {title: [_page(name, *facts) for name, facts in group.items()] for title, group in _PAGES.items()}
    )


def navigate() -> st.Page:
    """The navigation, for `app.py` alone: the page to run."""
    global _navigated
    chosen = declare()
    _navigated = True
    return chosen


def has_navigated() -> bool:
    """Whether `app.py` has run on this server."""
    return _navigated

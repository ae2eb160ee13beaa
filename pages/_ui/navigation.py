"""The pages and how they are called. Imports nothing of ours, so that a fresh server can show them at once."""

import streamlit as st

FILES = {
    "projects": st.Page("pages/projects.py", title="Projects", icon=":material/folder:", default=True),
    "data": st.Page("pages/data.py", title="Data", icon=":material/table_rows:"),
    "task": st.Page("pages/task.py", title="Task", icon=":material/sell:"),
    "prompts": st.Page("pages/prompts.py", title="Prompts", icon=":material/chat:"),
    "runs": st.Page("pages/runs.py", title="Runs", icon=":material/play_circle:"),
    "review": st.Page("pages/review.py", title="Review", icon=":material/keyboard:"),
    "agreement": st.Page("pages/agreement.py", title="Agreement", icon=":material/handshake:"),
    "fine_tune": st.Page("pages/fine_tune.py", title="Fine-tune", icon=":material/school:"),
    "compare": st.Page("pages/compare.py", title="Compare", icon=":material/compare_arrows:"),
    "export": st.Page("pages/export.py", title="Export", icon=":material/download:"),
    "hosts": st.Page("pages/hosts.py", title="Hosts", icon=":material/dns:"),
}
_GROUPS = {
    "Prepare": ("projects", "data", "task"),
    "Label": ("prompts", "runs", "review"),
    "Learn": ("agreement", "fine_tune", "compare", "export", "hosts"),
}
PAGES = {group: [FILES[name] for name in names] for group, names in _GROUPS.items()}


_navigated = False


def navigate() -> st.Page:
    """The navigation, for `app.py`: the page to run."""
    global _navigated
    chosen = st.navigation(PAGES)
    _navigated = True
    return chosen


def has_navigated() -> bool:
    """Whether this server has been told what its pages are called."""
    return _navigated

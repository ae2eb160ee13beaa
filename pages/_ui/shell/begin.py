"""The two ways to begin, wherever there is no project yet: an own file, and the demo."""

from typing import Any

import streamlit as st

from core.workbench import Workbench
from pages._ui.shell.errors import guarded
from pages._ui.shell.lead import own
from pages._ui.shell.navigation import page
from pages._ui.shell.press import is_pressed


def begin(wb: Workbench) -> None:
    """Both, side by side, with what each takes; the own file is the primary act."""
    own_file, demo = st.columns(2)
    with own_file, st.container(border=True, height="stretch", key="begin-file"):
        st.markdown("**Your own file**")
        st.caption("CSV, JSONL or an export from another tool: one text per row, and people's labels if there are any.")
        st.space("stretch")
        from_file(type=own("new", presses=True))
    with demo, st.container(border=True, height="stretch", key="begin-demo"):
        st.markdown("**The demo**")
        st.caption("Invented headlines that two people labelled. No key, no GPU and no network: all on this machine.")
        st.space("stretch")
        with_demo(wb)


def from_file(**look: Any) -> None:
    """The button that leads to the import."""
    if is_pressed("New project from a file", key="new-project", icon=":material/upload_file:", **look):
        st.switch_page(page("data"), query_params={"new": "1"})


def with_demo(wb: Workbench, **look: Any) -> None:
    """The button that makes the demo project and opens it."""
    if is_pressed("Start with the demo", key="start-demo", icon=":material/rocket_launch:", **look):
        with guarded():
            with st.spinner("Making the demo project …"):
                project_id = wb.demo.create()
            st.switch_page(page("projects"), query_params={"project": str(project_id)})

"""A new project that asks what another one asks: from a task file."""

import streamlit as st

from core.services.projects.task_files import in_words
from core.workbench import Workbench
from pages._ui.shell.connection import keep
from pages._ui.shell.errors import guarded
from pages._ui.shell.frame import PROJECT
from pages._ui.shell.navigation import page
from pages._ui.shell.press import is_submitted
from pages._ui.words.text import digest, plain

_LARGEST_FILE = 5_000_000


def from_task_file(wb: Workbench) -> None:
    """What the file asks, a name for the project, and the button that makes it; its items come next."""
    with st.popover("From a task file", icon=":material/rule:"):
        st.caption("The questions, labels, conditions and layout of another project, exported from its Task page.")
        uploaded = st.file_uploader(
            "Task file (JSON, also Kili's json_interface)", type=["json"], key="task-file", max_upload_size=5
        )
        if uploaded is None:
            return
        text = uploaded.getvalue()[:_LARGEST_FILE].decode("utf-8-sig", "replace")
        with guarded():
            _make(wb, text, uploaded.name)


def _make(wb: Workbench, text: str, called: str) -> None:
    file = wb.task_files.read(text)
    for line in in_words(file):
        st.markdown(f"- {plain(line, 200)}")
    if file.left_out:
        st.caption(f"Not asked here, and left out: {plain(', '.join(file.left_out), 200)}.")
    with st.form("task-file-form", border=False):
        proposed = wb.task_files.name_for(text, called.removesuffix(".json"))
        name = st.text_input("Name", proposed, key=keep(f"task-file-name-{digest(text)}"))
        if is_submitted("Make the project", icon=":material/add:", key="task-file-make"):
            made = wb.task_files.make(text, name)
            st.switch_page(page("data"), query_params={PROJECT: str(made), "add": "1"})

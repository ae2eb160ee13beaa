"""The one workbench of this server process, opened when first needed."""

import streamlit as st

from core.settings import Settings
from core.workbench import Workbench, open_workbench


@st.cache_resource(show_spinner="Opening the workbench …")
def _opened() -> Workbench:
    return open_workbench(Settings.from_env())


def workbench() -> Workbench:
    """The workbench, its worker running. Raises `WorkbenchError` where the database cannot be used."""
    opened = _opened()
    opened.worker.ensure_started()
    return opened

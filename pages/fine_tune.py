"""Fine-tune: teach a model what people decided."""

from dataclasses import replace

import streamlit as st

from core.model import Project
from core.workbench import Workbench
from pages._ui.fine_tune.jobs import jobs_panel
from pages._ui.fine_tune.view import (
    checked,
    choose_host,
    learn_from,
    nothing_to_learn,
    pre_flight,
    start,
    what_is_taught,
)
from pages._ui.shell.errors import guarded
from pages._ui.shell.frame import show_project


def fine_tune(wb: Workbench, project: Project) -> None:
    with guarded():
        if not nothing_to_learn(wb, project):
            teach(wb, project)
    jobs_panel(wb, project)


def teach(wb: Workbench, project: Project) -> None:
    """What to learn from, the check, and the start, side by side."""
    learn, check, launch = st.columns([1, 1.15, 0.9], gap="small", border=True)
    with learn:
        request = learn_from(wb, project)
    with launch:
        host = choose_host(wb)
    request = replace(request, masking=host.masking)
    with learn:
        preflight = checked(wb, request)
        what_is_taught(preflight)
    with check:
        pre_flight(project, preflight)
    with launch:
        start(wb, project, host, request, preflight)


show_project("Fine-tune", fine_tune)

"""Runs: how far, how much, what went wrong?"""

import streamlit as st

from core.model import Project
from core.workbench import Workbench
from pages._ui.runs.choosing import list_of_runs, no_runs_yet, opened_run
from pages._ui.runs.new_view import new_run
from pages._ui.runs.panel import watch_live
from pages._ui.runs.view import show_run
from pages._ui.shell.errors import guarded
from pages._ui.shell.frame import show_project


def runs(wb: Workbench, project: Project) -> None:
    started = wb.runs.all(project.id)
    live_place, new_place = st.container(), st.container()
    if started:
        run = opened_run(started)
        with live_place:
            watch_live(wb, project, [one.id for one in started if one.status.is_live], run.id)
    else:
        no_runs_yet()
    with new_place, guarded():
        new_run(wb, project, started)
    if started:
        list_of_runs(wb, project, started, run)
        show_run(wb, project, run)


show_project("Runs", runs)

"""Runs: how far, how much, what went wrong?"""

import streamlit as st

from pages._ui.runs.choosing import choose_run, no_runs_yet
from pages._ui.runs.new_view import new_run
from pages._ui.runs.panel import watch_live
from pages._ui.runs.view import show_run
from pages._ui.shell.errors import guarded
from pages._ui.shell.frame import open_project

wb, project = open_project("Runs")
with guarded():
    new_run(wb, project)
with guarded():
    runs = wb.runs.all(project.id)
    if not runs:
        no_runs_yet()
    else:
        live_place = st.container()
        run = choose_run(wb, project, runs)
        with live_place:
            watch_live(wb, project, [run.id for run in runs if run.status.is_live], run.id)
        show_run(wb, project, run)

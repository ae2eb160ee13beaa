"""Runs: how far, how much, what went wrong?"""

import streamlit as st

from pages._ui.runs.choosing import list_of_runs, no_runs_yet, opened_run
from pages._ui.runs.new_view import new_run
from pages._ui.runs.panel import watch_live
from pages._ui.runs.view import show_run
from pages._ui.shell.errors import guarded
from pages._ui.shell.frame import open_project

wb, project = open_project("Runs")
with guarded():
    runs = wb.runs.all(project.id)
    live_place, new_place = st.container(), st.container()
    if runs:
        run = opened_run(runs)
        with live_place:
            watch_live(wb, project, [one.id for one in runs if one.status.is_live], run.id)
    else:
        no_runs_yet()
    with new_place, guarded():
        new_run(wb, project, runs)
    if runs:
        list_of_runs(wb, project, runs, run)
        show_run(wb, project, run)

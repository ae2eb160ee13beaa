"""The list of runs: newest first; a row opens its run."""

from collections.abc import Sequence

import streamlit as st

from core.model import Project, Run
from core.workbench import Workbench
from pages._ui.runs.open_rows import opened, rows_to_open
from pages._ui.runs.rows import HEADINGS, run_row


def no_runs_yet() -> None:
    """What a run is, before there is one."""
    st.caption(
        "No run yet. A run asks a model about each item with one prompt. It works in the background, even with the "
        "tab closed."
    )


def opened_run(runs: Sequence[Run]) -> Run:
    """The one that is open, as the URL says; else the newest."""
    by_id = {run.id: run for run in runs}
    return by_id[opened(list(by_id))]


def list_of_runs(wb: Workbench, project: Project, runs: Sequence[Run], run: Run) -> None:
    """All runs, `run` marked as the one that is open."""
    everyone = {annotator.id: annotator for annotator in wb.projects.annotators(project.id)}
    rows = [run_row(one, everyone.get(one.annotator_id), wb.runs.costs) for one in runs]
    rows_to_open(HEADINGS, rows, [one.id for one in runs], [run.id], key="runs_table")

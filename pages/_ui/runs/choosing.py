"""The list of runs: newest first; a row opens its run."""

from collections.abc import Sequence

import streamlit as st

from core.model import Project, Run
from core.workbench import Workbench
from pages._ui.runs.open_rows import RowMark, opened, rows_to_open
from pages._ui.runs.rows import run_rows


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
    colors = {annotator.id: annotator.color for annotator in everyone.values()}
    rows_to_open(
        run_rows(runs, everyone, wb.runs.costs, run),
        [RowMark(one.id, one.id == run.id, colors.get(one.annotator_id, "")) for one in runs],
        key="runs_table",
        # Together what there is beside the sidebar at 1024 pixels; where there is more, all of them grow.
        columns={
            "run": st.column_config.TextColumn(width=55),
            "model and prompt": st.column_config.TextColumn(width=165),
            "items": st.column_config.TextColumn(width=120),
            "status": st.column_config.TextColumn(width=95),
            "cost": st.column_config.TextColumn(width=60, alignment="right"),
            "started": st.column_config.DatetimeColumn(format="D MMM, HH:mm", width=93),
        },
    )

"""The list of runs: newest first, a click opens one."""

from collections.abc import Sequence

import streamlit as st

from core.model import Annotator, Project, Run
from core.workbench import Workbench
from pages._ui.runs.rows import run_rows, run_title
from pages._ui.runs.words import OPENED_NEXT
from pages._ui.shell.pick import pick

RUN, _TABLE = "run", "runs_table"


def no_runs_yet() -> None:
    """What a run is, before there is one."""
    st.caption(
        "No run yet. A run asks a model about each item with one prompt. It works in the background: "
        "close the tab and it goes on."
    )


def choose_run(wb: Workbench, project: Project, runs: Sequence[Run]) -> Run:
    """The list, newest first; a click opens a run, and the choice lives in the URL."""
    everyone = {annotator.id: annotator for annotator in wb.projects.annotators(project.id)}
    by_id = {str(run.id): run for run in runs}
    if (started := st.session_state.pop(OPENED_NEXT, None)) in by_id:
        st.session_state[RUN] = started
    st.subheader("Runs", anchor=False)
    ended = [run for run in runs if not run.status.is_live]
    if ended:
        _table(wb, ended, everyone)
    titles = {key: run_title(run, everyone) for key, run in by_id.items()}
    chosen, _ = st.columns([1, 1])
    with chosen:
        return by_id[pick("Open", titles, key=RUN)]


def _table(wb: Workbench, runs: Sequence[Run], everyone: dict[int, Annotator]) -> None:
    rows = run_rows(runs, everyone, wb.runs.costs)
    colors = [everyone[run.annotator_id].color if run.annotator_id in everyone else "" for run in runs]
    ids = [str(run.id) for run in runs]
    st.dataframe(
        rows.style.apply(lambda _: [f"color: {color}" for color in colors], subset=["run"]),
        key=_TABLE,
        hide_index=True,
        height=290 if len(rows) > 7 else "auto",
        on_select=lambda: _open_clicked(ids),
        selection_mode="single-cell",  # any cell of a row opens it: no box to hit
        # Together what there is beside the sidebar at 1024 pixels; where there is more, all of them grow.
        column_config={
            "run": st.column_config.TextColumn(width=55),
            "model and prompt": st.column_config.TextColumn(width=165),
            "items": st.column_config.TextColumn(width=120),
            "status": st.column_config.TextColumn(width=95),
            "cost": st.column_config.TextColumn(width=60, alignment="right"),
            "started": st.column_config.DatetimeColumn(format="D MMM, HH:mm", width=93),
        },
    )


def _open_clicked(ids: Sequence[str]) -> None:
    cells = st.session_state[_TABLE].selection.cells
    if cells and cells[0][0] < len(ids):
        st.session_state[RUN] = ids[cells[0][0]]

"""The parts of the Runs page below the new run: the list, and one run opened."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.model import Annotator, Project, Run, RunStatus
from core.services.running import RunDetails, Trouble
from core.workbench import Workbench
from pages._ui.errors import guarded
from pages._ui.pick import pick
from pages._ui.review_links import review_link
from pages._ui.run_figures import figures_row
from pages._ui.run_rows import run_rows, run_title, trouble_rows
from pages._ui.run_words import (
    ANSWERS,
    ERRORS,
    OPENED_NEXT,
    RESUMABLE,
    colored,
    how_it_stands,
    selection_of,
)
from pages._ui.runs_charts import answers_chart, confidence_chart, latency_chart
from pages._ui.shell import link
from pages._ui.text import plain

RUN, _TABLE = "run", "runs_table"
_PLAIN_CHART = {"displayModeBar": False}


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
        _table(ended, everyone)
    titles = {key: run_title(run, everyone) for key, run in by_id.items()}
    chosen, _ = st.columns([1, 1])
    with chosen:
        return by_id[pick("Open", titles, key=RUN)]


def _table(runs: Sequence[Run], everyone: dict[int, Annotator]) -> None:
    rows = run_rows(runs, everyone)
    colors = [everyone[run.annotator_id].color if run.annotator_id in everyone else "" for run in runs]
    ids = [str(run.id) for run in runs]
    st.dataframe(
        rows.style.apply(lambda _: [f"color: {color}" for color in colors], subset=[""]),
        key=_TABLE,
        hide_index=True,
        height=290 if len(rows) > 7 else "auto",
        on_select=lambda: _open_clicked(ids),
        selection_mode="single-row",
        column_config={
            "": st.column_config.TextColumn(width=30),
            "run": st.column_config.NumberColumn(width=50),
            "model and prompt": st.column_config.TextColumn(width="medium"),
            "labelled": st.column_config.ProgressColumn(format="%d %%", min_value=0, max_value=100, width="small"),
            "of": st.column_config.NumberColumn(format="localized", width="small"),
            "errors": st.column_config.NumberColumn(format="localized", width="small"),
            "tokens": st.column_config.NumberColumn(format="localized", width="small"),
            "started": st.column_config.DatetimeColumn(format="D MMM, HH:mm", width="small"),
            "status": st.column_config.TextColumn(width=110),
            "took": st.column_config.TextColumn(width="small", alignment="right"),
        },
    )


def _open_clicked(ids: Sequence[str]) -> None:
    rows = st.session_state[_TABLE].selection.rows
    if rows and rows[0] < len(ids):
        st.session_state[RUN] = ids[rows[0]]


def show_run(wb: Workbench, project: Project, run: Run) -> None:
    """One run: how it ended and what to do, its figures, its charts, what went wrong, how it was asked."""
    # What is stored of an ended run changes only when it goes on, and then its counts or its time do.
    state = (run.id, str(run.status), run.done, run.errors, run.busy_seconds)
    details, troubles = _read(wb, str(wb.settings.database_path), state)
    if details.run.status.is_live:
        st.caption("It is still labelling: its figures grow above, the rest is shown here when it ends.")
        _configuration(details)
        return
    _heading(details)
    _actions(wb, details)
    figures_row(details)
    _charts(wb, project, details)
    _troubles(details, troubles)
    _configuration(details)


@st.cache_data(max_entries=20, show_spinner=False)
def _read(_wb: Workbench, database: str, state: tuple[object, ...]) -> tuple[RunDetails, list[Trouble]]:
    run_id = int(str(state[0]))
    details = _wb.runs.details(run_id)
    return details, _wb.runs.troubles(run_id) if details.errors or details.unclear else []


def _heading(details: RunDetails) -> None:
    run = details.run
    mark, name = colored("●", details.annotator.color), plain(details.annotator.name)
    st.markdown(f"#### {mark} {name} on {plain(selection_of(run))}")
    said, todo = how_it_stands(run)
    if said:
        show = st.warning if run.status in (RunStatus.FAILED, RunStatus.INTERRUPTED) else st.info
        show(plain(f"{said} {todo}".strip()), icon=":material/info:")


def _actions(wb: Workbench, details: RunDetails) -> None:
    run, split = details.run, details.run.config.get("split")
    with st.container(horizontal=True, vertical_alignment="center"), guarded():
        if run.status in RESUMABLE and run.missing:
            _requeue(wb, run, f"Resume ({run.missing:,} missing)", ":material/resume:", retry_errors=False)
        if run.errors:
            _requeue(wb, run, f"Retry errors ({run.errors:,})", ":material/refresh:", retry_errors=True)
        if run.done:
            review_link("Review its items", split=split, run=run.id, shown=[run.annotator_id])
            link(
                "agreement",
                "See agreement",
                icon=":material/handshake:",
                agree_who=run.annotator_id,
                agree_on=split,
            )


def _requeue(wb: Workbench, run: Run, label: str, icon: str, *, retry_errors: bool) -> None:
    if st.button(
        label, icon=icon, type="secondary" if retry_errors else "primary", key=f"requeue-{run.id}-{retry_errors}"
    ):
        wb.runs.resume(run.id, retry_errors=retry_errors)
        st.rerun()


def _charts(wb: Workbench, project: Project, details: RunDetails) -> None:
    if not details.answers:
        return
    left, middle, right = st.columns([1.3, 1, 1], gap="medium")
    with left:
        st.markdown("**Answers by label**")
        labels = wb.tasks.get(project.id).choices
        st.plotly_chart(answers_chart(details.answers, labels), key="run-answers", config=_PLAIN_CHART)
    with middle:
        st.markdown("**Confidence**")
        if details.confidences:
            figure = confidence_chart(details.confidences, details.annotator.color)
            st.plotly_chart(figure, key="run-confidence", config=_PLAIN_CHART)
        else:
            st.caption("This host gives no probabilities with its answers, so there is no confidence.")
    with right:
        st.markdown("**Time for an answer**")
        figure = latency_chart(details.seconds, details.annotator.color)
        st.plotly_chart(figure, key="run-latency", config=_PLAIN_CHART)


def _troubles(details: RunDetails, troubles: Sequence[Trouble]) -> None:
    if not details.errors and not details.unclear:
        st.caption(":green[:material/check:] Every answer so far named exactly one label.")
        return
    errors = [trouble for trouble in troubles if trouble.kind in details.errors]
    unclear = [trouble for trouble in troubles if trouble.kind not in details.errors]
    if errors:
        kinds = ", ".join(f"{ERRORS[kind]} {number:,}" for kind, number in details.errors.items())
        st.markdown(f"**Errors** · {plain(kinds)}")
        _trouble_table(errors, "what the host sent", "run-errors")
    if unclear:
        kinds = ", ".join(f"{ANSWERS[kind]} {number:,}" for kind, number in details.unclear.items())
        st.markdown(f"**Unclear answers**, recorded as the fallback · {plain(kinds)}")
        _trouble_table(unclear, "raw answer", "run-unclear")
    review_link("Review these items", run=details.run.id, only="errors", shown=[details.run.annotator_id])


def _trouble_table(troubles: Sequence[Trouble], raw: str, key: str) -> None:
    st.dataframe(
        trouble_rows(troubles, raw),
        key=key,
        hide_index=True,
        height=290 if len(troubles) > 7 else "auto",
        column_config={
            "item": st.column_config.TextColumn(width="large"),
            "kind": st.column_config.TextColumn(width=150),
            "why": st.column_config.TextColumn(width="medium"),
        },
    )


def _configuration(details: RunDetails) -> None:
    config = details.run.config
    with st.expander("How it was asked: frozen when the run started", icon=":material/lock:"):
        facts = {
            "host": f"{config.get('host_title', config.get('host'))} {config.get('base_url', '')}".strip(),
            "model": config.get("model"),
            "prompt": f"v{config.get('prompt_version')}",
            "items": f"{selection_of(details.run)}, seed {config.get('seed')}",
            "calls in flight": config.get("in_flight"),
            "worked examples": len(config.get("examples", ())),
        }
        st.caption("  \n".join(f"{name}: {plain(value)}" for name, value in facts.items()))
        system, user = st.columns([2, 1])
        with system:
            st.caption("system message")
            st.code(config.get("system", ""), language=None, wrap_lines=True)
        with user:
            st.caption("user message")
            st.code(config.get("user", ""), language=None, wrap_lines=True)
        labels = [*config.get("labels", ()), config.get("fallback", {})]
        st.dataframe(
            pd.DataFrame([{"label": c.get("name"), "description": c.get("description")} for c in labels]),
            hide_index=True,
            key="run-labels",
        )

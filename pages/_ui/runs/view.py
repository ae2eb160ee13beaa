"""One run opened: how it stands and what to do, its figures and charts, what went wrong, how it was asked."""

from datetime import datetime

import streamlit as st

from core.model import Project, Run, RunStatus, Split
from core.services.asking.requests import Mode
from core.services.runs.details import RunDetails, Trouble
from core.services.runs.running import Worth
from core.workbench import Workbench
from pages._ui.hosts.retirement import warn_retirement
from pages._ui.review.links import review_link
from pages._ui.runs.answers import STILL, answers_by_label
from pages._ui.runs.batch_view import answer_elsewhere, batch_panel
from pages._ui.runs.charts import confidence_chart, latency_chart
from pages._ui.runs.figures_row import figures_row
from pages._ui.runs.frozen import frozen
from pages._ui.runs.grid import grid_table
from pages._ui.runs.money import change_cap, started_together
from pages._ui.runs.panel import cancel_all_button
from pages._ui.runs.troubles import troubles_shown
from pages._ui.runs.words import (
    agreement_of,
    colored,
    how_it_stands,
    no_times,
    selection_of,
    waits_until,
)
from pages._ui.shell.errors import guarded
from pages._ui.shell.frame import link
from pages._ui.shell.lead import own
from pages._ui.shell.press import is_pressed
from pages._ui.words.confidence import source_in_words
from pages._ui.words.figures import basis
from pages._ui.words.text import plain

_ALARMING = (RunStatus.FAILED, RunStatus.INTERRUPTED)


def show_run(wb: Workbench, project: Project, run: Run) -> None:
    """What is known of it; of a live one only how it was asked, since its figures grow above."""
    # What is stored of an ended run changes only when it goes on, and then its counts or its time do.
    # Its answers are told by the names that labels have now.
    names = tuple((label.id, label.name) for label in wb.tasks.get(project.id).choices)
    state = (run.id, str(run.status), run.done, run.errors, run.busy_seconds, names)
    details, troubles = _read(wb, str(wb.settings.database_path), state)
    if details.run.status.is_live:
        st.caption("It is still going: how far it is stands above, the rest is shown here when it ends.")
        batch_panel(wb, details.run)
        frozen(details.run)
        return
    worth = _worth(wb, project, details.run)
    with st.container(gap="xsmall"):
        _heading(wb, details, worth)
    with guarded():
        batch_panel(wb, details.run)
    started_together(wb, project, details.run)
    with guarded():
        grid_table(wb, project, details.run)
    if details.run.calls or details.run.done or details.run.errors:
        figures_row(details, worth)
    _charts(wb, project, details)
    with guarded():
        troubles_shown(wb, details, troubles)
    with guarded():
        answer_elsewhere(wb, details.run)
    frozen(details.run)


@st.cache_data(max_entries=20, show_spinner=False)
def _read(_wb: Workbench, database: str, state: tuple[object, ...]) -> tuple[RunDetails, list[Trouble]]:
    run_id = int(str(state[0]))
    details = _wb.runs.details(run_id)
    return details, _wb.runs.troubles(run_id) if details.errors or details.unclear else []


def _worth(wb: Workbench, project: Project, run: Run) -> Worth:
    stamp = (wb.prompts.results_stamp(project.id), wb.runs.costs.of(run), wb.runs.costs.is_free(run))
    return _kept_worth(wb, str(wb.settings.database_path), run.id, stamp)


@st.cache_data(max_entries=50, show_spinner=False)
def _kept_worth(_wb: Workbench, database: str, run_id: int, stamp: tuple[object, ...]) -> Worth:
    return _wb.runs.worth(run_id)


def _heading(wb: Workbench, details: RunDetails, worth: Worth) -> None:
    """Which run, what can be done with it, and first of all how far it agrees with the reference."""
    run = details.run
    mark, name = colored("●", details.annotator.color), plain(details.annotator.name)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        st.markdown(f"##### {mark} Run {run.number}: {name} on {plain(selection_of(run))}", width="content")
        _actions(wb, details)
    if agrees := agreement_of(worth, run):
        st.markdown(f"**{plain(agrees)}**", help=plain(basis(worth.agreement)))
    said, todo = how_it_stands(run)
    if said:
        show = st.warning if run.status in _ALARMING else st.info
        icon = "warning" if run.status in _ALARMING else "pause_circle" if run.status is RunStatus.PAUSED else "info"
        show(plain(f"{said} {todo}".strip()), icon=f":material/{icon}:")
    warn_retirement(wb, run.config["host"], run.config["model"])
    if run.status is RunStatus.PAUSED and run.resume_at is not None:
        _count_down(wb, run)


@st.fragment(run_every=2.0)
def _count_down(wb: Workbench, run: Run) -> None:
    """How long still; the page is drawn anew once the run goes on."""
    if wb.runs.get(run.id).status is not run.status:
        st.rerun(scope="app")
    st.caption(f":material/hourglass_top: {plain(waits_until(run, datetime.now().astimezone()))}")


def _actions(wb: Workbench, details: RunDetails) -> None:
    run, split = details.run, details.run.config.get("split")
    asks = run.config.get("mode") not in (Mode.FILE, Mode.BESIDE)
    with st.container(horizontal=True, vertical_alignment="center", width="content", gap="small"), guarded():
        if wb.runs.may_resume(run):
            now = "Resume now" if run.resume_at is not None else "Resume"
            _requeue(wb, run, f"{now} ({run.missing:,} missing)", ":material/resume:", retry_errors=False)
        change_cap(wb, run, wb.runs.cap_state(run))
        if run.errors and asks:
            _requeue(wb, run, f"Retry errors ({run.errors:,})", ":material/refresh:", retry_errors=True)
        _together(wb, run)
        _cancels(wb, run)
        if run.done:
            review_link("Review its items", split=split, run=run.id, shown=[run.annotator_id])
            link(
                "agreement",
                "See agreement: counts as a look" if split == Split.TEST else "See agreement",
                icon=":material/handshake:",
                agree_who=run.annotator_id,
                agree_on=split,
            )


def _together(wb: Workbench, run: Run) -> None:
    """Resume whatever of a grid ended early, where that is more than the one that is opened."""
    wanted = wb.runs.resumable(run.id) if run.grid_id is not None and run.status.ended_early else []
    if len(wanted) > 1 and is_pressed(
        f"Resume all {len(wanted)}", icon=":material/resume:", key=f"resume-all-{run.id}", help="All started together."
    ):
        wb.runs.resume_all(run.id)
        st.rerun()


def _cancels(wb: Workbench, run: Run) -> None:
    if run.status is RunStatus.PAUSED:
        st.button(
            "Cancel",
            key=f"give-up-{run.id}",
            type="tertiary",
            help="What is labelled is kept, and the run can be resumed.",
            on_click=wb.runs.cancel,
            args=(run.id,),
        )
        cancel_all_button(wb, run)
    elif run.status is RunStatus.CANCELLED and any(batch.may_be_at_host for batch in wb.batches.of(run.id)):
        st.button(
            "Cancel at the host again",
            key=f"tell-again-{run.id}",
            help="It has batches of this run, and may charge for them.",
            on_click=wb.runs.cancel,
            args=(run.id,),
        )


def _requeue(wb: Workbench, run: Run, label: str, icon: str, *, retry_errors: bool) -> None:
    look = "secondary" if retry_errors else own("resume", presses=True)
    if is_pressed(label, icon=icon, type=look, key=f"requeue-{run.id}-{retry_errors}"):
        wb.runs.resume(run.id, retry_errors=retry_errors)
        st.rerun()


def _charts(wb: Workbench, project: Project, details: RunDetails) -> None:
    if not details.answers:
        return
    with st.container(horizontal=True, gap="small", key="run-charts"):
        left, middle, right = (st.container(key=f"run-chart-{part}") for part in ("answers", "confidence", "time"))
    with left:
        answers_by_label(wb, project, details, key="run-answers")
    with middle:
        _confidence(details)
    with right:
        st.markdown("**Time per answer**")
        if details.seconds:
            figure = latency_chart(details.seconds, details.annotator.color)
            st.plotly_chart(figure, key="run-latency", config=STILL)
        else:
            st.caption(no_times(details.run))


def _confidence(details: RunDetails) -> None:
    """One histogram for each way the confidence came about, since they do not mean the same."""
    for source, values in details.confidences_by.items():
        how = source_in_words(source, details.run.config.get("repeats")) or "as the host gave it"
        st.markdown(f"**Confidence** :small[:gray[{plain(how)}]]")
        figure = confidence_chart(values, details.annotator.color)
        st.plotly_chart(figure, key=f"run-confidence-{source}", config=STILL)
    if not details.confidences_by:
        st.markdown("**Confidence**")
        st.caption("This host gives no probabilities with its answers, so there is no confidence.")

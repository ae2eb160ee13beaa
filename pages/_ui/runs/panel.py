"""Live runs: bar, rate, time left, cost so far, cancel. The only part of the page that asks again by itself."""

from collections.abc import Sequence

import streamlit as st

from core.errors import WorkbenchError
from core.model import Annotator, Project, Run, RunStatus
from core.services.asking.requests import Mode
from core.workbench import Workbench
from pages._ui.runs.answers import answers_by_label
from pages._ui.runs.figures_row import figures_row
from pages._ui.runs.words import colored, progress_of, selection_of, share_done
from pages._ui.shell.endings import RUN, tell_button
from pages._ui.shell.errors import guarded
from pages._ui.shell.press import is_pressed
from pages._ui.words.money import dollars
from pages._ui.words.text import plain

_SEEN, _ROWS = "runs_last_seen", "runs_rows_drawn"


def watch_live(wb: Workbench, project: Project, live_ids: Sequence[int], opened_id: int) -> None:
    """Nothing while nothing is live; otherwise a panel that follows, and refreshes the page once when that changes.

    What it has drawn is taken away at once when that is over: until the end of the page it would stand beside the
    figures of the run that has ended, which say the same.
    """
    if live_ids:
        _follow(wb, project, sorted(live_ids), opened_id)
    else:
        st.empty()


@st.fragment(run_every=1.0)
def _follow(wb: Workbench, project: Project, live_ids: list[int], opened_id: int) -> None:
    try:
        live = wb.runs.live(project.id)
        everyone = {annotator.id: annotator for annotator in wb.projects.annotators(project.id)}
    except WorkbenchError as error:
        live, everyone = st.session_state.get(_SEEN, ([], {}))
        st.caption(
            f":orange[:material/sync_problem:] This is the last state that could be read. {plain(error.message)}"
        )
    else:
        st.session_state[_SEEN] = live, everyone
        if sorted(run.id for run in live) != live_ids:
            st.rerun(scope="app")
    with st.container(border=True, key="live-runs"):
        # In the order they are worked on: what is going stands above what waits.
        ordered = sorted(live, key=lambda one: one.id)
        for place, run in enumerate(ordered):
            is_first = run.grid_id not in {one.grid_id for one in ordered[:place]}
            with st.container():
                _live_row(wb, run, everyone.get(run.annotator_id), of_all=is_first)
                # A batch comes home all at once: until then there is nothing to see grow.
                if run.id == opened_id and run.config.get("mode") != Mode.BATCH:
                    with guarded():
                        _so_far(wb, project, run)
        # Where there were more rows, the last of them would be seen twice until the page is drawn to its end.
        for _ in range(len(ordered), st.session_state.get(_ROWS, 0)):
            st.empty()
        st.session_state[_ROWS] = len(ordered)


def _live_row(wb: Workbench, run: Run, annotator: Annotator | None, *, of_all: bool) -> None:
    """`of_all`: whether what can be done to all that were started together stands here."""
    name, bar, act = st.columns([1.5, 3, 0.7], vertical_alignment="center")
    title = annotator.name if annotator else f"run {run.number}"
    color = annotator.color if annotator else ""
    name.markdown(f"{colored('●', color)} **{plain(title)}**  \n:small[:gray[{plain(selection_of(run))}]]")
    with bar.container(gap="xxsmall"):
        st.progress(share_done(run), progress_of(run))
        if said := _in_passing(wb, run):
            st.caption(plain(said))
        tell_button(RUN, run.id, f"Run {run.number}, {title}")
    with act, guarded():
        if is_pressed(
            "Stopping" if run.cancel_requested else "Cancel",
            key=f"cancel-{run.id}",
            disabled=run.cancel_requested,
            width="stretch",
            help="What is labelled is kept, and the run can be resumed.",
        ):
            wb.runs.cancel(run.id)
            st.rerun(scope="app")
        if of_all:
            cancel_all_button(wb, run)


def cancel_all_button(wb: Workbench, run: Run) -> None:
    """Beside Cancel, where others that were started with this run are going or waiting too."""
    together = wb.runs.grid(run.id) if run.grid_id is not None else []
    ongoing = [one for one in together if one.status.is_live or one.status is RunStatus.PAUSED]
    if len(ongoing) > 1:
        st.button(
            f"Cancel all {len(ongoing)}",
            key=f"cancel-all-{run.id}",
            type="tertiary",
            disabled=all(one.cancel_requested for one in ongoing),
            help="All that were started together. What is labelled is kept, and the runs can be resumed.",
            on_click=wb.runs.cancel_all,
            args=(run.id,),
        )


def _in_passing(wb: Workbench, run: Run) -> str:
    """`$0.12 so far · 40 from the cache · 64 in flight: latency rises beyond`."""
    if run.config.get("mode") == Mode.BESIDE:
        return run.message or "Its answers come with those to the other questions."
    if run.status is not RunStatus.RUNNING:
        return run.message  # why it waits, where it cannot be carried out from here
    cost = None if wb.runs.costs.is_free(run) else wb.runs.costs.of(run)
    parts = [f"{dollars(cost)} so far" if cost else ""]
    parts += [f"{run.from_cache:,} from the cache" if run.from_cache else "", run.message]
    return " · ".join(part for part in parts if part)


def _so_far(wb: Workbench, project: Project, run: Run) -> None:
    """The opened run's figures while they grow."""
    details = wb.runs.details(run.id)
    if details.answers:
        figures_row(details, wb.runs.worth(run.id))
        chart, _ = st.columns([2, 1])
        with chart:
            answers_by_label(wb, project, details, key="live-answers")

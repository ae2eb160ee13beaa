"""Compare while A or B is still labelling: how far they are instead of figures of a part."""

import streamlit as st

from core.model import Project, Run, Split
from core.workbench import Workbench
from pages._ui.compare.choosing import Choice
from pages._ui.runs.panel import watch_live
from pages._ui.shell.frame import link


def say_unmeasured(wb: Workbench, project: Project) -> None:
    """That the newest tuned model is not among those that can be compared, since it has labelled nothing so far."""
    if not wb.progress.of(project.id).is_measured:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info(
                "The newest tuned model has labelled nothing yet, so it cannot be compared.", icon=":material/info:"
            )
            link("fine_tune", "Run it on test and compare", icon=":material/school:")


def still_labelling(wb: Workbench, project: Project, choice: Choice) -> bool:
    """Whether A or B is at work on these items; if so, shows how far, and draws the page anew when that changes."""
    live = wb.runs.live(project.id)
    is_awaited = any(_concerns(run, choice) for run in live)
    with st.container():  # a place of its own, or what is drawn next would have these rows in it for a while
        if is_awaited:
            st.info(
                f"The comparison on {choice[3]} appears here as soon as A and B have labelled its items.",
                icon=":material/hourglass_top:",
            )
        else:
            st.empty()
        watch_live(wb, project, [run.id for run in live] if is_awaited else [], opened_id=0)
    return is_awaited


def _concerns(run: Run, choice: Choice) -> bool:
    """On test any of their runs does: each new answer would make the same figures another look."""
    _, a, b, split = choice
    return run.annotator_id in (a, b) and (split is Split.TEST or run.config.get("split") in (None, split))

"""Compare while A or B is still labelling: how far they are instead of figures of a part."""

import streamlit as st

from core.model import Project, Run, Split
from core.workbench import Workbench
from pages._ui.compare.view import Choice
from pages._ui.runs.panel import watch_live


def still_labelling(wb: Workbench, project: Project, choice: Choice) -> bool:
    """Whether A or B is at work on these items; if so, shows how far, and draws the page anew when that changes."""
    live = wb.runs.live(project.id)
    if not any(_concerns(run, choice) for run in live):
        return False
    st.info(
        f"The comparison on {choice[3]} appears here as soon as A and B have labelled its items.",
        icon=":material/hourglass_top:",
    )
    watch_live(wb, project, [run.id for run in live], opened_id=0)
    return True


def _concerns(run: Run, choice: Choice) -> bool:
    """On test any of their runs does: each new answer would make the same figures another look."""
    _, a, b, split = choice
    return run.annotator_id in (a, b) and (split is Split.TEST or run.config.get("split") in (None, split))

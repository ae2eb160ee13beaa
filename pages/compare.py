"""Compare: did it get better on the same items?"""

import streamlit as st

from core.model import Outcome, Project
from core.workbench import Workbench
from pages._ui.compare.facts import report_button, what_changed
from pages._ui.compare.view import (
    CASES,
    LISTED,
    case_lists,
    choose,
    conclusion,
    labels,
    looks,
    no_items,
    outcomes,
    scores,
)
from pages._ui.compare.wait import say_unmeasured, still_labelling
from pages._ui.shell.frame import show_project


def compare(wb: Workbench, project: Project) -> None:
    say_unmeasured(wb, project)
    chosen = choose(wb, project)
    if chosen is None or still_labelling(wb, project, chosen):
        return
    view = wb.compare.view(project.id, *chosen)
    if not view.figures.n:
        no_items(wb, project, view)
        return
    listed = {outcome: wb.compare.cases(project.id, *chosen, outcome, CASES) for outcome in LISTED}
    conclusion(view)
    with st.container(horizontal=True, vertical_alignment="center"):
        report_button(wb, project, view, listed[Outcome.FIXED], listed[Outcome.BROKEN])
        looks(view)
    scores(view)
    outcomes(view)
    case_lists(view, listed)
    labels(wb, project, view)
    what_changed(wb, view)
    if wb.progress.saw(project.id, "compare", [view.a.annotator, view.b.annotator]):
        st.rerun()  # for the stepper, which is drawn first


show_project("Compare", compare)

"""Compare: did it get better on the same items?"""

import streamlit as st

from core.model import Outcome, Project
from core.workbench import Workbench
from pages._ui.compare.cases import CASES, LISTED, case_lists
from pages._ui.compare.choosing import choose, no_items
from pages._ui.compare.facts import what_changed
from pages._ui.compare.gate import gate
from pages._ui.compare.labels_table import labels
from pages._ui.compare.view import conclusion, outcomes, scores
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
    colors = {label.name: label.color for label in wb.tasks.get(project.id).choices}
    conclusion(wb, project, view, listed[Outcome.FIXED], listed[Outcome.BROKEN])
    scores(view)
    outcomes(view)
    case_lists(view, listed, colors)
    labels(view, colors)
    gate(wb, project, view, chosen)
    what_changed(wb, view)
    if wb.progress.saw(project.id, "compare", [view.a.annotator, view.b.annotator]):
        st.rerun()  # for the stepper, which is drawn first


show_project("Compare", compare)

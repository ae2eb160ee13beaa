"""Agreement: how well, and where not?"""

import streamlit as st

from core.model import Project, QuestionKind
from core.services.agreement.agreeing import AgreementView
from core.workbench import Workbench
from pages._ui.agreement.differences import differences_against_means
from pages._ui.agreement.errors import where_they_err
from pages._ui.agreement.labels import labels_of
from pages._ui.agreement.matrix import where_they_differ
from pages._ui.agreement.meaning import likeness_in_meaning
from pages._ui.agreement.people import people_among_themselves
from pages._ui.agreement.positions import position_bias
from pages._ui.agreement.preferred import preferred_candidates
from pages._ui.agreement.quality_cost import quality_and_cost
from pages._ui.agreement.view import (
    bring_decisions,
    choose,
    figures,
    load,
    nothing_to_compare,
    reference_act,
    summary,
)
from pages._ui.shell.frame import show_project


def agreement(wb: Workbench, project: Project) -> None:
    if nothing_to_compare(wb, project):
        return
    asked = choose(wb, project)
    view = load(wb, project, asked)
    summary(view)
    reference_act(wb, project, view)
    if not any(candidate.n for candidate in view.candidates):
        return
    figures(view)
    quality_and_cost(wb, view)
    likeness_in_meaning(wb, project, view)
    people_among_themselves(view)
    preferred_candidates(view, wb.tasks.get(project.id))
    position_bias(view)
    if view.kind is not QuestionKind.TEXT:
        errors_and_labels(wb, project, view)
    if wb.progress.saw(project.id, "agreement", [one.annotator for one in view.candidates if one.n]):
        st.rerun()  # for the stepper, which is drawn first


def errors_and_labels(wb: Workbench, project: Project, view: AgreementView) -> None:
    """Which labels were taken for which, and how each label stands; free text has none."""
    is_open = any(one.pairing.sets is not None or one.pairing.errors is not None for one in view.candidates)
    candidate = (where_they_err if is_open else where_they_differ)(wb, project, view)
    if view.kind is QuestionKind.RATING:
        differences_against_means(view, candidate)
    labels_of(view, candidate, {label.name: label.color for label in wb.tasks.get(project.id).choices})


show_project("Agreement", agreement, first=bring_decisions)

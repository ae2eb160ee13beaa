"""What training lines are made of: the method, whose texts are the worse ones, and how lines are written."""

import streamlit as st

from core.model import AnnotatorKind, Project
from core.services.learning.fine_tuning import Preflight
from core.services.learning.vocabulary import METHODS, Method
from core.workbench import Workbench
from pages._ui.shell.pick import pick, pick_segment

ALL = "models"


def choose_method(wb: Workbench, project: Project, key: str) -> Method:
    """Asked only where the question can be taught in more than one way."""
    methods = wb.fine_tunes.methods(project.id)
    if len(methods) < 2:
        return methods[0]
    method = Method(pick_segment("Method", {str(one): METHODS[one].title for one in methods}, key=key))
    st.caption(METHODS[method].about)
    return method


def asks_items(wb: Workbench, project: Project, method: Method) -> bool:
    """Whether the item itself is the request: pairs of a comparison teach to write, and a prompt would ask to judge."""
    return method is Method.DPO and bool(wb.tasks.get(project.id).labels)


def choose_against(wb: Workbench, project: Project, method: Method, teacher: int, key: str) -> int | None:
    """Whose free texts are the worse ones; None for all models, or where the question itself says which is worse."""
    if method is not Method.DPO or asks_items(wb, project, method):
        return None
    everyone = {one.id: one for one in wb.projects.annotators(project.id)}
    titles, written = wb.projects.titles(project.id), wb.fine_tunes.teachers(project.id)
    others = {i: title for i, title in titles.items() if i in written and i != teacher}
    models = [i for i in others if everyone[i].kind is AnnotatorKind.MODEL]
    names = ({ALL: "All models"} if models or not others else {}) | {str(i): title for i, title in others.items()}
    help = (
        "Where this text differs from the annotator's, the pair teaches to write the annotator's rather than this one."
    )
    chosen = pick("Better than", names, key=key, help=help)
    return None if chosen == ALL else int(chosen)


def choose_form(preflight: Preflight, key: str) -> str:
    """How the downloaded lines are written; what is uploaded stays in the host's own form."""
    forms = preflight.forms
    help = " ".join(f"{form.title}: {form.about}" for form in forms.values())
    return pick("Lines for", {name: form.title for name, form in forms.items()}, key=key, help=help)

"""How near texts are in meaning: worked out beside the page, once somebody asks for it."""

import streamlit as st

from core.errors import WorkbenchError
from core.model import Project, QuestionKind
from core.services.agreement.agreeing import AgreementView
from core.workbench import Workbench
from pages._ui.shell.errors import guarded
from pages._ui.shell.press import is_pressed
from pages._ui.words.text import count, plain

_ABOUT = (
    "The embedded host's sentence encoder (minilm-l6) reads each pair of texts once, on this machine. The cosine then "
    "stands beside the other figures."
)


def likeness_in_meaning(wb: Workbench, project: Project, view: AgreementView) -> None:
    """A button where the figure is missing, how far it is while it is worked out; nothing of other questions."""
    if view.kind is not QuestionKind.TEXT:
        return
    missing = [one for one in view.candidates if one.n and one.figures["cosine"].value is None]
    standing = wb.likenesses.standing()
    if standing.is_going:
        _follow(wb)
    elif missing:
        with st.container(horizontal=True, vertical_alignment="center"):
            if is_pressed("Work out likeness in meaning", icon=":material/hub:", key="agree-meaning", help=_ABOUT):
                who = [one.annotator.id for one in missing]
                with guarded():
                    wb.likenesses.work_out(project.id, view.reference.id, who, view.split)
                st.rerun()
            if standing.trouble:
                st.caption(f":orange[:material/warning:] {plain(standing.trouble)}")


@st.fragment(run_every=1.0)
def _follow(wb: Workbench) -> None:
    try:
        standing = wb.likenesses.standing()
    except WorkbenchError as error:
        st.caption(plain(error.message))
        return
    if not standing.is_going:
        st.rerun(scope="app")
    if not standing.total:
        st.progress(0.0, "Likeness in meaning: reading the texts; the first start of the embedded host takes a while")
        return
    said = f"Likeness in meaning: {standing.done:,} of {count(standing.total, 'pair')} of texts"
    st.progress(standing.done / standing.total, said)

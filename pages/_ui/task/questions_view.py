"""Several questions about the same items: which there are, what each is called, and one more."""

from collections.abc import Sequence

import streamlit as st

from core.model import Project, QuestionKind
from core.services.data.bringing import KINDS
from core.services.projects.questions import COMPARED
from core.workbench import Workbench
from pages._ui.shell.connection import keep, place_of
from pages._ui.shell.frame import PROJECT
from pages._ui.shell.navigation import page
from pages._ui.shell.press import is_pressed, is_submitted
from pages._ui.task.condition_view import condition_panel
from pages._ui.words.text import plain

_HOW_GOOD = "How good is the text?"
_REMOVED = "question_removed"


def questions_panel(wb: Workbench, project: Project) -> None:
    """What else is asked about the items, each one click away, and the form for a further question."""
    asked = wb.projects.questions(project.id)
    if len(asked) > 1:
        for one in asked:
            _question(wb, one, is_open=one.id == project.id)
    else:
        st.caption("One question is asked about these items so far. Each further one has its own task and figures.")
    _undo(wb)
    condition_panel(wb, project)
    _rate_texts(wb, project, asked)
    _further(wb, project)


def _question(wb: Workbench, one: Project, *, is_open: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"question-{one.id}"):
        name, kind = plain(one.question, 60), KINDS[wb.tasks.get(one.id).type]
        label = f"**{name}** (open)" if is_open else name
        st.page_link(page("task"), label=label, query_params={PROJECT: str(one.id)})
        where = wb.projects.asked_where(one.id)
        st.caption(f"{kind} · {plain(where, 120)}" if where else kind)
        with st.popover("More", type="tertiary"):
            with st.form(f"name-question-{one.id}", border=False):
                given = st.text_input("Name", one.question, key=keep(f"question-name-{one.id}-{one.question}"))
                if is_submitted("Rename", key=f"question-to-{one.id}", icon=":material/check:"):
                    wb.projects.name_question(one.id, given)
                    st.rerun()
            about = "Nothing is deleted: it can be restored."
            if one.home_id is not None and is_pressed(
                "Remove", key=f"question-off-{one.id}", icon=":material/delete:", help=about
            ):
                wb.projects.remove(one.id)
                st.session_state[_REMOVED] = one.id
                st.switch_page(page("task"), query_params={PROJECT: str(one.home)})


def _undo(wb: Workbench) -> None:
    removed = st.session_state.get(_REMOVED)
    if removed is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f":material/check: {plain(wb.projects.get(removed).question, 60)} was removed.")
        if is_pressed("Undo", key="question-undo", icon=":material/undo:", type="tertiary"):
            wb.projects.restore(removed)
            del st.session_state[_REMOVED]
            st.rerun()


def _rate_texts(wb: Workbench, project: Project, asked: Sequence[Project]) -> None:
    """One click where texts are written and nobody says how good they are."""
    kinds = {wb.tasks.get(one.id).type for one in asked}
    if QuestionKind.TEXT not in kinds or QuestionKind.RATING in kinds:
        return
    about = "A further question, with the levels 1 to 5. Review asks it right after the text, on the same screen."
    if is_pressed("Rate these texts", key="rate-texts", icon=":material/star_half:", help=about):
        rated = wb.projects.ask_further(project.id, _HOW_GOOD, QuestionKind.RATING, [])
        st.switch_page(page("task"), query_params={PROJECT: str(rated)})


def _further(wb: Workbench, project: Project) -> None:
    kinds = list(KINDS)
    key = "further_kind"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("A further question", key=keep("further_name"), max_chars=60, placeholder="Is it toxic?")
        kind = (
            st.selectbox("Kind of answers", kinds, place_of(key, kinds), KINDS.__getitem__, key=keep(key)) or kinds[0]
        )
    compared = _compared(wb, project, QuestionKind(kind))
    with st.form("further_question", border=False):
        names = st.text_area("Its labels, one per line", height=90, placeholder="yes\nno")
        if is_submitted("Ask it too", icon=":material/add:"):
            labels = [line.strip() for line in names.splitlines() if line.strip()]
            asked = wb.projects.ask_further(project.id, name, QuestionKind(kind), labels, candidates=compared)
            st.switch_page(page("task"), query_params={PROJECT: str(asked)})
    st.caption("Left empty, it begins with the labels that its kind proposes, if any.")


def _compared(wb: Workbench, project: Project, kind: QuestionKind) -> list[str]:
    """The fields that are compared, for the kinds that compare."""
    if kind not in COMPARED:
        return []
    fields = wb.prompts.fields(project.id)
    return st.multiselect("Fields that are compared", fields, key="further_compared", max_selections=COMPARED[kind][1])

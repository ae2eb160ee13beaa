"""The cards of projects: the one last worked on first, of many those whose names are looked for."""

import streamlit as st

from core.model import Project
from core.services.projects.progress import Standing
from core.workbench import Workbench
from pages._ui.shell.connection import keep, text_of
from pages._ui.shell.errors import guarded
from pages._ui.shell.frame import PROJECT, forget_project
from pages._ui.shell.lead import own
from pages._ui.shell.navigation import page
from pages._ui.shell.press import is_pressed, is_submitted
from pages._ui.words.figures import with_interval
from pages._ui.words.text import count, plain

REMOVED = "removed"
_WORDS, _ALL = "projects-search", "projects-all"
_FEW, _SHOWN = 6, 12


def search(number: int) -> str:
    """The words looked for; asked where there are more projects than one sees at once."""
    if number <= _FEW:
        return ""
    with st.container(width=260, key="projects-find"):
        return st.text_input(
            "Search projects",
            key=keep(_WORDS),
            type="search",
            live="300ms",
            placeholder="Part of a name",
            label_visibility="collapsed",
        )


def cards(wb: Workbench, words: str) -> None:
    """One a project, of very many the first ones until all are asked for."""
    found = wb.projects.found(words)
    if not found:
        st.info("No project has these words in its name.", icon=":material/search_off:")
        return
    shown = found if words.strip() or st.session_state.get(_ALL) else found[:_SHOWN]
    with st.container(key="cards"):
        for project in shown:
            _card(wb, project)
    if len(shown) < len(found):
        st.button(f"Show all {len(found):,} projects", icon=":material/expand_more:", on_click=_show_all)


def _show_all() -> None:
    st.session_state[_ALL] = True


def _card(wb: Workbench, project: Project) -> None:
    """One project: its facts, its best model, its next step as one button; as high as those beside it."""
    card, standing = wb.projects.card(project.id), wb.progress.of(project.id)
    with st.container(border=True, height="stretch", gap="small", key=f"card-{project.id}"):
        with st.container(horizontal=True, vertical_alignment="center", wrap=False):
            with st.container(width="stretch", key=f"card-name-{project.id}"):
                name = f"**{plain(project.name, 120)}**"
                st.page_link(page("data"), label=name, query_params=link_to(project), width="stretch")
            with st.popover("More", type="tertiary"):
                _rename(wb, project)
                _remove_button(wb, project)
        who = f"{count(card.people, 'person', 'people')}, {count(card.models, 'model')}"
        st.caption(f"{count(card.items, 'item')} · {who} · {card.last_activity:%d %b %Y}")
        if card.best is not None:
            annotator, accuracy = card.best
            st.markdown(f"**{with_interval(accuracy)}** {plain(annotator.name)}")
        st.caption(plain(card.about) or "No model has labelled here yet.")
        st.space("stretch")
        next_button(project, standing)


def next_button(project: Project, standing: Standing, key: str = "next") -> None:
    """Primary for the project that is open: of all these next steps it is the likely one."""
    look = own(f"{key}-{project.id}", presses=str(project.id) == st.session_state.get(PROJECT))
    if is_pressed(standing.lead.todo, key=f"{key}-{project.id}", icon=":material/arrow_forward:", type=look):
        st.switch_page(page(standing.lead.page), query_params=link_to(project) | dict(standing.lead.about))


def link_to(project: Project) -> dict[str, str]:
    """The query parameters that open the project."""
    return {PROJECT: str(project.id)}


def _rename(wb: Workbench, project: Project) -> None:
    with st.form(f"rename-{project.id}", border=False):
        name = st.text_input(
            "Name", text_of(f"name-{project.id}-{project.name}", project.name), key=f"name-{project.id}-{project.name}"
        )
        if is_submitted("Rename", key=f"rename-to-{project.id}", icon=":material/check:"):
            with guarded():
                wb.projects.rename(project.id, name)
                st.rerun()


def _remove_button(wb: Workbench, project: Project) -> None:
    about = "It can be restored. Only files that were built for download are deleted."
    if is_pressed("Remove", key=f"remove-{project.id}", icon=":material/delete:", type="tertiary", help=about):
        if stopped := wb.projects.remove(project.id):
            st.toast(f"Its runs and fine-tunes that are being stopped: {stopped:,}")
        wb.export.clear()
        st.session_state[REMOVED] = project.id
        forget_project(project.id)
        st.rerun()

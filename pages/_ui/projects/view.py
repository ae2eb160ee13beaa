"""The parts of the Projects page around the cards: the guide through the demo, and what an empty workbench shows."""

import streamlit as st

from core.model import Project
from core.services.projects.progress import Step
from core.workbench import Workbench
from pages._ui.projects.bringing import bring_fine_tune
from pages._ui.projects.cards import REMOVED, link_to, next_button, search
from pages._ui.projects.task_file_view import from_task_file
from pages._ui.shell.begin import begin, from_file, with_demo
from pages._ui.shell.frame import choose_project, link
from pages._ui.shell.navigation import page
from pages._ui.words.text import plain

_LOOP = (
    ("data", "Data", "upload rows of text"),
    ("task", "Task", "name the labels"),
    ("prompts", "Prompt", "say how to label"),
    ("runs", "Run", "let a model label"),
    ("review", "Review", "decide where they differ"),
    ("agreement", "Agreement", "see who agrees with whom"),
    ("fine_tune", "Fine-tune", "teach a model"),
    ("compare", "Compare", "measure on the same items"),
)


def new_project_bar(wb: Workbench, number: int) -> str:
    """The ways in, where there are projects already; the words that projects are looked for by."""
    with st.container(horizontal=True, vertical_alignment="center"):
        from_file()
        with_demo(wb)
        from_task_file(wb)
        bring_fine_tune(wb)
        return search(number)


def empty_state(wb: Workbench) -> None:
    """What this is, the ways to begin, and the loop as a picture."""
    st.markdown(
        "#### Teach a language model to label the way people do, and measure on the same items whether it does."
    )
    begin(wb)
    from_task_file(wb)
    with st.container(border=True):
        columns = st.columns(len(_LOOP), gap="small")
        for number, (column, (_, title, about)) in enumerate(zip(columns, _LOOP, strict=True), start=1):
            column.markdown(f"**{number} {title}**")
            column.caption(about)
        st.caption(":material/cycle: Then again: review what is still wrong, teach, measure.")


def undo_removal(wb: Workbench) -> None:
    """The way back at hand, as long as the session lasts; `removed_projects` is there for later."""
    removed = st.session_state.get(REMOVED)
    if removed is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="undo"):
        name = plain(wb.projects.get(removed).name, 60)
        st.caption(f":material/check: {name} was removed from the list. Nothing was deleted.")
        st.button("Undo", icon=":material/undo:", type="tertiary", on_click=_restore, args=(wb, removed))


def removed_projects(wb: Workbench) -> None:
    """Everything ever taken off the list, folded, each one click from coming back."""
    removed = wb.projects.removed()
    if not removed:
        return
    with st.expander(f"Removed projects ({len(removed):,})", icon=":material/delete:"):
        for project in removed:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"{plain(project.name, 60)} :small[:gray[created {project.created_at:%d %b %Y}]]")
                st.button(
                    "Restore",
                    key=f"restore-{project.id}",
                    icon=":material/undo:",
                    type="tertiary",
                    on_click=_restore,
                    args=(wb, project.id),
                )


def _restore(wb: Workbench, project_id: int) -> None:
    wb.projects.restore(project_id)
    st.session_state.pop(REMOVED, None)
    choose_project(project_id)


def guide(wb: Workbench, projects: list[Project]) -> None:
    """The demo's short guide: what comes next as the button, every step one click away; one line once it is done."""
    demo = next((project for project in projects if project.is_demo), None)
    if demo is None:
        return
    standing = wb.progress.of(demo.id)
    done = sum(step.done for step in standing.steps)
    if standing.next is None:
        with st.container(horizontal=True, vertical_alignment="center", key="guide"):
            st.caption(":material/check_circle: The demo has been once round the loop. Then again:")
            link(standing.lead.page, standing.lead.todo, project=demo.id, **standing.lead.about)
        return
    with st.container(border=True, key="guide"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**Through the loop with the demo** · {done} of {len(standing.steps)} done", width="stretch")
            next_button(demo, standing, key="guide-next")
        with st.container(horizontal=True, gap="small"):
            for step in standing.steps:
                _guide_step(demo, step, step == standing.next)


def _guide_step(demo: Project, step: Step, is_next: bool) -> None:
    title, about = next((title, about) for name, title, about in _LOOP if name == step.page)
    st.page_link(
        page(step.page),
        label=f"**{title}**" if is_next else title,
        icon=":material/check_circle:" if step.done else ":material/circle:",
        query_params=link_to(demo),
        help=f"{title}: {about}",
    )

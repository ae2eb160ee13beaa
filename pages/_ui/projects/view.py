"""The parts of the Projects page: cards, the guide through the demo, and what an empty workbench shows."""

import streamlit as st

from core.model import Project
from core.services.projects.progress import Standing, Step
from core.workbench import Workbench
from pages._ui.shell.begin import begin, from_file, with_demo
from pages._ui.shell.connection import text_of
from pages._ui.shell.errors import guarded
from pages._ui.shell.frame import PROJECT, choose_project, forget_project, link
from pages._ui.shell.lead import own
from pages._ui.shell.navigation import page
from pages._ui.shell.press import is_pressed, is_submitted
from pages._ui.words.figures import with_interval
from pages._ui.words.text import count, plain

_REMOVED = "removed"
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


def new_project_buttons(wb: Workbench) -> None:
    """The two ways in, where there are projects already."""
    with st.container(horizontal=True):
        from_file()
        with_demo(wb)


def empty_state(wb: Workbench) -> None:
    """What this is, the two ways to begin, and the loop as a picture."""
    st.markdown(
        "#### Teach a language model to label the way people do, and measure on the same items whether it does."
    )
    begin(wb)
    with st.container(border=True):
        columns = st.columns(len(_LOOP), gap="small")
        for number, (column, (_, title, about)) in enumerate(zip(columns, _LOOP, strict=True), start=1):
            column.markdown(f"**{number} {title}**")
            column.caption(about)
        st.caption(":material/cycle: Then again: review what is still wrong, teach, measure.")


def project_card(wb: Workbench, project: Project) -> None:
    """One project: its facts, its best model, its next step as one button; as high as those beside it."""
    card, standing = wb.projects.card(project.id), wb.progress.of(project.id)
    with st.container(border=True, height="stretch", gap="small", key=f"card-{project.id}"):
        with st.container(horizontal=True, vertical_alignment="center", wrap=False):
            with st.container(width="stretch", key=f"card-name-{project.id}"):
                st.page_link(page("data"), label=f"**{plain(project.name, 120)}**", query_params=_of(project))
            _rename(wb, project)
        people = count(card.people, "person", "people")
        who = f"{people}, {count(card.models, 'model')}"
        st.caption(f"{count(card.items, 'item')} · {who} · {card.last_activity:%d %b %Y}")
        if card.best is not None:
            annotator, accuracy = card.best
            st.markdown(f"**{with_interval(accuracy)}** {plain(annotator.name)}")
        st.caption(plain(card.about) or "No model has labelled here yet.")
        st.space("stretch")
        with st.container(horizontal=True, vertical_alignment="center"):
            _next_button(project, standing)
            _remove_button(wb, project)


def _next_button(project: Project, standing: Standing, key: str = "next") -> None:
    """Primary for the project that is open: of all these next steps it is the likely one."""
    look = own(f"{key}-{project.id}", presses=str(project.id) == st.session_state.get(PROJECT))
    if is_pressed(standing.lead.todo, key=f"{key}-{project.id}", icon=":material/arrow_forward:", type=look):
        st.switch_page(page(standing.lead.page), query_params=_of(project) | dict(standing.lead.about))


def _of(project: Project) -> dict[str, str]:
    return {PROJECT: str(project.id)}


def _rename(wb: Workbench, project: Project) -> None:
    with (
        st.popover("Rename", icon=":material/edit:", type="tertiary"),
        st.form(f"rename-{project.id}", border=False),
    ):
        name = st.text_input(
            "Name", text_of(f"name-{project.id}-{project.name}", project.name), key=f"name-{project.id}-{project.name}"
        )
        if is_submitted("Rename", key=f"rename-to-{project.id}", icon=":material/check:"):
            with guarded():
                wb.projects.rename(project.id, name)
                st.rerun()


def _remove_button(wb: Workbench, project: Project) -> None:
    if is_pressed("Remove", key=f"remove-{project.id}", icon=":material/delete:", type="tertiary"):
        if stopped := wb.projects.remove(project.id):
            st.toast(f"Its runs and fine-tunes that are being stopped: {stopped:,}")
        st.session_state[_REMOVED] = project.id
        forget_project(project.id)
        st.rerun()


def undo_removal(wb: Workbench) -> None:
    """The way back at hand, as long as the session lasts; `removed_projects` is there for later."""
    removed = st.session_state.get(_REMOVED)
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
    st.session_state.pop(_REMOVED, None)
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
            _next_button(demo, standing, key="guide-next")
        with st.container(horizontal=True, gap="small"):
            for step in standing.steps:
                _guide_step(demo, step, step == standing.next)


def _guide_step(demo: Project, step: Step, is_next: bool) -> None:
    title, about = next((title, about) for name, title, about in _LOOP if name == step.page)
    st.page_link(
        page(step.page),
        label=f"**{title}**" if is_next else title,
        icon=":material/check_circle:" if step.done else ":material/circle:",
        query_params=_of(demo),
        help=f"{title}: {about}",
    )

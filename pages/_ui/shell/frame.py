"""What every page shares: the way in, the project picker, the header with the loop."""

from collections.abc import Callable
from contextlib import suppress

import streamlit as st

from core.errors import WorkbenchError
from core.model import Project
from core.services.projects.progress import Standing, Step
from core.workbench import Workbench
from pages._ui.shell.address import no_notices, notices, set_out, unknown
from pages._ui.shell.begin import begin
from pages._ui.shell.connection import keep
from pages._ui.shell.deployed import remind_of_deployed
from pages._ui.shell.errors import guarded, needed
from pages._ui.shell.handle import workbench
from pages._ui.shell.lead import beside_title, led
from pages._ui.shell.model_endings import warn_of_endings
from pages._ui.shell.navigation import declare, has_navigated, name_of, page
from pages._ui.shell.pick import pick
from pages._ui.shell.titles import hold_ids
from pages._ui.words.text import count, plain

PROJECT = "project"
NO_PROJECT = "no_project"  # what the link says instead, where it names a project that is not there
_INSTEAD = "project_instead"
_LOOK_SECONDS = 2.0
Body = Callable[[Workbench, Project], None]
"""What a page shows of a project. It ends early by returning."""


def show(body: Callable[[Workbench], None]) -> None:
    """What every page comes to. A page ends by returning: what is around it is drawn after it, which nothing can be
    after `st.stop`.

    Because there is a folder `pages/`, a server whose very first request is a link to a page runs that page's file by
    itself, without `app.py`, until something has called `st.navigation`. So call it, and start over.
    """
    if not has_navigated():
        declare()
        st.rerun()
    with led(), needed():
        wb = workbench()
        with guarded():
            body(wb)


def show_project(title: str, body: Body, first: Callable[[Workbench], None] | None = None) -> None:
    """`show` for a page about a project: what `first` does, whether there is one or not, and `about_project`."""

    def inside(wb: Workbench) -> None:
        with needed():
            if first is not None:
                first(wb)
            about_project(wb, title, body)

    show(inside)


def go(name: str, /, **parameters: object) -> None:
    """Switch to another page of the same project, with these query parameters."""
    set_out()
    st.switch_page(page(name), query_params=_parameters(parameters))


def link(name: str, label: str, /, *, icon: str | None = None, **parameters: object) -> None:
    """A link to another page of the same project, with these query parameters."""
    st.page_link(page(name), label=label, icon=icon, query_params=_parameters(parameters))


def _parameters(parameters: dict[str, object]) -> dict[str, str]:
    project = parameters.pop(PROJECT, None) or st.session_state.get(PROJECT)
    given = {name: str(value) for name, value in parameters.items() if value is not None}
    return ({PROJECT: str(project)} if project else {}) | given


def project_picker() -> bool:
    """The sidebar's choice of project; it lives in the URL, so that every view has a link. Whether it could be drawn.

    A link to a project that is not there opens no other one, nor does the removal of the one that is open in another
    tab: the choice waits until somebody makes it.
    """
    no_notices()
    with needed():
        names = {str(one.id): one.name for one in workbench().projects.every_question()}
        hold_ids(PROJECT, names)
        st.session_state[NO_PROJECT] = _missing(names)
        with st.sidebar:
            if names and st.session_state[NO_PROJECT] is None:
                pick("Project", names, key=PROJECT)
            elif names:
                _choose_another(names)
            remind_of_deployed(workbench())
            if names:
                warn_of_endings(workbench())
        return True
    return False


def _missing(names: dict[str, str]) -> str | None:
    """The project asked for, or open so far, where it is not there (any more)."""
    asked = unknown(PROJECT, names) if names else None
    held = st.session_state.get(PROJECT) or (st.query_params.get(PROJECT) if names else None)
    return asked or (held if held not in names else None)


def missing() -> str | None:
    """The project asked for, where it is not there."""
    asked: str | None = st.session_state.get(NO_PROJECT)
    return asked


def forget_project(project_id: int) -> None:
    """This project is let go by whoever has it open here: another may be opened instead."""
    if st.session_state.get(PROJECT) == str(project_id):
        del st.session_state[PROJECT]
        st.query_params.pop(PROJECT, None)


def _choose_another(names: dict[str, str]) -> None:
    st.warning(_no_such_project()[0], icon=":material/link_off:")
    st.selectbox(
        "Project",
        list(names),
        format_func=names.__getitem__,
        index=None,
        placeholder="Choose one",
        key=keep(_INSTEAD),
        on_change=_open_instead,
    )


def _open_instead() -> None:
    if chosen := st.session_state[_INSTEAD]:
        st.query_params[PROJECT] = chosen


def _no_such_project() -> tuple[str, str]:
    """That it is not there, and what became of it: one that was removed can be brought back."""
    asked = st.session_state[NO_PROJECT]
    removed = next((one.name for one in workbench().projects.removed() if str(one.id) == asked), None)
    if removed is None:
        why = "It may have been deleted, or the link comes from another machine."
        return f"There is no project {plain(asked, 40)}.", why
    return f"The project {plain(removed, 60)} was removed.", "It can be restored under “Removed projects” on Projects."


def choose_project(project_id: int) -> None:
    """Make this the project of the session; takes effect with the next rerun (callbacks, `go`)."""
    st.session_state[PROJECT] = str(project_id)


def about_project(wb: Workbench, title: str, body: Body) -> None:
    """The project's title, the loop, and the body; without a project, what to do instead."""
    chosen = st.session_state.get(PROJECT)
    if missing() is not None:
        heading(title)
        st.warning(" ".join(_no_such_project()))
        st.page_link(page("projects"), label="Go to Projects", icon=":material/arrow_forward:")
    elif chosen is None:
        heading(title)
        st.markdown("There is no project yet. Begin with a file of your own, or look around in the demo.")
        begin(wb)
    else:
        with needed():
            project = wb.projects.get(int(chosen))
            header(wb, title, project)
            notices()
            with guarded():
                body(wb, project)


def heading(title: str, facts: str = "", lead: Callable[[], None] | None = None) -> None:
    """What a page is called, at the same height on every page; facts and the button that leads on beside it."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="heading"):
        st.title(title, anchor=False, width="content")
        if facts:
            st.caption(facts)
        if lead is not None:
            lead()


def header(wb: Workbench, title: str, project: Project) -> None:
    """The title with the project's facts and the next step, and the loop under it."""
    standing = wb.progress.of(project.id)
    who = _annotators(standing.people, standing.models)
    facts = " · ".join((plain(project.name), count(standing.items, "item"), who))
    heading(title, facts, lambda: beside_title(standing.lead, name_of(title), project.id))
    is_live = any(step.live for step in standing.steps)
    st.fragment(_stepper, run_every=_LOOK_SECONDS if is_live else None)(wb, project.id, standing, [])


def _stepper(wb: Workbench, project_id: int, standing: Standing, drawn: list[Standing]) -> None:
    """The stations; while one is at work it looks again by itself, since a run that ends does so on any page."""
    if drawn:
        with suppress(WorkbenchError):  # said above the page
            drawn[0] = wb.progress.of(project_id)
    else:
        drawn.append(standing)
    upcoming = drawn[0].next
    with st.container(horizontal=True, gap="small", key="stepper"):
        for step in drawn[0].steps:
            _station(step, upcoming is not None and step.page == upcoming.page, project_id)


def _annotators(people: int, models: int) -> str:
    return f"{count(people, 'person', 'people')}, {count(models, 'model')}"


def _station(step: Step, is_next: bool, project_id: int) -> None:
    icon = (
        "progress_activity"
        if step.live
        else "check_circle"
        if step.done
        else "arrow_circle_right"
        if is_next
        else "circle"
    )
    label = f"{step.title} {step.detail}".strip()
    st.page_link(
        page(step.page),
        label=f"**{label}**" if is_next else label,
        icon=f":material/{icon}:",
        query_params={PROJECT: str(project_id)},
        help=step.todo if not step.done else None,
    )

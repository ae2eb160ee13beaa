"""Studies on the Fine-tune page: which is open, how far it is, and what it says."""

import streamlit as st

from core.errors import WorkbenchError
from core.model import Project, Study, StudyKind, StudyStatus
from core.workbench import Workbench
from pages._ui.fine_tune.curve_view import curve_view
from pages._ui.fine_tune.search_view import search_view
from pages._ui.fine_tune.trials import leave_where_asked
from pages._ui.shell.address import belongs_to
from pages._ui.shell.pick import pick
from pages._ui.shell.press import is_pressed
from pages._ui.words.figures import percent
from pages._ui.words.text import count, duration, plain

STUDY = "study"
_TITLES = {"curve": "Learning curve", "search": "Search"}
_MARKS = {
    StudyStatus.QUEUED: ":gray-badge[queued]",
    StudyStatus.RUNNING: ":blue-badge[running]",
    StudyStatus.DONE: ":green-badge[done]",
    StudyStatus.FAILED: ":red-badge[failed]",
    StudyStatus.CANCELLED: ":gray-badge[cancelled]",
}


def title_of(study: Study) -> str:
    """`Learning curve 2`."""
    return f"{_TITLES[study.kind]} {study.config['number']}"


def studies_panel(wb: Workbench, project: Project) -> None:
    """The study that is open, the newest one by itself; it looks again every second while it is live."""
    belongs_to(project.id, [STUDY])
    everyone = wb.studies.all(project.id)
    if not everyone:
        return
    chosen = everyone[0]
    if len(everyone) > 1:
        names = {str(one.id): f"{title_of(one)} · {one.created_at.astimezone():%d %b, %H:%M}" for one in everyone}
        wanted = pick("Study", names, key=STUDY)
        chosen = next(one for one in everyone if str(one.id) == wanted)
    with st.container(border=True, key=f"study-{chosen.id}"):
        every = 1.0 if chosen.status.is_live else None
        st.fragment(_study, run_every=every)(wb, [chosen])


def _study(wb: Workbench, seen: list[Study]) -> None:
    leave_where_asked()
    was_live = seen[0].status.is_live
    try:
        seen[0] = wb.studies.get(seen[0].id)
    except WorkbenchError as error:
        st.caption(f"This is its last known state. {plain(error)}")
    study = seen[0]
    if was_live and not study.status.is_live:
        st.rerun()
    _headline(wb, study)
    if study.status.is_live:
        _live(wb, study)
    if study.kind is StudyKind.CURVE:
        curve_view(wb, study)
    else:
        search_view(wb, study)


def _headline(wb: Workbench, study: Study) -> None:
    told = study.config["request"]
    titles = {version.id: version.title for version in wb.prompts.versions(study.project_id)}
    who = wb.projects.titles(study.project_id).get(told["annotator_id"], "?")
    facts = [
        f"{plain(study.config['base_model'])} on {plain(wb.hosts.title(study.config['host']))}",
        f"learned from {plain(who)} with {plain(titles.get(told['version_id'], '?'))}",
        f"{study.created_at.astimezone():%d %b, %H:%M}",
    ]
    st.markdown(f"**{plain(title_of(study))}** {_MARKS[study.status]}  \n:small[:gray[{' · '.join(facts)}]]")
    if study.status is StudyStatus.FAILED:
        st.error(plain(study.message), icon=":material/error:")
    elif study.message and study.status.is_live:
        st.warning(plain(study.message), icon=":material/hourglass_top:")
    elif study.message:
        st.caption(plain(study.message))


def _live(wb: Workbench, study: Study) -> None:
    progress = wb.studies.progress(study.id)
    with st.container(horizontal=True, vertical_alignment="center"):
        left = duration(progress.seconds_left)
        st.progress(
            min(1.0, progress.share),
            text=f"{progress.ended:,} of {count(progress.planned, 'fine-tune')}, {percent(progress.share)}"
            + (f", {left} left" if left else ""),
        )
        if study.cancel_requested:
            st.caption("It will stop as soon as the host allows.")
        elif is_pressed("Cancel", key=f"cancel-study-{study.id}", icon=":material/cancel:"):
            wb.studies.cancel(study.id)
            st.toast("It will stop as soon as the host allows. What is measured is kept.")

"""A new fine-tune, in three columns: learn from, check, start."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from core.model import FineTune, FineTuneStatus, Project
from core.services.learning.fine_tuning import TuneRequest
from core.services.learning.vocabulary import Method
from core.workbench import Workbench
from pages._ui.fine_tune.checking import checked, checks, files, what_is_taught
from pages._ui.fine_tune.choosing import asks_items, choose_against, choose_method
from pages._ui.fine_tune.launch import BASE, HOST, choose_base, choose_host, start, was_started
from pages._ui.fine_tune.selecting import choose_selection
from pages._ui.shell.fold import fold
from pages._ui.shell.frame import link
from pages._ui.shell.pick import pick, pick_switch
from pages._ui.words.text import count, plain

FROM, PROMPT, NEW = "tune_from", "tune_prompt", "new_fine_tune"
METHOD, AGAINST, SAME = "tune_method", "tune_against", "tune_set"
_ASKED = FROM, PROMPT, HOST, BASE, METHOD, AGAINST, SAME
_NOW = "new"


def nothing_to_learn(wb: Workbench, project: Project) -> bool:
    """Says what is missing before anything can be taught, and whether something is."""
    if not wb.prompts.versions(project.id):
        st.info("Teaching a model takes a prompt, and there is none yet.", icon=":material/info:")
        link("prompts", "Write a prompt", icon=":material/arrow_forward:")
        return True
    if wb.fine_tunes.teachers(project.id):
        return False
    st.info(
        "Nobody has labelled a train item yet. Review some, import a column of labels, or split the items.",
        icon=":material/info:",
    )
    link("review", "Review train items", icon=":material/arrow_forward:", split="train")
    link("data", "Look at the data and its splits", icon=":material/arrow_forward:")
    return True


def new_fine_tune(wb: Workbench, project: Project, jobs: Sequence[FineTune]) -> None:
    """What to teach and the start: behind one line once there is a job, unless a link asks for it."""
    if nothing_to_learn(wb, project):
        return
    if was_started():
        st.session_state[NEW] = False
    place = fold("New fine-tune", key=NEW, default=_is_first(jobs), asked=_ASKED, icon=":material/add:")
    if place.open:
        with place:
            _form(wb, project)


def _is_first(jobs: Sequence[FineTune]) -> bool:
    """Whether the form is what one comes for: no job has come to anything."""
    return all(job.status in (FineTuneStatus.FAILED, FineTuneStatus.CANCELLED) for job in jobs)


def _form(wb: Workbench, project: Project) -> None:
    learn, check, launch = st.columns([0.9, 1.15, 0.95], gap="medium")
    with learn:
        request = learn_from(wb, project)
    with launch:
        host = choose_host(wb)
        base_model = choose_base(wb, project, host) if host else ""
    if host is None:
        return
    request = replace(request, masking=host.masking, host=host.key, base_model=base_model)
    preflight = checked(wb, request)
    with check:
        checks(preflight)
        what_is_taught(preflight)
        files(project, preflight)
    with launch:
        start(wb, project, host, request, preflight)


def learn_from(wb: Workbench, project: Project) -> TuneRequest:
    """By which method, whom to learn from, asked with which prompt."""
    st.subheader("1 Learn from", anchor=False)
    if (same := _same_set(wb, project)) is not None:
        return wb.fine_tunes.same_set(same)
    teachers = wb.fine_tunes.teachers(project.id)
    method = choose_method(wb, project, METHOD)
    names = {
        str(i): f"{title} · {teachers[i]:,} train items"
        for i, title in wb.projects.titles(project.id).items()
        if i in teachers
    }
    teacher = pick("Annotator", names, key=FROM, default=str(project.reference_id))
    against = choose_against(wb, project, method, int(teacher), AGAINST)
    version = _version(wb, project, method)
    validated = pick_switch(
        "With validation",
        key="tune_validation",
        default=True,
        help="Uploads the validation split too, so that the curves show whether the model learns or only memorises.",
    )
    selection = choose_selection(wb, project, method)
    fallback = method is not Method.SUPERVISED or _with_fallback(wb, project, int(teacher), version)
    return TuneRequest(
        project.id, int(teacher), version, validated, fallback, method=method, against=against, selection=selection
    )


def _same_set(wb: Workbench, project: Project) -> int | None:
    """The earlier fine-tune whose files are sent once more; asked only where there is one."""
    kept = wb.fine_tunes.kept_sets(project.id)
    if not kept:
        return None
    sets = {_NOW: "Built now from answers"} | {str(i): f"The very files of {title}" for i, title in kept.items()}
    help = "The files of an earlier fine-tune go to another host byte by byte, whatever has changed in the project."
    chosen = pick("Training set", sets, key=SAME, help=help)
    return None if chosen == _NOW else int(chosen)


def _version(wb: Workbench, project: Project, method: Method) -> int:
    """The prompt version it is taught with; not asked where the item itself is the request."""
    versions = {str(version.id): version.title for version in wb.prompts.versions(project.id)}
    if asks_items(wb, project, method):
        return int(next(iter(versions)))
    help = "The tuned model is asked with the version it is taught with."
    return int(pick("Prompt version", versions, key=PROMPT, help=help))


def _with_fallback(wb: Workbench, project: Project, teacher: int, version: int) -> bool:
    """Whether the fallback is taught; asked only where there is something to teach it with."""
    number = wb.fine_tunes.fallbacks(project.id, teacher, version)
    if not number:
        return True
    name = wb.tasks.get(project.id).fallback.name
    return pick_switch(
        "Teach the fallback",
        key="tune_fallback",
        default=True,
        help=f"On: the tuned model learns from {count(number, 'train item')} when to answer {plain(name)}. "
        "Off: they are left out, and it will hardly ever give that answer.",
    )

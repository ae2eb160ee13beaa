"""The jobs of the Fine-tune page: newest first, live while they are."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import streamlit as st

from core.errors import WorkbenchError
from core.model import FineTune, FineTuneEvent, FineTuneStatus, Project
from core.services.hosts.models import needs_deploying, tuned_title
from core.services.learning.fine_tuning import method_of, share_done, writes_only
from core.services.learning.vocabulary import Method, Value, title_of
from core.workbench import Workbench
from pages._ui.fine_tune.choosing import ALL
from pages._ui.fine_tune.connecting import waits_for_host
from pages._ui.fine_tune.deployment import deployment, is_changing
from pages._ui.fine_tune.form import AGAINST, FROM, METHOD, NEW, PROMPT
from pages._ui.fine_tune.kept import checkpoints
from pages._ui.fine_tune.launch import BASE, HOST
from pages._ui.fine_tune.outcome import how_it_went, next_steps
from pages._ui.fine_tune.taking_home import take_home
from pages._ui.hosts.retirement import warn_of_tuned
from pages._ui.shell.endings import FINE_TUNE, tell_button
from pages._ui.shell.frame import link
from pages._ui.shell.press import is_pressed
from pages._ui.words.figures import percent
from pages._ui.words.money import dollars
from pages._ui.words.text import count, duration, plain

_MARKS = {
    FineTuneStatus.QUEUED: ":gray-badge[queued]",
    FineTuneStatus.UPLOADING: ":blue-badge[uploading]",
    FineTuneStatus.RUNNING: ":blue-badge[running]",
    FineTuneStatus.SUCCEEDED: ":green-badge[succeeded]",
    FineTuneStatus.FAILED: ":red-badge[failed]",
    FineTuneStatus.CANCELLED: ":gray-badge[cancelled]",
}


@dataclass
class Seen:
    """What the last successful look at the jobs showed; a failed one falls back to it."""

    jobs: list[FineTune]
    events: dict[int, list[FineTuneEvent]] = field(default_factory=dict)
    paths: dict[int, list[str]] = field(default_factory=dict)
    """Of each job the models it came out of, by their titles."""


def jobs_panel(wb: Workbench, project: Project, jobs: list[FineTune]) -> None:
    """All jobs; looks again every second while one is live, and once more when it has ended."""
    if not jobs:
        st.caption("No fine-tune yet. Its curves appear here while it trains; its model can then be run and compared.")
        return
    names = wb.projects.titles(project.id)
    titles = {version.id: version.title for version in wb.prompts.versions(project.id)}
    live = any(job.status.is_live for job in jobs) or is_changing(wb, project.id)
    st.fragment(_jobs, run_every=1.0 if live else None)(wb, Seen(jobs), names, titles, live)


def taught_beside(wb: Workbench, project: Project) -> None:
    """The models that answer this question, too, since all questions were taught at once from another."""
    for job, question in wb.fine_tunes.beside(project.id):
        if job.status is FineTuneStatus.SUCCEEDED:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(
                    f"**{plain(tuned_title(job))}** of “{plain(question)}” has learned to answer this question, too."
                )
                link("fine_tune", "Show it", icon=":material/arrow_forward:", project=job.project_id)


def _jobs(wb: Workbench, seen: Seen, names: dict[int, str], titles: dict[int, str], live: bool) -> None:
    try:
        seen.jobs = [job for job in wb.fine_tunes.all(seen.jobs[0].project_id) if not job.is_trial]
        seen.paths |= {job.id: wb.fine_tunes.lineage(job) for job in seen.jobs if job.id not in seen.paths}
    except WorkbenchError as error:
        st.caption(f"This is its last known state. {plain(error)}")
    if live and not any(job.status.is_live for job in seen.jobs) and not is_changing(wb, seen.jobs[0].project_id):
        st.rerun()
    best = next((job.id for job in seen.jobs if job.status is FineTuneStatus.SUCCEEDED), None)
    for place, job in enumerate(seen.jobs):
        with st.container(border=True, key=f"job-{job.id}"):
            _headline(job, names, titles, wb.hosts.title(job.host), seen.paths.get(job.id, []))
            if job.status is FineTuneStatus.SUCCEEDED:
                warn_of_tuned(wb, job)
                deployment(wb, job)
                if not waits_for_host(wb, job) and (not needs_deploying(job) or writes_only(job)):
                    next_steps(wb, job, newest=job.id == best)
            elif not job.status.is_live and place == 0:
                _set_up_again(job)
            if place == 0 or job.status.is_live:
                _inside(wb, job, seen)
            else:
                details = st.expander("Curves and events", key=f"job-details-{job.id}", on_change="rerun")
                with details:
                    if details.open:
                        _inside(wb, job, seen)
            take_home(wb, job)


def _inside(wb: Workbench, job: FineTune, seen: Seen) -> None:
    try:
        seen.events[job.id] = wb.fine_tunes.events(job.id)
    except WorkbenchError as error:
        st.caption(f"This is its last known state. {plain(error)}")
    events = seen.events.get(job.id, [])
    if job.status.is_live:
        _live(wb, job, events)
    how_it_went(job, events, wb.tasks.get(job.project_id).type)
    checkpoints(wb, job, events)
    if said := wb.fine_tunes.host_said(job.id):
        with st.expander("The job as the host tells it", type="compact"):
            st.code(json.dumps(json.loads(said), indent=2, ensure_ascii=False), language="json", height=240)


def _set_up_again(job: FineTune) -> None:
    """For a job that came to nothing: the form, with what was chosen for it."""
    link(
        "fine_tune",
        "Set up again",
        icon=":material/refresh:",
        **{NEW: 1, FROM: job.annotator_id, PROMPT: job.prompt_version_id, HOST: job.host, BASE: job.base_model},
        **({METHOD: Method.DPO, AGAINST: job.config["against"] or ALL} if method_of(job) is Method.DPO else {}),
    )


def _called(job: FineTune) -> str:
    """As its model is called, once there is one."""
    is_done = job.status is FineTuneStatus.SUCCEEDED
    return tuned_title(job) if is_done else f"Fine-tune {job.config.get('number', job.id)}"


def _headline(
    job: FineTune, names: dict[int, str], titles: dict[int, str], host: str, path: Sequence[str] = ()
) -> None:
    taught = f"learned from {plain(names.get(job.annotator_id, '?'))}"
    if not writes_only(job):
        taught += f" with {plain(titles.get(job.prompt_version_id, '?'))}"
    facts = [
        # A tune of a tune by all that it came out of.
        plain(" → ".join(path) if len(path) > 2 else job.base_model) + " on " + plain(host),
        taught,
        f"{job.n_train:,} + {count(job.n_validation, what_is_a_line(job))}",
        spoken_parameters(job),
        f"{plain(dollars(job.config['estimate']))} estimated by the host" if job.config.get("estimate") else "",
        f"{job.created_at.astimezone():%d %b, %H:%M}",
        f"{duration(_seconds(job))}" + (" so far" if job.status.is_live else ""),
    ]
    line = " · ".join(fact for fact in facts if fact)
    st.markdown(f"**{plain(_called(job))}** {_MARKS[job.status]}{_word(job)}  \n:small[:gray[{line}]]")
    if job.status is FineTuneStatus.FAILED:
        st.error(plain(job.message or "The host gave no reason."), icon=":material/error:")
    elif job.message and job.status.is_live:
        st.warning(plain(job.message), icon=":material/hourglass_top:")
    elif job.message:
        st.caption(plain(job.message))


def _word(job: FineTune) -> str:
    """The host's own, where it is another than ours."""
    word = job.host_status
    return f" :small[:gray[{plain(word)}]]" if word and word.lower() != str(job.status) else ""


def what_is_a_line(job: FineTune) -> str:
    """What its training files have a line for."""
    return "preference pair" if method_of(job) is Method.DPO else "example"


def spoken_parameters(job: FineTune) -> str:
    """The parameters that were set by hand, as text; the others were the host's choice."""
    chosen = job.config.get("parameters") or {}
    return plain(", ".join(f"{title_of(key).lower()} {_spoken(value)}" for key, value in chosen.items())) or (
        "parameters chosen by the host"
    )


def _spoken(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else f"{value:g}"


def _seconds(job: FineTune) -> float:
    return ((job.finished_at or datetime.now(UTC)) - job.created_at).total_seconds()


_WISHES = {"pause": ":material/pause_circle:", "resume": ":material/play_circle:"}


def _live(wb: Workbench, job: FineTune, events: Sequence[FineTuneEvent]) -> None:
    share = share_done(events)
    if refused := job.config.get("refused_wish"):
        st.caption(plain(refused))
    with st.container(horizontal=True, vertical_alignment="center"):
        if share is None:
            st.caption(plain(f"Last status: {job.host_status}" if job.host_status else "Waiting for its turn."))
        else:
            left = _seconds(job) * (1 - share) / share if share > 0.05 else None
            st.progress(share, text=percent(share) + (f", {duration(left)} left" if left is not None else ""))
        if is_pressed("Cancel", key=f"cancel-job-{job.id}", icon=":material/cancel:"):
            wb.fine_tunes.cancel(job.id)
            st.toast("It will stop as soon as the host allows.")
        tell_button(FINE_TUNE, job.id, f"Fine-tune {job.config.get('number', job.id)}")
        for wish in wb.fine_tunes.can(job):
            if is_pressed(wish.capitalize(), key=f"{wish}-job-{job.id}", icon=_WISHES[wish], disabled=bool(job.wish)):
                (wb.fine_tunes.pause if wish == "pause" else wb.fine_tunes.resume)(job.id)
                st.toast("The host is told at the next look.")
        if job.host_job_id and is_pressed(
            "Stop following",
            key=f"leave-job-{job.id}",
            type="tertiary",
            help="Use this if the host never reports an end: LabelLoop stops asking. The job may continue there.",
        ):
            wb.fine_tunes.stop_following(job.id)
            st.rerun(scope="fragment")

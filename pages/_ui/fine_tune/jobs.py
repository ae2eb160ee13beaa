"""The jobs of the Fine-tune page: newest first, live while they are, and what to do when one is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import streamlit as st

from core.errors import WorkbenchError
from core.model import FineTune, FineTuneEvent, FineTuneStatus, Project, Split
from core.services.hosts.models import tuned_title
from core.services.learning.fine_tuning import curves, follow_ups, kept_step, measuring, share_done
from core.services.learning.vocabulary import PARAMETERS
from core.workbench import Workbench
from pages._ui.fine_tune.charts import Points, curve_chart, sides
from pages._ui.fine_tune.view import BASE, FROM, HOST, NEW, PROMPT, STILL
from pages._ui.hosts.retirement import warn_of_tuned
from pages._ui.shell.errors import guarded
from pages._ui.shell.frame import go, link
from pages._ui.shell.lead import own
from pages._ui.shell.press import is_pressed
from pages._ui.words.figures import number, percent
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


def jobs_panel(wb: Workbench, project: Project, jobs: list[FineTune]) -> None:
    """All jobs; looks again every second while one is live, and once more when it has ended."""
    if not jobs:
        st.caption("No fine-tune yet. Its curves appear here while it trains; its model can then be run and compared.")
        return
    names = wb.projects.titles(project.id)
    titles = {version.id: version.title for version in wb.prompts.versions(project.id)}
    live = any(job.status.is_live for job in jobs)
    st.fragment(_jobs, run_every=1.0 if live else None)(wb, Seen(jobs), names, titles, live)


def _jobs(wb: Workbench, seen: Seen, names: dict[int, str], titles: dict[int, str], live: bool) -> None:
    try:
        seen.jobs = wb.fine_tunes.all(seen.jobs[0].project_id)
    except WorkbenchError as error:
        st.caption(f"This is its last known state. {plain(error)}")
    if live and not any(job.status.is_live for job in seen.jobs):
        st.rerun()
    for place, job in enumerate(seen.jobs):
        with st.container(border=True, key=f"job-{job.id}"):
            _headline(job, names, titles, wb.hosts.title(job.host))
            if job.status is FineTuneStatus.SUCCEEDED:
                warn_of_tuned(wb, job)
                _next_steps(wb, job, newest=place == 0)
            elif not job.status.is_live and place == 0:
                _set_up_again(job)
            if place == 0 or job.status.is_live:
                _inside(wb, job, seen)
            else:
                details = st.expander("Curves and events", key=f"job-details-{job.id}", on_change="rerun")
                with details:
                    if details.open:
                        _inside(wb, job, seen)


def _set_up_again(job: FineTune) -> None:
    """For a job that came to nothing: the form, with what was chosen for it."""
    link(
        "fine_tune",
        "Set up again",
        icon=":material/refresh:",
        **{NEW: 1, FROM: job.annotator_id, PROMPT: job.prompt_version_id, HOST: job.host, BASE: job.base_model},
    )


def _headline(job: FineTune, names: dict[int, str], titles: dict[int, str], host: str) -> None:
    taught = (
        f"learned from {plain(names.get(job.annotator_id, '?'))} with {plain(titles.get(job.prompt_version_id, '?'))}"
    )
    facts = [
        plain(job.base_model) + " on " + plain(host),
        taught,
        f"{job.n_train:,} + {count(job.n_validation, 'example')}",
        spoken_parameters(job),
        f"{job.created_at.astimezone():%d %b, %H:%M}",
        f"{duration(_seconds(job))}" + (" so far" if job.status.is_live else ""),
    ]
    line = " · ".join(fact for fact in facts if fact)
    st.markdown(f"**{plain(tuned_title(job))}** {_MARKS[job.status]}  \n:small[:gray[{line}]]")
    if job.status is FineTuneStatus.FAILED:
        st.error(plain(job.message or "The host gave no reason."), icon=":material/error:")
    elif job.message:
        st.caption(plain(job.message))


def spoken_parameters(job: FineTune) -> str:
    """The parameters that were set by hand, as text; the others were the host's choice."""
    chosen = job.config.get("parameters") or {}
    return (
        plain(", ".join(f"{_title(key)} {value:g}" for key, value in chosen.items())) or "parameters chosen by the host"
    )


def _title(parameter: str) -> str:
    return PARAMETERS[parameter].title.lower() if parameter in PARAMETERS else parameter


def _seconds(job: FineTune) -> float:
    return ((job.finished_at or datetime.now(UTC)) - job.created_at).total_seconds()


def _inside(wb: Workbench, job: FineTune, seen: Seen) -> None:
    try:
        seen.events[job.id] = wb.fine_tunes.events(job.id)
    except WorkbenchError as error:
        st.caption(f"This is its last known state. {plain(error)}")
    events = seen.events.get(job.id, [])
    if job.status.is_live:
        _live(wb, job, events)
    found = curves(events)
    loss, accuracy, kept = sides(found, "loss"), sides(found, "accuracy"), kept_step(job, found)
    if loss or accuracy:
        if job.status is FineTuneStatus.SUCCEEDED and (ended := at_the_end(accuracy)):
            st.markdown(f"**{plain(ended)}**")
        for column, points, what in zip(
            st.columns(2, gap="medium"), (loss, accuracy), ("loss", "accuracy"), strict=True
        ):
            with column:
                if points:
                    st.plotly_chart(
                        curve_chart(points, what, kept),
                        key=f"job-{job.id}-{what}",
                        config=STILL,
                        alt=f"{what} by step",
                    )
        st.caption(" ".join([basis_of_curves(job), *said_of_kept(kept)]))
    if events:
        with st.expander(f"{count(len(events), 'event')} from the host"):
            _events(events)


def at_the_end(accuracy: Mapping[str, Points]) -> str:
    """`Accuracy at the last step: .69 on validation, 1.00 on train`; empty where the host tells of none."""
    told = [f"{number(accuracy[side][-1][1])} on {side}" for side in ("validation", "train") if accuracy.get(side)]
    return f"Accuracy at the last step: {', '.join(told)}" if told else ""


def basis_of_curves(job: FineTune) -> str:
    """On how many examples the curves stand, and what they are not."""
    on = f"{job.n_train:,} training" + (
        f" and {job.n_validation:,} validation examples" if job.n_validation else " examples"
    )
    return f"As the host reports it, on {on}. For a score with its interval, run the model and compare."


def said_of_kept(step: float | None) -> list[str]:
    """Which weights the model has, where that is known."""
    if step is None:
        return []
    return [f"The weights of the last step, {step:,.0f}, are kept, whether or not an earlier one did better."]


def _live(wb: Workbench, job: FineTune, events: Sequence[FineTuneEvent]) -> None:
    share = share_done(events)
    with st.container(horizontal=True, vertical_alignment="center"):
        if share is None:
            st.caption(plain(f"The host says: {job.host_status}" if job.host_status else "Waiting for its turn."))
        else:
            left = _seconds(job) * (1 - share) / share if share > 0.05 else None
            st.progress(share, text=percent(share) + (f", {duration(left)} left" if left is not None else ""))
        if is_pressed("Cancel", key=f"cancel-job-{job.id}", icon=":material/cancel:"):
            wb.fine_tunes.cancel(job.id)
            st.toast("It will stop as soon as the host allows.")
        if job.host_job_id and is_pressed(
            "Stop following",
            key=f"leave-job-{job.id}",
            type="tertiary",
            help="Use this if the host never reports an end: LabelLoop stops asking. The job may continue there.",
        ):
            wb.fine_tunes.stop_following(job.id)
            st.rerun(scope="fragment")


def _events(events: Sequence[FineTuneEvent]) -> None:
    st.dataframe(
        {
            "time": [event.created_at for event in reversed(events)],
            "level": [event.level for event in reversed(events)],
            "message": [event.message for event in reversed(events)],
        },
        column_config={
            "time": st.column_config.DatetimeColumn(format="HH:mm:ss", width="small"),
            "level": st.column_config.TextColumn(width="small"),
            "message": st.column_config.TextColumn(width="large"),
        },
        hide_index=True,
        height=240,
    )


def _next_steps(wb: Workbench, job: FineTune, *, newest: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if is_pressed("Run it on validation", key=f"run-validation-{job.id}", icon=":material/play_circle:"):
            _run_on_validation(wb, job)
        if is_pressed(
            "Run it on test and compare",
            key=f"run-test-{job.id}",
            type=own("measure") if newest else "secondary",
            icon=":material/compare_arrows:",
            help="Labels the test items with the tuned model, and with its base model if that has not been done "
            "yet. Both are asked with the prompt it was taught with. On the embedded host, where that costs nothing, "
            "the tuned model labels the validation items too.",
        ):
            _measure(wb, job)
        link("compare", "Compare", icon=":material/arrow_forward:")


def _run_on_validation(wb: Workbench, job: FineTune) -> None:
    with guarded():
        started = wb.runs.start_missing(follow_ups(job, Split.VALIDATION))
        if not started:
            go("compare", compare_split=Split.VALIDATION)
        go("runs", run=started[-1].id)


def _measure(wb: Workbench, job: FineTune) -> None:
    """Compare follows the runs and shows the figures once they are done."""
    with guarded():
        wb.runs.start_missing(measuring(job))
        base, tuned = wb.fine_tunes.pair(job)
        go("compare", compare_a=base, compare_b=tuned, compare_split=Split.TEST)

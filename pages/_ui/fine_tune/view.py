"""A new fine-tune, in three columns: learn from, check, start."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from core.model import FineTune, FineTuneStatus, Host, Project
from core.services.learning.fine_tuning import Preflight, TuneRequest
from core.services.learning.training_set import TrainingSet
from core.services.learning.vocabulary import PARAMETERS, Check, Level, Parameter, parse_parameters
from core.workbench import Workbench
from pages._ui.fine_tune.charts import label_bars
from pages._ui.hosts.model_picker import about_host, models_of
from pages._ui.hosts.retirement import warn_retirement, warn_training_end
from pages._ui.shell.connection import keep
from pages._ui.shell.errors import guarded
from pages._ui.shell.fold import fold
from pages._ui.shell.frame import link
from pages._ui.shell.lead import own
from pages._ui.shell.pick import pick, pick_switch
from pages._ui.shell.press import is_pressed
from pages._ui.words.text import count, plain

STILL = {"displayModeBar": False}
NEW, _STARTED = "new_fine_tune", "new_fine_tune:started"
ASKED = FROM, PROMPT, HOST, BASE = "tune_from", "tune_prompt", "tune_host", "tune_base"
_SENT = "the training examples (your prompt, the texts of train and validation items, their labels)"


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
    if st.session_state.pop(_STARTED, False):
        st.session_state[NEW] = False
    place = fold("New fine-tune", key=NEW, default=_is_first(jobs), asked=ASKED, icon=":material/add:")
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
    if host is None:
        return
    request = replace(request, masking=host.masking)
    preflight = checked(wb, request)
    with check:
        checks(preflight)
        what_is_taught(preflight)
        files(project, preflight)
    with launch:
        start(wb, project, host, request, preflight)


def learn_from(wb: Workbench, project: Project) -> TuneRequest:
    """Whom to learn from, asked with which prompt."""
    st.subheader("1 Learn from", anchor=False)
    teachers = wb.fine_tunes.teachers(project.id)
    names = {
        str(i): f"{title} · {teachers[i]:,} train items"
        for i, title in wb.projects.titles(project.id).items()
        if i in teachers
    }
    versions = {str(version.id): version.title for version in wb.prompts.versions(project.id)}
    teacher = pick("Annotator", names, key=FROM, default=str(project.reference_id))
    version = pick(
        "Prompt version",
        versions,
        key=PROMPT,
        help="The tuned model is asked with the version it is taught with.",
    )
    validated = pick_switch(
        "Include the validation split",
        key="tune_validation",
        default=True,
        help="Uploads validation items too, so that the curves show whether the model learns or only memorises.",
    )
    return TuneRequest(project.id, int(teacher), int(version), validated, _with_fallback(wb, project, int(teacher)))


def _with_fallback(wb: Workbench, project: Project, teacher: int) -> bool:
    """Whether the fallback is taught; asked only where there is something to teach it with."""
    number = wb.fine_tunes.fallbacks(project.id, teacher)
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


def checked(wb: Workbench, request: TuneRequest) -> Preflight:
    """The pre-flight; worked out anew only where labels, task or splits have changed."""
    return _checked(wb, request, wb.fine_tunes.stamp(request))


@st.cache_resource(max_entries=4, show_spinner="Checking what would be taught …")
def _checked(_wb: Workbench, request: TuneRequest, stamp: str) -> Preflight:
    return _wb.fine_tunes.preflight(request)


def what_is_taught(preflight: Preflight) -> None:
    """How many lines, and how they spread over the labels."""
    training = preflight.training
    st.caption(
        f"{count(len(training.train), 'training line')}, {len(training.validation):,} for validation. "
        f"{_about_fallback(training)}Test items are never included."
    )
    colors = {label.name: label.color for label in training.labels}
    with st.container(height=330 if len(colors) > 12 else "content", border=False):
        st.plotly_chart(
            label_bars(preflight.per_label, colors),
            key="tune-bars",
            config=STILL,
            alt="Training lines per label: "
            + ", ".join(f"{name} {number}" for name, number in preflight.per_label.items()),
        )


def _about_fallback(training: TrainingSet) -> str:
    if not training.fallbacks:
        return ""
    what = "teach" if training.with_fallback else "left out:"
    return f"{training.fallbacks:,} {what} {plain(training.task.fallback.name)}. "


def checks(preflight: Preflight) -> None:
    """What needs attention, worst first; what is in order in one line."""
    st.subheader("2 Check", anchor=False)
    for level in (Level.BLOCKER, Level.WARNING):
        for check in preflight.checks:
            if check.level is level:
                _trouble(check)
    fine = [check for check in preflight.checks if check.level is Level.OK]
    if fine:
        with st.expander(f":green[:material/check:] {count(len(fine), 'check')} in order", type="compact"):
            st.markdown("  \n".join(_fine(check) for check in fine))


def files(project: Project, preflight: Preflight) -> None:
    """What would be sent."""
    with st.expander("The first three training lines"):
        for line in preflight.sample():
            st.code(line, language=None, wrap_lines=True)
    with st.container(horizontal=True):
        for name, examples, build in (
            ("Training", preflight.training.train, preflight.jsonl),
            ("Validation", preflight.training.validation, preflight.validation_jsonl),
        ):
            st.download_button(
                f"{name} JSONL",
                build,
                f"{name.lower()}-{project.id}.jsonl",
                "application/x-ndjson",
                icon=":material/download:",
                on_click="ignore",
                disabled=not examples,
                key=f"tune-download-{name}",
            )


def _trouble(check: Check) -> None:
    show = st.error if check.level is Level.BLOCKER else st.warning
    icon = ":material/error:" if check.level is Level.BLOCKER else ":material/warning:"
    show(f"**{plain(check.title)}.** {plain(check.finding)} {plain(check.todo)}", icon=icon)


def _fine(check: Check) -> str:
    return f":small[:green[:material/check:] **{plain(check.title)}** :gray[{plain(check.finding)}]]"


def choose_host(wb: Workbench) -> Host | None:
    """Where to train; what it masks decides what the training files hold. None where no host can, which is said."""
    st.subheader("3 Start", anchor=False)
    hosts = {host.key: host for host in wb.hosts.all() if host.can_fine_tune}
    if not hosts:
        st.info("None of your hosts can fine-tune.", icon=":material/info:")
        link("hosts", "Add one that can", icon=":material/dns:")
        return None
    host = hosts[pick("Host", {key: one.title for key, one in hosts.items()}, key=HOST)]
    warn_training_end(wb, host)
    return host


def start(wb: Workbench, project: Project, host: Host, request: TuneRequest, preflight: Preflight) -> None:
    """Base model, parameters, estimate; the button is live where nothing blocks."""
    base_model = _base_model(wb, project, host)
    if base_model:
        warn_retirement(wb, host.key, base_model)
    entries = _parameters()
    price = wb.prices.of(host, base_model)
    _estimate(preflight, None if price is None else price.training, entries.get("n_epochs", ""))
    blocked = not preflight.ready or not base_model
    pressed = is_pressed(
        "Start fine-tune",
        type="secondary" if blocked else own("fine_tune"),
        icon=":material/school:",
        disabled=blocked,
        width="stretch",
        help="First fix what a check above reports." if blocked else None,
        key="tune-start",
    )
    if not wb.fine_tunes.all(project.id):
        st.caption("From the first fine-tune on the splits stay as they are, so that test items stay unseen.")
    if pressed:
        with guarded():
            job = wb.fine_tunes.start(
                request, host=host.key, base_model=base_model, parameters=parse_parameters(entries)
            )
            st.session_state[_STARTED] = True
            st.toast(f"Fine-tune {job.config['number']} is queued.", icon=":material/school:")
            st.rerun()


def _base_model(wb: Workbench, project: Project, host: Host) -> str:
    choices, trouble = models_of(wb, project, host)
    if not about_host(wb, project, host, "tune-ask-again", what=_SENT):
        return ""
    names = {choice.name: choice.title for choice in choices if choice.fine_tune is None}
    if names:
        return pick("Base model", names, key=BASE)
    if not trouble:
        st.warning("The host lists no model to start from.", icon=":material/warning:")
    return ""


def _parameters() -> dict[str, str]:
    """What was entered by hand; folded, since the host's choice is a good one."""
    named = ", ".join(one.title.lower() for one in PARAMETERS.values())
    chosen_by_host = pick_switch(
        "Automatic parameters",
        key="tune_auto",
        default=True,
        help=f"The host chooses {named}. Off: set them yourself.",
    )
    return {} if chosen_by_host else {key: _parameter(parameter) for key, parameter in PARAMETERS.items()}


def _parameter(parameter: Parameter) -> str:
    """Empty means the host's own choice."""
    whole = parameter.kind == "int"
    value = st.number_input(
        parameter.title,
        min_value=int(parameter.low) if whole else parameter.low,
        max_value=int(parameter.high) if whole else parameter.high,
        value=None,
        step=1 if whole else 0.1,
        placeholder="auto",
        key=keep(f"tune-{parameter.key}"),
        help=f"{parameter.about} {parameter.low:g} to {parameter.high:g}; empty: the host chooses.",
    )
    return "" if value is None else str(value)


def _estimate(preflight: Preflight, price: float | None, epochs: str) -> None:
    """`price` is what a million tokens cost to teach; None where that is unknown."""
    tokens = f"about **{preflight.tokens:,}** tokens per epoch"
    if epochs:
        tokens += f", **{preflight.tokens * int(epochs):,}** in {count(int(epochs), 'epoch')}"
    st.markdown(f":small[{tokens} (characters / 4: an estimate). {_bill(preflight, price, epochs)}]")


def _bill(preflight: Preflight, price: float | None, epochs: str) -> str:
    dollars = preflight.dollars(price, int(epochs or 1))
    if dollars is None:
        return "The host bills by tokens; its training price is unknown."
    if price == 0:
        return "Costs nothing: it runs on your own hardware."
    return f"About **\\${dollars:,.2f}**" + ("." if epochs else " per epoch.")

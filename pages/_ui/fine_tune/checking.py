"""What would be taught, and what stands in the way."""

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from core.model import Label, Project
from core.services.learning.fine_tuning import Preflight, TuneRequest
from core.services.learning.pair_set import PairSet
from core.services.learning.training_set import TrainingSet
from core.services.learning.vocabulary import Check, Level, Method, QuestionFacts, in_words
from core.workbench import Workbench
from pages._ui.fine_tune.charts import STILL, label_bars
from pages._ui.fine_tune.choosing import choose_form
from pages._ui.shell.pick import pick_segment
from pages._ui.words.lengths import length_chart
from pages._ui.words.text import count, plain


def checked(wb: Workbench, request: TuneRequest) -> Preflight:
    """The pre-flight; worked out anew only where labels, task or splits have changed."""
    return _checked(wb, request, wb.fine_tunes.stamp(request))


@st.cache_resource(max_entries=4, show_spinner="Checking what would be taught …")
def _checked(_wb: Workbench, request: TuneRequest, stamp: str) -> Preflight:
    return _wb.fine_tunes.preflight(request)


def what_is_taught(preflight: Preflight) -> None:
    """How many lines, and how they spread over the labels."""
    training = preflight.training
    what = "training pair" if preflight.method is Method.DPO else "training line"
    st.caption(
        f"{count(len(training.train), what)}, {len(training.validation):,} for validation. "
        f"{_about_fallback(training)}{_left_out(training)}Test items are never included."
    )
    for question in questions_of(preflight):
        said = ("learned from " + question.teacher if question.teacher else "nobody to learn it from", question.where)
        st.caption(f"**{plain(question.title)}**: {plain(', '.join(filter(None, said)))}")
        _bars(f"tune-bars-{question.title}", question.per_label, question.task.choices)
    _bars("tune-bars", preflight.per_label, training.labels)


def questions_of(preflight: Preflight) -> Sequence[QuestionFacts]:
    """What is taught of each question, where a line answers several."""
    training = preflight.training
    return training.questions if isinstance(training, TrainingSet) else ()


def _bars(key: str, per_label: Mapping[str, int], labels: Sequence[Label]) -> None:
    if not per_label:
        return
    colors = {label.name: label.color for label in labels}
    with st.container(height=330 if len(colors) > 12 else "content", border=False):
        st.plotly_chart(
            label_bars(per_label, colors),
            key=key,
            config=STILL,
            alt="Training lines per label: " + ", ".join(f"{name} {number}" for name, number in per_label.items()),
        )


def _left_out(training: TrainingSet | PairSet) -> str:
    told = in_words(training.left_out) if isinstance(training, PairSet) else ""
    return f"Left out: {told}. " if told else ""


def _about_fallback(training: TrainingSet | PairSet) -> str:
    if not training.fallbacks:
        return ""
    what = "teach" if training.with_fallback else "left out:"
    if isinstance(training, TrainingSet) and training.questions:
        return f"{training.fallbacks:,} {what} a fallback. "
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
    """What would be sent: its beginning, and all of it."""
    place = st.expander("Training files")
    with place:
        form = choose_form(preflight, "tune_form")
    with place.container(horizontal=True):
        for name, examples, build in (
            ("Training", preflight.training.train, preflight.jsonl),
            ("Validation", preflight.training.validation, preflight.validation_jsonl),
        ):
            st.download_button(
                name,
                partial(build, form),
                f"{name.lower()}-{project.id}.jsonl",
                "application/x-ndjson",
                icon=":material/download:",
                on_click="ignore",
                disabled=not examples,
                key=f"tune-download-{name}",
            )
    with place:
        _lengths(preflight)
        _lines(preflight, form)


def _lengths(preflight: Preflight) -> None:
    """How many tokens the lines have."""
    found = length_chart(preflight.lengths, "tokens", "lines", height=170)
    if found.n:
        told = (
            f"A line has about {found.shortest:,} to {found.longest:,} tokens, half of them {found.median:,} or fewer."
        )
        st.plotly_chart(found.figure, key="tune-lengths", config=STILL, alt=told)
        st.caption(told)


def _lines(preflight: Preflight, form: str) -> None:
    """Ten lines as the model learns from them, what all begin with once; or the first three as they are written."""
    views = {"seen": "As the model sees them", "written": "As they are written"}
    if pick_segment("Lines", views, key="tune_lines", label_visibility="collapsed") == "written":
        for line in preflight.sample(form=form):
            st.code(line, language=None, wrap_lines=True)
        return
    lines = preflight.seen()
    alike = _alike(lines)
    if alike:
        st.caption("Every line begins with:")
        st.code(_read(lines[0][:alike]), language=None, wrap_lines=True)
    st.caption(f"{count(len(lines), 'line')}, spread over all:")
    with st.container(height=420 if len(lines) > 3 else "content", border=False):
        for line in lines:
            st.code(_read(line[alike:]), language=None, wrap_lines=True)


def _alike(lines: Sequence[Sequence[tuple[str, str]]]) -> int:
    """With how many turns all begin alike; none where there is one line."""
    if len(lines) < 2:
        return 0
    turns = zip(*lines, strict=False)
    return next((place for place, both in enumerate(turns) if len(set(both)) > 1), 0)


def _read(turns: Sequence[tuple[str, str]]) -> str:
    return "\n\n".join(f"{who.upper()}\n{said}" for who, said in turns)


def _trouble(check: Check) -> None:
    show = st.error if check.level is Level.BLOCKER else st.warning
    icon = ":material/error:" if check.level is Level.BLOCKER else ":material/warning:"
    show(f"**{plain(check.title)}.** {plain(check.finding)} {plain(check.todo)}", icon=icon)


def _fine(check: Check) -> str:
    return f":small[:green[:material/check:] **{plain(check.title)}** :gray[{plain(check.finding)}]]"

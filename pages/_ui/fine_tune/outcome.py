"""What comes of a job: its curves, what the host said of it, and what to do with the model."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.model import FineTune, FineTuneEvent, FineTuneStatus, QuestionKind, Split
from core.services.hosts.vocabulary import EMBEDDED
from core.services.learning.fine_tuning import WRITES_ONLY, curves, follow_ups, kept_step, measuring, writes_only
from core.workbench import Workbench
from pages._ui.fine_tune.charts import STILL, Points, curve_chart, sides
from pages._ui.fine_tune.form import FROM, NEW, PROMPT
from pages._ui.fine_tune.launch import BASE, HOST
from pages._ui.shell.errors import guarded
from pages._ui.shell.frame import go, link
from pages._ui.shell.lead import own
from pages._ui.shell.press import is_pressed
from pages._ui.words.figures import number
from pages._ui.words.text import count, plain

_SCORES = {QuestionKind.SEVERAL_LABELS: "mean Jaccard", QuestionKind.SPANS: "strict F1"}
"""What the embedded host tells in the place of accuracy, by the kind of question."""


def how_it_went(job: FineTune, events: Sequence[FineTuneEvent], kind: QuestionKind) -> None:
    """The curves and, folded, the events they are made of; says so where there is neither."""
    _curves(job, events, score_of(job, kind))
    if events:
        with st.expander(f"{count(len(events), 'event')} from the host"):
            _events(events)
    elif not job.status.is_live:
        st.caption("The host reported nothing.")


def score_of(job: FineTune, kind: QuestionKind) -> str:
    """What the host's score of a step is."""
    if job.config.get("per_question"):
        return "mean score of the questions" if job.host == EMBEDDED.key else "accuracy"
    return _SCORES.get(kind, "accuracy") if job.host == EMBEDDED.key else "accuracy"


def _curves(job: FineTune, events: Sequence[FineTuneEvent], score: str) -> None:
    found = curves(events)
    loss, accuracy, kept = sides(found, "loss"), sides(found, "accuracy"), kept_step(job, events)
    if not loss and not accuracy:
        return
    if job.status is FineTuneStatus.SUCCEEDED and (ended := of_the_model(accuracy, score, kept)):
        st.markdown(f"**{plain(ended)}**")
    for column, points, what in zip(st.columns(2, gap="medium"), (loss, accuracy), ("loss", score), strict=True):
        if points:
            chart = curve_chart(points, what, kept)
            column.plotly_chart(chart, key=f"job-{job.id}-{what}", config=STILL, alt=f"{what} by step")
    st.caption(" ".join([basis_of_curves(job), *said_of_kept(kept, loss)]))


def of_the_model(accuracy: Mapping[str, Points], score: str, kept: float | None) -> str:
    """`Accuracy at the last step: .69 on validation, 1.00 on train`, or at the step that is `kept`, where that is
    known; empty where the host tells of none."""
    told = [(side, _at(accuracy[side], kept)) for side in ("validation", "train") if accuracy.get(side)]
    if not told:
        return ""
    where = "at the last step" if kept is None else f"at step {kept:,.0f}, which is kept"
    figures = ", ".join(f"{number(value)} on {side}" for side, (_, value) in told)
    return f"{score[0].upper()}{score[1:]} {where}: {figures}"


def _at(points: Points, step: float | None) -> tuple[float, float]:
    """The point at that step, or the last one up to it."""
    upto = [point for point in points if step is None or point[0] <= step]
    return upto[-1] if upto else points[0]


def basis_of_curves(job: FineTune) -> str:
    """On how many examples the curves stand, and what they are not."""
    on = f"{job.n_train:,} training" + (
        f" and {job.n_validation:,} validation examples" if job.n_validation else " examples"
    )
    return f"As the host reports it, on {on}. For a score with its interval, run the model and compare."


def said_of_kept(step: float | None, loss: Mapping[str, Points]) -> list[str]:
    """Which weights the model has, where that is known."""
    if step is None:
        return []
    validation = loss.get("validation", ())
    if validation and _at(validation, step)[1] <= min(value for _, value in validation):
        return [f"The model has the weights of step {step:,.0f}, where the validation loss was lowest."]
    return [f"The model has the weights of step {step:,.0f}."]


def _events(events: Sequence[FineTuneEvent]) -> None:
    st.dataframe(
        {
            "Time": [event.created_at for event in reversed(events)],
            "Level": [event.level for event in reversed(events)],
            "Message": [event.message for event in reversed(events)],
        },
        column_config={
            "Time": st.column_config.DatetimeColumn(format="HH:mm:ss", width="small"),
            "Level": st.column_config.TextColumn(width="small"),
            "Message": st.column_config.TextColumn(width="large"),
        },
        hide_index=True,
        height=240,
    )


def further(job: FineTune) -> dict[str, object]:
    """The form with the tuned model as the one to start from, and all else as it was chosen for it."""
    chosen = {FROM: job.annotator_id, PROMPT: job.prompt_version_id, HOST: job.host, BASE: job.fine_tuned_model}
    return {NEW: 1, **chosen}


def next_steps(wb: Workbench, job: FineTune, *, newest: bool) -> None:
    """Run it, compare it. `newest`: no later one has come to anything."""
    if writes_only(job):
        st.caption(f"{WRITES_ONLY} Its texts can be judged where a question of free text is asked about these items.")
        link("task", "Ask a further question", icon=":material/arrow_forward:")
        return
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
        if is_pressed("Tune it further", key=f"tune-further-{job.id}", type="tertiary", icon=":material/school:"):
            go("fine_tune", **further(job))


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

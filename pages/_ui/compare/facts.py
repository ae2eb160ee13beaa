"""What is different about A and B: their prompts, or what one of them has learned; and the report to take away."""

import re
from typing import Literal

import streamlit as st

from core.model import Project, Split
from core.services.agreement.comparison import Case, ComparisonView, Side
from core.services.hosts.models import tuned_title
from core.services.learning.fine_tuning import chosen_among
from core.workbench import Workbench
from pages._ui.fine_tune.jobs import spoken_parameters, what_is_a_line
from pages._ui.prompts.diff import show_difference
from pages._ui.shell.frame import link
from pages._ui.words.text import count, plain

_SHOWN = 20


def what_changed(wb: Workbench, view: ComparisonView) -> None:
    """The prompts' difference where they differ; the training where there was any."""
    a, b = view.a, view.b
    if a.version is not None and b.version is not None:
        if a.version.id != b.version.id:
            show_difference(wb, a.version, b.version)
        else:
            st.subheader("What changed", anchor=False)
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"Both are asked with the same prompt, **{plain(a.version.title)}**.", width="content")
                link("prompts", "Open the prompt", icon=":material/chat:", prompt=a.version.id)
    if a.fine_tune is None and b.fine_tune is None:
        return
    names = wb.projects.titles(view.reference.project_id)
    for column, (letter, side) in zip(st.columns(2, gap="medium"), (("A", a), ("B", b)), strict=True):
        with column.container(border=True, height="stretch"):
            _training(wb, letter, side, names, view)


def _training(wb: Workbench, letter: str, side: Side, names: dict[int, str], view: ComparisonView) -> None:
    job = side.fine_tune
    st.markdown(f"**{letter} · {plain(side.annotator.name)}**")
    if job is None:
        model = side.annotator.model
        st.markdown(f"{plain(model)} as it is, not fine-tuned" if model else "Not a model")
        return
    teacher = names.get(job.annotator_id, "?")
    taught = count(job.n_train, f"training {what_is_a_line(job)}")
    st.markdown(
        f"{plain(tuned_title(job))}: {plain(job.base_model)} on {plain(wb.hosts.title(job.host))}, "
        f"learned from **{plain(teacher)}**  \n"
        f"{taught}, {job.n_validation:,} for validation; {spoken_parameters(job)}"
    )
    if (among := chosen_among(job)) is not None:
        flattered = "Its score here is flattered by that." if view.split is Split.VALIDATION else ""
        st.caption(f"Chosen as the best of {among:,} tried, by their scores on validation. {flattered}".strip())
    if job.annotator_id != view.reference.id:
        st.caption(f"The reference here is {plain(view.reference.name)}, not the annotator it learned from.")


def report_button(
    wb: Workbench,
    project: Project,
    view: ComparisonView,
    fixed: list[Case],
    broken: list[Case],
    *,
    is_short: bool = False,
    look: Literal["primary", "secondary"] = "secondary",
) -> None:
    """One self-contained HTML page, made when asked for. `is_short`: for a narrow place, which it fills."""
    pair = f"{view.a.annotator.name}-{view.b.annotator.name}"
    st.download_button(
        "Report" if is_short else "Download the report",
        lambda: report_of(wb, project, view, fixed, broken),
        f"comparison-{re.sub(r'[^0-9A-Za-z]+', '-', pair).strip('-').lower()}.html",
        "text/html",
        type=look,
        icon=":material/download:",
        on_click="ignore",
        key="compare-report",
        width="stretch" if is_short else "content",
        help="Download the report: one HTML page with its charts, to send and keep. It needs nothing else to open.",
    )


def report_of(wb: Workbench, project: Project, view: ComparisonView, fixed: list[Case], broken: list[Case]) -> str:
    """That page."""
    return wb.export.report(project.id, view, fixed[:_SHOWN], broken[:_SHOWN])

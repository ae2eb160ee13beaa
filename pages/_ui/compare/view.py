"""The upper half of Compare: the conclusion, how large the difference is, and which items make it."""

import streamlit as st

from core.model import Project, Split
from core.services.agreement.comparison import Case, ComparisonView
from core.workbench import Workbench
from pages._ui.compare.charts import STILL, counts_of, outcome_bar, square
from pages._ui.compare.facts import report_button
from pages._ui.compare.queue import items_of, meaning
from pages._ui.compare.sides_table import show_sides
from pages._ui.review.links import review_link
from pages._ui.words.figures import p_value, percent, unbroken
from pages._ui.words.looks import test_is_in_view
from pages._ui.words.table import difference
from pages._ui.words.text import count, plain


def conclusion(wb: Workbench, project: Project, view: ComparisonView, fixed: list[Case], broken: list[Case]) -> None:
    """The result in one sentence, with an arrow only where the test carries one, and beside it the report."""
    looks(view)
    icon = ":gray[:material/drag_handle:]"
    if view.direction:
        icon = ":green[:material/trending_up:]" if view.direction > 0 else ":red[:material/trending_down:]"
    said, report = st.columns([7.2, 1])
    with said:
        st.markdown(f"#### {icon} {unbroken(plain(view.result()))}")
        if more := view.beyond():
            st.markdown(plain(more))
    with report:
        report_button(wb, project, view, fixed, broken, is_short=True)
    st.caption(plain(view.notes()))
    _learned_here(view)


def looks(view: ComparisonView) -> None:
    """How often the test split has been looked at, and why that is counted."""
    if view.split in (Split.TEST, None):
        test_is_in_view(f"test, look {view.look:,} at these two", f"{count(view.looks, 'look')} in all")


def _learned_here(view: ComparisonView) -> None:
    learned = [side.annotator.name for side in (view.a, view.b) if side.fine_tune is not None]
    if learned and view.split is Split.TRAIN:
        st.warning(
            f"{plain(' and '.join(learned))} learned from train items: a score on them says nothing about new ones.",
            icon=":material/warning:",
        )


def scores(view: ComparisonView) -> None:
    """How large the difference is and whether it can be told from luck; beside it the figures of both."""
    figures = view.figures
    with st.container(key="compare-figures"):
        tiles, sides = st.columns([1, 4.2], gap="small")
    with tiles:
        with st.container(key="compare-difference", gap=None):
            title, (a, b, score) = view.headline()
            said = difference(a, b, score)
            st.metric("Difference, B − A", said.text, help=plain(said.title))
            if figures.headline_p is not None:
                st.caption(f"{plain(title)}, {unbroken(p_value(figures.headline_p))}")
            st.caption(plain(score.undefined) if score.value is None else unbroken(f"{said.faint} n = {score.n:,}"))
        with st.container(gap=None):
            p = figures.test.mid_p
            st.metric("McNemar, mid-p", "undefined" if p is None else p_value(p), help=plain(view.method()))
            of_same = "" if figures.headline_p is None else "of saying exactly the same: "
            st.caption(of_same + unbroken(plain(figures.test.undefined if p is None else view.level_in_words())))
    with sides:
        show_sides(view)


def outcomes(view: ComparisonView) -> None:
    """The four-part bar; each part's name opens exactly those items in Review."""
    figures = view.figures
    counts = counts_of(figures)
    st.plotly_chart(
        outcome_bar(figures),
        key="compare-bar",
        config=STILL,
        alt=", ".join(f"{outcome.words} {items}" for outcome, items in counts.items()),
    )
    places = st.container(key="compare-outcomes").columns(4)
    for column, (outcome, items) in zip(places, counts.items(), strict=True):
        with column.container(gap=None):
            about = f"{square(outcome)} **{outcome.words} {items:,}**"
            if items:
                review_link(about, icon=None, **items_of(view, outcome))
            else:
                st.markdown(f":small[{about}]")
            st.caption(f"{percent(items / figures.n)} · {meaning(outcome)}")

"""The items on which A and B differ, or are both wrong, as they were labelled."""

from collections.abc import Mapping

import streamlit as st

from core.model import Outcome
from core.services.agreement.comparison import Case, ComparisonView
from pages._ui.compare.charts import counts_of
from pages._ui.compare.queue import items_of, meaning
from pages._ui.review.links import review_link
from pages._ui.shell.pick import pick_segment
from pages._ui.words.parts import in_a_line
from pages._ui.words.table import Cell, Heading, table

CASES = 50
LISTED = (Outcome.FIXED, Outcome.BROKEN, Outcome.STILL_WRONG)
_LONGEST = 600
_TALL = 330
_NO_COLOR = "#7D838C"


def case_lists(view: ComparisonView, listed: Mapping[Outcome, list[Case]], colors: Mapping[str, str]) -> None:
    """The items of one of these outcomes, chosen in the URL; a label has its colour, as everywhere."""
    st.subheader("Item by item", anchor=False)
    totals = counts_of(view.figures)
    kinds = {str(outcome): f"{outcome.words.capitalize()} {totals[outcome]:,}" for outcome in listed}
    first = next((str(outcome) for outcome, cases in listed.items() if cases), None)
    outcome = Outcome(pick_segment("Items", kinds, key="compare_items", default=first, label_visibility="collapsed"))
    _listed(view, outcome, listed[outcome], totals[outcome], colors)


def _listed(view: ComparisonView, outcome: Outcome, cases: list[Case], total: int, colors: Mapping[str, str]) -> None:
    if not cases:
        st.caption(f"No item: {meaning(outcome)}.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(meaning(outcome) + (f"; {len(cases)} of {total:,} are shown" if total > len(cases) else ""))
        review_link(f"Open {'it' if total == 1 else f'all {total:,}'} in Review", **items_of(view, outcome))
    headings = [Heading("Text"), *(Heading(who) for who in ("Reference", "A", "B"))]
    # What is said in several words has no one colour, and is broken where a chip is not.
    is_open = view.figures.headline_p is not None
    table(headings, [_row(case, colors, is_open=is_open) for case in cases], key=f"compare_{outcome}", tall=_TALL)


def _row(case: Case, colors: Mapping[str, str], *, is_open: bool) -> list[Cell]:
    said = [
        Cell(label, chip="" if is_open else colors.get(label) or _NO_COLOR)
        for label in (case.reference, case.a, case.b)
    ]
    return [Cell(in_a_line(case.item)[:_LONGEST], title=in_a_line(case.item)[:_LONGEST]), *said]

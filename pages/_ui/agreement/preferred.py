"""Which of the compared candidates the reference prefers, and which the annotators who are held against it."""

import streamlit as st

from core.model import Estimate, Task
from core.services.agreement.agreeing import AgreementView
from core.services.agreement.preferred import Preferred, preferred_of
from pages._ui.words.table import Cell, Heading, figure, table

_ABOUT = (
    "Strengths after Bradley and Terry, on the log-odds scale, with 95 % intervals: two that are 1 apart, the stronger "
    "is preferred 73 times of 100; 2 apart, 88 times. They add up to 0, and a tie counts half for each."
)
_ROOM = 0.2


def preferred_candidates(view: AgreementView, task: Task) -> None:
    """A row a candidate, the strongest by the reference first; nothing where the question compares nothing."""
    found = preferred_of(view, task)
    if not found:
        return
    st.subheader("Which candidate is preferred", anchor=False)
    table(headings(found), rows(found), key="agreement-preferred")
    st.caption(_ABOUT)


def headings(found: list[Preferred]) -> list[Heading]:
    """All on one axis, so that they can be compared across."""
    shown = [one.strength for each in found for one in each.strengths]
    ends = [abs(end) for one in shown for end in (one.low, one.high) if end is not None]
    farthest = max(ends, default=1.0) + _ROOM
    width = f"{76 // len(found)}%"
    return [
        Heading("Candidate", width="24%"),
        *(
            Heading(one.annotator.name, axis=(-farthest, farthest), beside=True, width=width, least="150px")
            for one in found
        ),
    ]


def rows(found: list[Preferred]) -> list[list[Cell]]:
    reference = found[0].strengths
    order = sorted(range(len(reference)), key=lambda place: -_value(reference[place].strength))
    return [
        [
            Cell(reference[place].name, f"{reference[place].strength.n:,} comparisons"),
            *(figure(each.strengths[place].strength, each.annotator.color, signed=True) for each in found),
        ]
        for place in order
    ]


def _value(one: Estimate) -> float:
    return float("-inf") if one.value is None else one.value

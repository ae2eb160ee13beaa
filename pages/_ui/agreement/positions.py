"""Whether what is shown first is preferred: a row for each who compared two candidates in a known order."""

import streamlit as st

from core.services.agreement.agreeing import AgreementView
from core.services.agreement.positions import Position
from pages._ui.words.table import Cell, Heading, figure, table
from pages._ui.words.text import count, plain

_ABOUT = (
    "Ties are left out of both. At 50 % there is no preference for a place. Answers that change with the order are of "
    "models asked in both orders (Runs, Options), on the items they decided both times."
)
_AS_GIVEN = "as in the data"
_ABOUT_GIVEN = " “As in the data”: nothing was swapped, so the share also says how often the first one is better."


def position_bias(view: AgreementView) -> None:
    """Nothing where nobody's order is known."""
    if not view.positions:
        return
    st.subheader("Is what is shown first preferred?", anchor=False)
    table(headings(), rows(view.positions), key="agreement-positions")
    given = _ABOUT_GIVEN if any(one.is_given for one in view.positions) else ""
    st.caption(plain(_ABOUT + given))


def headings() -> list[Heading]:
    return [
        Heading("Who", width="26%"),
        Heading("Prefers the one shown first", axis=(0.0, 1.0), beside=True, width="34%", least="150px"),
        Heading("Items", right=True),
        Heading("Changes with the order", axis=(0.0, 1.0), beside=True, width="28%", least="150px"),
        Heading("Ties", "Items that were a tie in one of the two orders or in both.", right=True),
    ]


def rows(positions: tuple[Position, ...]) -> list[list[Cell]]:
    return [
        [
            Cell(one.annotator.name, color=one.annotator.color, note=_AS_GIVEN if one.is_given else ""),
            figure(one.preferred_first, one.annotator.color),
            Cell(f"{one.preferred_first.n:,}"),
            Cell() if one.flipped is None else figure(one.flipped, one.annotator.color),
            Cell() if one.flipped is None else Cell(f"{one.ties:,}", title=count(one.ties, "item")),
        ]
        for one in positions
    ]

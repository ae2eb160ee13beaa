"""People among themselves: what a model can be held to."""

import streamlit as st

from core.services.agreement.agreeing import AgreementView
from pages._ui.agreement.figures_table import axis_from
from pages._ui.words.table import Cell, Heading, figure, table
from pages._ui.words.text import plain

_EVERYBODY = "#7D838C"


def people_among_themselves(view: AgreementView) -> None:
    """All of them together and each against the rest; nothing where there are fewer than three."""
    rows = view.people.rows() if view.people else []
    if not rows or view.people is None:
        return
    st.subheader("People among themselves", anchor=False)
    colors = {one.name: one.color for one in view.people.annotators}
    cells = [
        [
            Cell(who, color=colors.get(who, _EVERYBODY)),
            Cell(what),
            figure(one, colors.get(who, _EVERYBODY)),
            Cell(f"{one.n:,}"),
        ]
        for who, what, one in rows
    ]
    columns = [
        Heading("Who"),
        Heading("Measure"),
        Heading("95 % interval", axis=axis_from([one for *_, one in rows]), beside=True, width="45%"),
        Heading("Items", right=True),
    ]
    table(columns, cells, key="agree_people", tall=_TALL)
    where = f"{view.split} items" if view.split else "items of all splits"
    st.caption(
        plain(
            f"On the {where} that at least two people (or imported columns) have labelled; Fleiss' kappa on those that "
            "all of them have. “Agrees with the others” is how often one's label matches another's on the same item."
        )
    )


_TALL = 330

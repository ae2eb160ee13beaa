"""People among themselves: what a model can be held to."""

import streamlit as st

from core.model import Estimate, Split
from core.services.agreement.agreeing import AgreementView
from core.services.agreement.people import People
from pages._ui.agreement.figures_table import axis_from
from pages._ui.shell.fold import fold
from pages._ui.words.figures import with_interval
from pages._ui.words.table import Cell, Heading, figure, table
from pages._ui.words.text import plain

_EVERYBODY = "#7D838C"
_TALL = 330


def people_among_themselves(view: AgreementView) -> None:
    """All of them together and each against the rest; nothing where there are fewer than three."""
    rows = view.people.rows() if view.people else []
    if not rows or view.people is None:
        return
    together = " · ".join(f"{what} {with_interval(one)}" for _, what, one in rows[: 1 if view.people.pairs else 2])
    title = f"People among themselves: {plain(together)}"
    place = fold(title, key="agree_people")
    if place.open:
        with place:
            _table(view.people, rows, view.split)


def _table(people: People, rows: list[tuple[str, str, Estimate]], split: Split | None) -> None:
    colors = {one.name: one.color for one in people.annotators}
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
    table(columns, cells, key="agree_people_table", tall=_TALL)
    st.caption(plain(_about(people, f"{split} items" if split else "items of all splits")))


def _about(people: People, where: str) -> str:
    on = f"On the {where} that at least two people (or imported columns) have labelled"
    if people.pairs:
        return f"{on}; two of them on those that both have."
    return (
        f"{on}; Fleiss' kappa on those that all of them have. “Agrees with the others” is how often one's label "
        "matches another's on the same item."
    )

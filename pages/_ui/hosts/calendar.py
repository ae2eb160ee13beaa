"""When the models end that the projects stand on, the next one first; a day can be typed in."""

from datetime import date

import streamlit as st

from core.services.hosts.calendar import URGENT_DAYS, Ending
from core.workbench import Workbench
from pages._ui.shell.errors import guarded
from pages._ui.shell.model_endings import forget_endings
from pages._ui.shell.pick import pick
from pages._ui.shell.press import is_submitted
from pages._ui.words.table import Cell, Heading, table

ENDING = "ending"
_RED, _AMBER, _GREY = "#C0392B", "#E07B39", "#7D838C"


def calendar(wb: Workbench) -> None:
    """Nothing where no model was ever asked."""
    endings = wb.calendar.all()
    if not endings:
        return
    today = date.today()
    st.subheader("When models end", anchor=False)
    st.caption(
        "Every model that a project stands on. Record golden answers on Fine-tune before one ends: afterwards nobody "
        "can ask it again. A tuned model ends with the model it was made from."
    )
    headings = [
        Heading("Ends", width="9rem"),
        Heading("Days left", right=True, width="6rem"),
        Heading("Model", least="14rem"),
        Heading("Host"),
        Heading("Projects", least="10rem"),
        Heading("Who says so", least="12rem"),
    ]
    table(headings, [_row(one, today) for one in endings], key="endings")
    _type_in(wb, endings)


def _row(one: Ending, today: date) -> list[Cell]:
    projects = ", ".join(project.name for project in one.projects)
    days = one.days_left(today)
    if one.end is None or days is None:
        ends, left = Cell("not known", color=_GREY), Cell("–")
        if one.is_own:
            ends = Cell("never", color=_GREY)
        return [ends, left, Cell(one.model), Cell(one.host_title), Cell(projects), Cell(one.why)]
    color = _RED if days <= 0 else _AMBER if days <= URGENT_DAYS else _GREY
    left = Cell("ended" if days <= 0 else f"{days:,}")
    successor = f"; named successor {one.end.successor}" if one.end.successor else ""
    return [
        Cell(f"{one.end.day.day} {one.end.day:%b %Y}", color=color),
        left,
        Cell(one.model),
        Cell(one.host_title),
        Cell(projects),
        Cell(one.end.source + successor),
    ]


def _type_in(wb: Workbench, endings: list[Ending]) -> None:
    with st.expander("Type in a date"):
        names = {str(place): f"{one.model} on {one.host_title}" for place, one in enumerate(endings)}
        chosen = endings[int(pick("Which model ends", names, key=ENDING))]
        typed = wb.retirements.typed(chosen.host, chosen.model)
        with st.form("type-in-end", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
            day = st.date_input(
                "Day from which it does not answer",
                value=typed.day if typed else None,
                key=f"end-{chosen.host}-{chosen.model}",
                format="YYYY-MM-DD",
            )
            if is_submitted("Save the date", key="save-end", icon=":material/event:"):
                with guarded():
                    wb.calendar.type_in(chosen.host, chosen.model, day if isinstance(day, date) else None)
                    forget_endings()
                    st.rerun()
        st.caption("It goes before what the host or a file says. Empty takes it back.")

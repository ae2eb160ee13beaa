"""Models in use that end soon, said beside every page."""

from datetime import date

import streamlit as st

from core.errors import WorkbenchError
from core.services.hosts.calendar import Ending
from core.workbench import Workbench
from pages._ui.shell.navigation import page
from pages._ui.words.text import count, plain

_KEPT_SECONDS = 60


def warn_of_endings(wb: Workbench) -> None:
    """In one line with the way to the calendar; nothing where none ends soon."""
    try:
        urgent = _urgent(wb, str(wb.settings.database_path), date.today())
    except WorkbenchError:  # the pages say what is wrong with the database
        return
    if urgent:
        st.warning(plain(endings_in_words(urgent, date.today())), icon=":material/event_upcoming:")
        st.page_link(page("hosts"), label="When models end", icon=":material/calendar_month:")


def endings_in_words(urgent: list[Ending], today: date) -> str:
    """The next one, and how many more."""
    first, days = urgent[0], urgent[0].days_left(today) or 0
    when = f"ends in {count(days, 'day')}" if days > 0 else "has ended"
    more = f" {count(len(urgent) - 1, 'more model')} in use {'ends' if len(urgent) == 2 else 'end'} soon or has ended."
    return f"{first.model} {when}." + (more if len(urgent) > 1 else "")


def forget_endings() -> None:
    """A day was typed in: it is looked up anew."""
    _urgent.clear()


@st.cache_data(ttl=_KEPT_SECONDS, max_entries=8, show_spinner=False)
def _urgent(_wb: Workbench, database: str, today: date) -> list[Ending]:
    return _wb.calendar.urgent(today)

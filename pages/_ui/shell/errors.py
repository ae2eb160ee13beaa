"""Trouble on a page: one clear sentence, and the rest of the page goes on where it can."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.errors import WorkbenchError
from pages._ui.words.text import plain

HELD = "errors:held"
TOLD = "errors:told"
"""What `trouble` finds in the way just now: said above the page."""
SAID = "errors:said"
"""What the page as it is drawn has said of what it held: `trouble` does not say it again above."""


def show_error(error: WorkbenchError) -> None:
    """The sentence and what to do next."""
    st.error(plain(f"{error.message} {error.hint}"), icon=":material/error:")


def held() -> list[WorkbenchError]:
    """What is to be said with the next page that is drawn, for what is met before it is. Changed in place."""
    waiting: list[WorkbenchError] = st.session_state.setdefault(HELD, [])
    return waiting


def show_held() -> None:
    """Says each sentence once, and none that is said above."""
    said = st.session_state.setdefault(SAID, set())
    waiting = held()
    news = list(waiting)
    for error in news:
        if error.message not in {*said, st.session_state.get(TOLD)}:
            said.add(error.message)
            show_error(error)
    waiting[:] = [error for error in waiting if error not in news]  # another run may have added some


@contextmanager
def needed() -> Iterator[None]:
    """Shows a `WorkbenchError` and ends the page: for what nothing on it can do without."""
    try:
        yield
    except WorkbenchError as error:
        show_error(error)
        st.stop()


@contextmanager
def guarded() -> Iterator[None]:
    """Shows a `WorkbenchError` instead of what would have come; anything else is a bug and passes through."""
    try:
        yield
    except WorkbenchError as error:
        show_error(error)

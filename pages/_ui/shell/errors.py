"""Trouble on a page: one clear sentence, and the rest of the page goes on where it can."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.errors import Passing, WorkbenchError
from pages._ui.words.text import plain

HELD = "errors:held"
TOLD = "errors:told"
"""What `trouble` finds in the way just now: said above the page."""
SAID = "errors:said"
"""What the page as it is drawn has said of what it held or cannot do without: `trouble` does not say it again."""


def show_error(error: WorkbenchError) -> None:
    """The sentence and what to do next."""
    st.error(plain(f"{error.message} {error.hint}"), icon=":material/error:")


def held() -> list[WorkbenchError]:
    """What is to be said with the next page that is drawn, for what is met before it is. Changed in place."""
    waiting: list[WorkbenchError] = st.session_state.setdefault(HELD, [])
    return waiting


def said() -> list[WorkbenchError]:
    """What the page as it is drawn has said so far of what stands in its way. Changed in place."""
    so_far: list[WorkbenchError] = st.session_state.setdefault(SAID, [])
    return so_far


def is_passing_said() -> bool:
    """Whether the page says something that may be over by now."""
    return any(isinstance(error, Passing) for error in said())


def show_held() -> None:
    """Says each sentence once, and none that is said above."""
    waiting = held()
    news = list(waiting)
    for error in news:
        if error.message not in {st.session_state.get(TOLD), *(one.message for one in said())}:
            said().append(error)
            show_error(error)
    waiting[:] = [error for error in waiting if error not in news]  # another run may have added some


@contextmanager
def needed() -> Iterator[None]:
    """`guarded`, for what nothing on the page can do without: what would have come is all there is to come."""
    try:
        yield
    except WorkbenchError as error:
        said().append(error)
        show_error(error)


@contextmanager
def guarded() -> Iterator[None]:
    """Shows a `WorkbenchError` instead of what would have come; anything else is a bug and passes through."""
    try:
        yield
    except WorkbenchError as error:
        show_error(error)


@contextmanager
def told_later() -> Iterator[None]:
    """Holds a `WorkbenchError` for the next page that is drawn: what this one was about is done."""
    try:
        yield
    except WorkbenchError as error:
        held().append(error)

"""Trouble on a page: one clear sentence, and the rest of the page goes on where it can."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.errors import WorkbenchError
from pages._ui.words.text import plain


def show_error(error: WorkbenchError) -> None:
    """The sentence and what to do next."""
    st.error(plain(f"{error.message} {error.hint}"), icon=":material/error:")


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

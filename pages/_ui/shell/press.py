"""Presses that are not lost, and what they set off done whole.

Streamlit tells a script once that a button was pressed. Where another message of the browser (a field that is left, a
component that reports) ends that run before it acts, the next run knows nothing of it. Here the press is noted before
the script begins, and waits until somebody asks for it: at the act itself, not where the button is drawn. Another page
forgets it. What the act then changes in the session is seen through `to_the_end`.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException

_WAITING = "press:waiting"
_PAGE = "press:page"


class Press:
    """Of a button: true where it was pressed since that was asked last. So ask where it is acted upon."""

    def __init__(self, key: str) -> None:
        self._key, self._is_taken = key, False

    def __bool__(self) -> bool:
        waiting = _waiting()
        if self._key in waiting:
            self._is_taken = True
            waiting.discard(self._key)
        return self._is_taken


def is_pressed(label: str, *, key: str = "", **look: Any) -> Press:
    """`st.button`. Without a `key` its label is one."""
    return _draw(st.button, label, key, look)


def is_submitted(label: str, *, key: str = "", **look: Any) -> Press:
    """`st.form_submit_button`, likewise."""
    return _draw(st.form_submit_button, label, key, look)


def to_the_end(act: Callable[[], None]) -> None:
    """Do it whole, where another rerun is asked for meanwhile; `act` may be begun anew, so twice must be as once.

    Each access to the session state is a point where Streamlit may end a callback, which is not called again: if that
    rerun shows another page, what was typed would be gone with its editor.
    """
    interruption: RerunException | None = None
    while True:
        try:
            act()
            break
        except RerunException as request:
            interruption = request
    if interruption:
        raise interruption


def begin_presses(page: str) -> None:
    """For `app.py` alone, before the page: what was pressed on another one is meant no more."""
    if st.session_state.get(_PAGE) != page:
        st.session_state[_PAGE] = page
        end_presses()


def end_presses() -> None:
    """For `app.py` alone, after the page: a button that was not drawn, though all was, is not there any more."""
    _waiting().clear()


def _draw(button: Callable[..., bool], label: str, key: str, look: dict[str, Any]) -> Press:
    key = key or f"press:{label}"
    button(label, key=key, on_click=_note, args=(key,), **look)
    if look.get("disabled"):
        _waiting().discard(key)
    return Press(key)


def _note(key: str) -> None:
    to_the_end(lambda: _waiting().add(key))


def _waiting() -> set[str]:
    found: set[str] = st.session_state.setdefault(_WAITING, set())
    return found

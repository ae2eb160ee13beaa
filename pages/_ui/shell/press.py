"""Buttons whose press is not lost.

Streamlit tells a script once that a button was pressed. Where another message of the browser (a field that is left, a
component that reports) ends that run before it comes to the button, the next run knows nothing of it. Here the press is
noted before the script begins, and waits until the script has come to the button; another page forgets it.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages._ui.shell.drafts import to_the_end

_WAITING = "press:waiting"
_PAGE = "press:page"


def is_pressed(label: str, *, key: str = "", **look: Any) -> bool:
    """`st.button`: whether it was pressed since the script was here last. Without a `key` its label is one."""
    return _draw(st.button, label, key, look)


def is_submitted(label: str, *, key: str = "", **look: Any) -> bool:
    """`st.form_submit_button`, likewise."""
    return _draw(st.form_submit_button, label, key, look)


def begin_presses(page: str) -> None:
    """For `app.py` alone, before the page: what was pressed on another one is meant no more."""
    if st.session_state.get(_PAGE) != page:
        st.session_state[_PAGE] = page
        end_presses()


def end_presses() -> None:
    """For `app.py` alone, after the page: a button that was not drawn, though all was, is not there any more."""
    _waiting().clear()


def _draw(button: Callable[..., bool], label: str, key: str, look: dict[str, Any]) -> bool:
    key = key or f"press:{label}"
    button(label, key=key, on_click=_note, args=(key,), **look)
    waiting = _waiting()
    if key not in waiting:
        return False
    waiting.discard(key)
    return not look.get("disabled")


def _note(key: str) -> None:
    to_the_end(lambda: _waiting().add(key))


def _waiting() -> set[str]:
    found: set[str] = st.session_state.setdefault(_WAITING, set())
    return found

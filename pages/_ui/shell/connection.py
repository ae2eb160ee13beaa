"""A connection that broke and came back: what was chosen stays chosen.

While it is down the browser may lose parts of the page, and draws them anew when it is back. A widget that is drawn
anew stands at the value it is said to begin with, and reports that as if somebody had chosen it. So each begins with
what the session holds (`value_of`, `place_of`, `these_of`, `text_of`). What may be empty has to begin empty, or nobody
could empty it again: such a widget is told its value until the page has been drawn whole over the new connection
(`keep`); not for ever, since then a choice made meanwhile would flicker.
"""

from collections.abc import Sequence
from typing import TypeVar

import streamlit as st
from streamlit import runtime

Value = TypeVar("Value")

_DRAWN_OVER = "connection:drawn"


def keep(key: str) -> str:
    """The key, for the widget that is drawn next: it holds on to its value over a new connection."""
    if key in st.session_state and is_new():
        st.session_state[key] = st.session_state[key]
    return key


def text_of(key: str, usual: str = "") -> str:
    """The text to begin with, for the widget of this key that is drawn next."""
    return value_of(key, usual)


def value_of(key: str, usual: Value) -> Value:
    """The value to begin with, of the kind of `usual`; none where that is none, since the widget can be emptied."""
    held = st.session_state.get(key, usual)
    return held if type(held) is type(usual) else usual


def place_of(key: str, options: Sequence[object], usual: int | None = 0) -> int | None:
    """The place of the option to begin with; none where `usual` is none, since the choice can be emptied."""
    held = st.session_state.get(key)
    return options.index(held) if usual is not None and held in options else usual


def these_of(key: str, options: Sequence[Value], usual: Sequence[Value]) -> list[Value]:
    """The options to begin with, where several can be chosen."""
    held = st.session_state.get(key)
    return [one for one in (usual if held is None else held) if one in options]


def is_new() -> bool:
    """Whether the page has not been drawn whole over this connection yet."""
    return st.session_state.get(_DRAWN_OVER) != present()


def drawn(over: str | None) -> None:
    """The page is drawn whole, begun `over` that connection: for `app.py` alone, at its very end.

    Where the connection is another by now, what was drawn before it came went nowhere: the page is as good as undrawn.
    """
    if over == present():
        st.session_state[_DRAWN_OVER] = over


def present() -> str | None:
    """What sets the connection apart that there is now: a browser sends another key with every websocket it opens."""
    return st.context.headers.get("Sec-WebSocket-Key") if runtime.exists() else None

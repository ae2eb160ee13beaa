"""A connection that broke and came back: what was chosen stays chosen.

While it is down the browser may lose parts of the page, and draws them anew when it is back. A widget that is drawn
anew and is told nothing else stands at its first option, and reports that as if somebody had chosen it. So it is told:
until the page has been drawn whole over the new connection, each is given the value that the session holds (`keep`).
Not always, since then a choice made meanwhile would flicker; and not to what one types in, since that would take away
what is being typed: such a widget begins with the text that the session holds, should it begin anew (`text_of`).
"""

import streamlit as st
from streamlit import runtime

_DRAWN_OVER = "connection:drawn"


def keep(key: str) -> str:
    """The key, for the widget that is drawn next: it holds on to its value over a new connection."""
    if key in st.session_state and is_new():
        st.session_state[key] = st.session_state[key]
    return key


def text_of(key: str, usual: str = "") -> str:
    """The text to begin with, for the widget of this key that is drawn next."""
    held = st.session_state.get(key, usual)
    return held if isinstance(held, str) else usual


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

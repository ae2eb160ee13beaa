"""A part of a page that stands folded behind one line until it is asked for."""

from collections.abc import Sequence

import streamlit as st
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer

from pages._ui.shell.address import news, settle, write
from pages._ui.shell.connection import keep


def fold(
    label: str, *, key: str, default: bool = False, asked: Sequence[str] = (), icon: str | None = None
) -> ExpanderContainer:
    """Lives in the URL as 1 or 0; a link that chooses under one of the keys `asked`, for what is inside, opens it.

    What costs time to draw is drawn only where it is `open`.
    """
    is_told = news(key) is not None
    settle("", key, {"1": True, "0": False}.get, lambda held: isinstance(held, bool), default)
    if _is_asked(f"{key}:asked", asked) and not is_told:
        st.session_state[key] = True
    place = st.expander(label, key=keep(key), icon=icon, on_change="rerun")
    write(key, "1" if place.open else "0")
    return place


def _is_asked(seen: str, keys: Sequence[str]) -> bool:
    """Whether the link says something new here; while what is inside is not drawn it goes on saying the same."""
    now = tuple(news(key) for key in keys)
    is_new = any(one is not None for one in now) and now != st.session_state.get(seen)
    st.session_state[seen] = now
    return is_new

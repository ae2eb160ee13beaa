"""A part of a page that stands folded behind one line until it is asked for."""

import streamlit as st
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer

from pages._ui.shell.address import settle, write
from pages._ui.shell.connection import keep


def fold(label: str, *, key: str, default: bool, icon: str) -> ExpanderContainer:
    """Lives in the URL as 1 or 0. What costs time to draw is drawn only where it is `open`."""
    settle("", key, {"1": True, "0": False}.get, lambda held: isinstance(held, bool), default)
    place = st.expander(label, key=keep(key), icon=icon, on_change="rerun")
    write(key, "1" if place.open else "0")
    return place

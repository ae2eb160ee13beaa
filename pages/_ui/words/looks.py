"""What is said where a model's answers on test are in view."""

import streamlit as st

_WHY = (
    "A model's answers on test, shown on any page, count as one look until something new is said there. The more "
    "often you look and then change something, the more it fits these very items, and the less the score says about "
    "new ones. Choose on validation; look at test at the end."
)


def test_is_in_view(said: str, more: str) -> None:
    """One line, to stand where test is chosen: what it has cost so far."""
    st.caption(f":material/lock: **{said}** · {more}", help=_WHY)

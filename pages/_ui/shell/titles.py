"""What was chosen, where its title has changed since.

A browser says which option is chosen by its title as it was drawn. Once something is renamed, Streamlit knows no such
option any more and hands the old title on as if it were one. So the titles that were drawn are remembered with their
ids.
"""

from collections import Counter
from collections.abc import Mapping

import streamlit as st


def hold_ids(key: str, options: Mapping[str, str]) -> None:
    """Let the key hold an id again where it holds a title that one of the options (id -> title) had when drawn.

    Where what it holds is called otherwise by now, the browser is told.
    """
    drawn: Mapping[str, str] = st.session_state.get(_drawn(key), {})
    held = st.session_state.get(key)

    def meant(one: object) -> object:
        return drawn[one] if isinstance(one, str) and one not in options and drawn.get(one) in options else one

    now = [meant(one) for one in held] if isinstance(held, list) else meant(held)
    chosen = now if isinstance(now, list) else [now]
    if now != held or (drawn and any(options.get(one, "") not in ("", *drawn) for one in chosen)):
        st.session_state[key] = now


def remember(key: str, options: Mapping[str, str]) -> None:
    """Note the titles that are drawn; one that two options have says of neither that it is meant."""
    drawn: Mapping[str, str] = st.session_state.get(_drawn(key), {})
    times = Counter(options.values())
    present = {title: one for one, title in options.items() if times[title] == 1}
    before = {title: one for title, one in drawn.items() if one in options and title not in times}
    st.session_state[_drawn(key)] = before | present


def _drawn(key: str) -> str:
    return f"{key}:titles"

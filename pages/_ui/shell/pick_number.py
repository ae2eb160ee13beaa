"""Numbers that live in the URL."""

from math import isfinite
from typing import Literal

import streamlit as st

from pages._ui.shell.address import news, say_unknown, settle, write
from pages._ui.shell.connection import keep

_LARGEST = 2**53 - 1  # beyond it a browser counts no more


def pick_number(label: str, *, key: str, most: int, default: int, help: str = "") -> int:
    """A whole number from 1 to `most`; one in the URL that does not fit counts as the default."""

    def read(given: str) -> int | None:
        return int(given) if given.isascii() and given.isdigit() and 1 <= int(given[:12]) <= most else None

    settle(label, key, read, lambda held: isinstance(held, int) and 1 <= held <= most, default)
    chosen = st.number_input(label, 1, most, st.session_state[key], key=key, help=help or None, persist_state="session")
    write(key, str(chosen))
    return chosen


def pick_how_many(label: str, *, key: str, most: int, usual: int, help: str = "") -> int:
    """How many of `most`: as many as are `usual` until a number is typed, and again where it is taken away.

    What was typed is remembered where there are fewer and holds again where there are more; it is what the URL has.
    """
    typed = f"{key}:typed"

    def note() -> None:
        st.session_state[typed] = st.session_state[key]

    given = news(key)
    if given is not None:
        st.session_state[typed] = _read(given, 1, _LARGEST)
        if given and st.session_state[typed] is None:
            say_unknown(label, given)
    wanted = st.session_state.get(typed)
    shown = min(most, usual if wanted is None else wanted)
    st.session_state[key] = shown
    # Only what was typed has something to be taken away.
    clearable: Literal["min"] | None = "min" if wanted is None else None
    st.number_input(label, 1, most, clearable, key=keep(key), help=help or None, on_change=note)
    write(key, "" if wanted is None else str(wanted))
    return shown


def pick_open_number(
    label: str, *, key: str, least: float, most: float = _LARGEST, placeholder: str, help: str = "", **more: object
) -> float | None:
    """A number that may be left open, None and empty in the URL then; a whole one where `least` is."""

    def fits(held: object) -> bool:
        return held is None or (type(held) is type(least) and least <= held <= most)

    settle(label, key, lambda given: _read(given, least, most), fits, None)
    chosen = st.number_input(
        label,
        least,
        None if most == _LARGEST else most,
        None,
        key=keep(key),
        placeholder=placeholder,
        help=help or None,
        persist_state="session",
        **more,  # type: ignore[arg-type]
    )
    write(key, "" if chosen is None else f"{chosen:.15g}")
    return chosen


def _read(given: str, least: float, most: float) -> float | None:
    """What is written there; None where that is no number of the kind of `least`, or out of bounds."""
    try:
        value = type(least)(given)
    except ValueError:
        return None
    return value if isfinite(value) and least <= value <= most else None

"""Choices that live in the URL by their ids, always spelled out, so that a link means the same tomorrow as today.

Streamlit's own binding spells a choice by its title, drops defaults, and loses an id it is given on the first run; so
the URL is kept here: read before the widget is drawn, written after. What a link names that is not there is said.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextvars import ContextVar
from math import isfinite
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages._ui.shell.connection import keep, place_of, text_of, these_of
from pages._ui.shell.titles import hold_ids, remember
from pages._ui.words.text import plain

_MANY = ","
_LONGEST = 200
_LARGEST = 2**53 - 1  # beyond it a browser counts no more
# Where the running script says what its link names in vain, and what it has said so far.
_NOTICE: ContextVar[tuple[DeltaGenerator, list[str]] | None] = ContextVar("notice", default=None)


def pick(
    label: str,
    options: Mapping[str, str],
    *,
    key: str,
    default: str | None = None,
    help: str = "",
    label_visibility: str = "visible",
    on_change: Callable[[], None] | None = None,
) -> str:
    """One of the options (id -> title as shown). An id in the URL that is none of them is said; the default stands."""
    first = default if default in options else next(iter(options))
    hold_ids(key, options)
    _settle(label, key, lambda given: given if given in options else None, lambda held: held in options, first)
    chosen = st.selectbox(
        label,
        list(options),
        place_of(key, list(options)),
        format_func=lambda one: options.get(one, one),
        key=key,
        help=help or None,
        label_visibility=label_visibility,  # type: ignore[arg-type]
        on_change=on_change or "rerun",
        persist_state="session",
    )
    remember(key, options)
    chosen = chosen if chosen in options else first
    _write(key, chosen)
    return chosen


def pick_open(label: str, options: Mapping[str, str], *, key: str, within: str, help: str = "", **more: object) -> str:
    """`pick` that takes what is typed as well; empty where nothing is chosen and there are no options.

    What was typed holds `within` the same circumstances alone: elsewhere, what is none of the options there is dropped.
    """
    first = next(iter(options), None)
    hold_ids(key, options)
    before = st.session_state.get(_inside(key))
    is_elsewhere = before is not None and before != within

    def fits(held: object) -> bool:
        return held in options or (not is_elsewhere and isinstance(held, str) and bool(held))

    _settle("", key, lambda given: given[:_LONGEST] if given in options or not is_elsewhere else None, fits, first)
    held = st.session_state[key]
    choices = [*options] if held is None or held in options else [*options, held]
    chosen = st.selectbox(
        label,
        choices,
        place_of(key, choices),
        format_func=lambda one: options.get(one, one),
        key=key,
        help=help or None,
        accept_new_options=True,
        persist_state="session",
        **more,  # type: ignore[arg-type]
    )
    remember(key, options)
    st.session_state[_inside(key)] = within
    chosen = (chosen or "").strip()[:_LONGEST] or first or ""
    _write(key, chosen)
    return chosen


def pick_many(
    label: str,
    options: Mapping[str, str],
    *,
    key: str,
    default: Sequence[str] = (),
    help: str = "",
    accept: Callable[[str], str | None] = lambda given: None,
    title: Callable[[str], str] = str,
    **more: object,
) -> list[str]:
    """Any of the options, in the order chosen; ids in the URL that are none of them are said and left out.

    `accept` says under which id something else is taken all the same: it has to know its own ids again; `title` is how
    such an id is shown.
    """

    def known(given: str) -> str | None:
        return given if given in options else accept(given)

    def read(given: str) -> list[str] | None:
        wanted = [one for one in given.split(_MANY) if one]
        found = [one for one in map(known, wanted) if one is not None]
        return found if found or not wanted else None

    present = [one for one in default if one in options]
    lost = [one for one in (_news(key) or "").split(_MANY) if one and known(one) is None]
    if lost:
        _say_unknown(label, _MANY.join(lost))
    hold_ids(key, options)
    held = st.session_state.get(key)
    if isinstance(held, list) and any(one not in options for one in held):
        # What was typed is an id from here on; what fits no more, since other choices changed, is let go alone.
        st.session_state[key] = list(dict.fromkeys(one for one in map(known, held) if one is not None)) or present
    _settle("", key, read, lambda held: isinstance(held, list), present)
    typed = [one for one in st.session_state[key] if one not in options]
    chosen = st.multiselect(
        label,
        [*options, *typed],
        these_of(key, [*options, *typed], ()),
        format_func=lambda one: options[one] if one in options else title(one),
        key=key,
        help=help or None,
        persist_state="session",
        **more,  # type: ignore[arg-type]
    )
    remember(key, options)
    chosen = list(dict.fromkeys(one for one in map(known, chosen) if one is not None))
    _write(key, _MANY.join(chosen))
    return chosen


def pick_segment(label: str, options: Mapping[str, str], *, key: str, default: str | None = None) -> str:
    """`pick` for a handful of options side by side."""
    first = default if default in options else next(iter(options))
    hold_ids(key, options)
    _settle(label, key, lambda given: given if given in options else None, lambda held: held in options, first)
    chosen = st.segmented_control(
        label,
        list(options),
        default=st.session_state[key],
        format_func=lambda one: options.get(one, one),
        key=key,
        required=True,
        persist_state="session",
    )
    remember(key, options)
    chosen = chosen if chosen in options else first
    _write(key, chosen)
    return chosen


def pick_switch(label: str, *, key: str, default: bool = False, help: str = "") -> bool:
    """A toggle that lives in the URL as 1 or 0."""
    _settle(label, key, {"1": True, "0": False}.get, lambda held: isinstance(held, bool), default)
    chosen = st.toggle(label, st.session_state[key], key=key, help=help or None, persist_state="session")
    _write(key, "1" if chosen else "0")
    return chosen


def pick_number(label: str, *, key: str, most: int, default: int, help: str = "") -> int:
    """A whole number from 1 to `most`; one in the URL that does not fit counts as the default."""

    def read(given: str) -> int | None:
        return int(given) if given.isascii() and given.isdigit() and 1 <= int(given[:12]) <= most else None

    _settle(label, key, read, lambda held: isinstance(held, int) and 1 <= held <= most, default)
    chosen = st.number_input(label, 1, most, st.session_state[key], key=key, help=help or None, persist_state="session")
    _write(key, str(chosen))
    return chosen


def pick_how_many(label: str, *, key: str, most: int, usual: int, help: str = "") -> int:
    """How many of `most`: as many as are `usual` until a number is typed, and again where it is taken away.

    What was typed is remembered where there are fewer and holds again where there are more; it is what the URL has.
    """
    typed = f"{key}:typed"

    def note() -> None:
        st.session_state[typed] = st.session_state[key]

    given = _news(key)
    if given is not None:
        st.session_state[typed] = _number(given, 1, _LARGEST)
        if given and st.session_state[typed] is None:
            _say_unknown(label, given)
    wanted = st.session_state.get(typed)
    shown = min(most, usual if wanted is None else wanted)
    st.session_state[key] = shown
    # Only what was typed has something to be taken away.
    clearable: Literal["min"] | None = "min" if wanted is None else None
    st.number_input(label, 1, most, clearable, key=keep(key), help=help or None, on_change=note)
    _write(key, "" if wanted is None else str(wanted))
    return shown


def pick_open_number(
    label: str, *, key: str, least: float, most: float = _LARGEST, placeholder: str, help: str = "", **more: object
) -> float | None:
    """A number that may be left open, None and empty in the URL then; a whole one where `least` is."""

    def fits(held: object) -> bool:
        return held is None or (type(held) is type(least) and least <= held <= most)

    _settle(label, key, lambda given: _number(given, least, most), fits, None)
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
    _write(key, "" if chosen is None else f"{chosen:.15g}")
    return chosen


def pick_text(label: str, *, key: str, default: str, help: str = "", max_chars: int = 60) -> str:
    """A line of text that lives in the URL; the default where it is left empty."""
    _settle("", key, lambda given: given[:max_chars] or None, lambda held: isinstance(held, str), default)
    chosen = st.text_input(
        label, key=key, value=text_of(key), help=help or None, max_chars=max_chars, persist_state="session"
    )
    chosen = " ".join((chosen or "").split()) or default
    _write(key, chosen)
    return chosen


def unknown(key: str, options: Collection[str]) -> str | None:
    """What a link says under this key that is none of the options, before `pick` has put its choice there."""
    given = _news(key)
    return given if given and given not in options else None


def hold(key: str, value: str) -> None:
    """Let the next `pick` of this key begin with the value, whatever the link says."""
    st.session_state[key] = value
    st.session_state[_written(key)] = st.query_params.get(key)


def notices() -> None:
    """The place where what comes below says which ids of the link name nothing; without one, each pick says its own."""
    _NOTICE.set((st.empty(), []))


def no_notices() -> None:
    """Forget the place: another page begins."""
    _NOTICE.set(None)


def _say_unknown(label: str, given: str) -> None:
    place, told = _NOTICE.get() or (st, [])
    told.append(plain(f"{label} {given}", 60))
    place.warning(f"The link names something that is not here: {', '.join(told)}.", icon=":material/link_off:")


def _news(key: str) -> str | None:
    """What the URL says under this key and this session did not write there: a link, the back button."""
    given = st.query_params.get(key)
    return given if given != st.session_state.get(_written(key)) else None


def _settle(
    label: str, key: str, read: Callable[[str], object], fits: Callable[[object], bool], default: object
) -> None:
    """Let the key hold what the URL says where that is news, else what it holds already.

    News that cannot be read is said under the label, if there is one; then the default stands.
    """
    given = _news(key)
    if given is not None:
        value = read(given)
        if value is None and label and given:
            _say_unknown(label, given)
        st.session_state[key] = default if value is None else value
    if key not in st.session_state or not fits(st.session_state[key]):
        st.session_state[key] = default


def _write(key: str, value: str) -> None:
    st.session_state[_written(key)] = value
    if st.query_params.get(key) != value:
        st.query_params[key] = value


def _number(given: str, least: float, most: float) -> float | None:
    """What is written there; None where that is no number of the kind of `least`, or out of bounds."""
    try:
        value = type(least)(given)
    except ValueError:
        return None
    return value if isfinite(value) and least <= value <= most else None


def _inside(key: str) -> str:
    return f"{key}:within"


def _written(key: str) -> str:
    return f"{key}:written"

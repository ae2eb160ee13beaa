"""Choices that live in the URL by their ids, always spelled out, so that a link means the same tomorrow as today.

Streamlit's own binding spells a choice by its title, drops defaults, and loses an id it is given on the first run; so
the URL is kept by ourselves (`address`).
"""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from pages._ui.shell.address import news, say_unknown, settle, write
from pages._ui.shell.connection import place_of, text_of, these_of
from pages._ui.shell.titles import hold_ids, remember

_MANY = ","
_LONGEST = 200


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
    settle(label, key, lambda given: given if given in options else None, lambda held: held in options, first)
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
    write(key, chosen)
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

    settle("", key, lambda given: given[:_LONGEST] if given in options or not is_elsewhere else None, fits, first)
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
    write(key, chosen)
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
    lost = [one for one in (news(key) or "").split(_MANY) if one and known(one) is None]
    if lost:
        say_unknown(label, _MANY.join(lost))
    hold_ids(key, options)
    held = st.session_state.get(key)
    if isinstance(held, list) and any(one not in options for one in held):
        # What was typed is an id from here on; what fits no more, since other choices changed, is let go alone.
        st.session_state[key] = list(dict.fromkeys(one for one in map(known, held) if one is not None)) or present
    settle("", key, read, lambda held: isinstance(held, list), present)
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
    write(key, _MANY.join(chosen))
    return chosen


def pick_segment(
    label: str,
    options: Mapping[str, str],
    *,
    key: str,
    default: str | None = None,
    label_visibility: str = "visible",
) -> str:
    """`pick` for a handful of options side by side."""
    first = default if default in options else next(iter(options))
    hold_ids(key, options)
    settle(label, key, lambda given: given if given in options else None, lambda held: held in options, first)
    chosen = st.segmented_control(
        label,
        list(options),
        default=st.session_state[key],
        format_func=lambda one: options.get(one, one),
        key=key,
        required=True,
        label_visibility=label_visibility,  # type: ignore[arg-type]
        persist_state="session",
    )
    remember(key, options)
    chosen = chosen if chosen in options else first
    write(key, chosen)
    return chosen


def pick_switch(label: str, *, key: str, default: bool = False, help: str = "") -> bool:
    """A toggle that lives in the URL as 1 or 0."""
    settle(label, key, {"1": True, "0": False}.get, lambda held: isinstance(held, bool), default)
    chosen = st.toggle(label, st.session_state[key], key=key, help=help or None, persist_state="session")
    write(key, "1" if chosen else "0")
    return chosen


def pick_text(label: str, *, key: str, default: str, help: str = "", max_chars: int = 60) -> str:
    """A line of text that lives in the URL; the default where it is left empty."""
    settle("", key, lambda given: given[:max_chars] or None, lambda held: isinstance(held, str), default)
    chosen = st.text_input(
        label, key=key, value=text_of(key), help=help or None, max_chars=max_chars, persist_state="session"
    )
    chosen = " ".join((chosen or "").split()) or default
    write(key, chosen)
    return chosen


def _inside(key: str) -> str:
    return f"{key}:within"

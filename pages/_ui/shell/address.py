"""What a link says under a key, and what this session wrote there: the URL is read before a widget is drawn, written
after. What a link names that is not there is said.
"""

import time
from collections.abc import Callable, Collection, Sequence
from contextvars import ContextVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages._ui.words.text import plain

# Where the running script says what its link names in vain, and what it has said so far.
_NOTICE: ContextVar[tuple[DeltaGenerator, list[str]] | None] = ContextVar("notice", default=None)

_RECENT, _PAGE = "address:recent", "address:page"
_LATE = 30.0
"""For so many seconds the browser may still say an address that was written over: a click that overtakes the answer to
the one before it carries the address of before that."""


def arrive(page: str) -> None:
    """For `app.py` alone, before the page: what the address of another one said is no late word here."""
    if st.session_state.get(_PAGE) != page:
        st.session_state[_PAGE] = page
        st.session_state.pop(_RECENT, None)


def unknown(key: str, options: Collection[str]) -> str | None:
    """What a link says under this key that is none of the options, before `pick` has put its choice there."""
    given = news(key)
    return given if given and given not in options else None


def hold(key: str, value: str) -> None:
    """Let the next `pick` of this key begin with the value, whatever the link says."""
    st.session_state[key] = value
    st.session_state[_written(key)] = st.query_params.get(key)


def belongs_to(project_id: int, keys: Sequence[str]) -> None:
    """What was chosen under these keys belongs to the project it was chosen in: another begins anew, or with what a
    link says."""
    place = f"{keys[0]}:project"
    if st.session_state.get(place) not in (None, project_id):
        forget(keys)
    st.session_state[place] = project_id


def forget(keys: Collection[str]) -> None:
    """Let the picks of these keys begin anew: with a link that says something else of them than was chosen here so far,
    else each with its own first choice."""
    is_link = any(news(key) is not None for key in keys)
    for key in keys:
        st.session_state.pop(key, None)
        st.session_state.pop(_written(key), None)
        _recent(key).clear()
        if not is_link:
            st.query_params.pop(key, None)


def notices() -> None:
    """The place where what comes below says which ids of the link name nothing; without one, each pick says its own."""
    _NOTICE.set((st.empty(), []))


def no_notices() -> None:
    """Forget the place: another page begins."""
    _NOTICE.set(None)


def say_unknown(label: str, given: str) -> None:
    """That the link names something under this label that is not here."""
    place, told = _NOTICE.get() or (st, [])
    told.append(plain(f"{label} {given}", 60))
    place.warning(
        f"The link refers to something that does not exist here: {', '.join(told)}.", icon=":material/link_off:"
    )


def news(key: str) -> str | None:
    """What the URL says under this key and this session did not write there, now or just before: a link, say."""
    given = st.query_params.get(key)
    if given == st.session_state.get(_written(key)) or time.monotonic() < _recent(key).get(given, 0.0):
        return None
    return given


def settle(
    label: str, key: str, read: Callable[[str], object], fits: Callable[[object], bool], default: object
) -> None:
    """Let the key hold what the URL says where that is news, else what it holds already.

    News that cannot be read is said under the label, if there is one; then the default stands.
    """
    given = news(key)
    if given is not None:
        value = read(given)
        if value is None and label and given:
            say_unknown(label, given)
        st.session_state[key] = default if value is None else value
    if key not in st.session_state or not fits(st.session_state[key]):
        st.session_state[key] = default


def write(key: str, value: str) -> None:
    """Spell the choice out in the URL."""
    for before in (st.query_params.get(key), st.session_state.get(_written(key))):
        if before not in (value, None):
            _recent(key)[before] = time.monotonic() + _LATE
    st.session_state[_written(key)] = value
    if st.query_params.get(key) != value:
        st.query_params[key] = value


def _recent(key: str) -> dict[str | None, float]:
    """What was written over under this key on this page, and until when it may come late."""
    recent: dict[str, dict[str | None, float]] = st.session_state.setdefault(_RECENT, {})
    return recent.setdefault(key, {})


def _written(key: str) -> str:
    return f"{key}:written"

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

_PAGE, _WRITTEN_HERE, _IS_LATE = "address:page", "address:written", "address:late"
_LATE = 30.0
"""For so many seconds the browser may still name an address that was written over: a click that overtakes the answer to
the one before it carries the address of before that, whole. A link names but a few parameters."""


def arrive(page: str) -> None:
    """For `app.py` alone, before the page: whether the browser names an address that was written on it; then that says
    nothing new."""
    now = time.monotonic()
    written = st.session_state.get(_WRITTEN_HERE, {}) if st.session_state.get(_PAGE) == page else {}
    st.session_state[_PAGE] = page
    st.session_state[_WRITTEN_HERE] = {address: until for address, until in written.items() if until > now}
    st.session_state[_IS_LATE] = _whole() in st.session_state[_WRITTEN_HERE]


def set_out() -> None:
    """The server leads to an address: it is meant, also where it was left a moment ago."""
    st.session_state.pop(_WRITTEN_HERE, None)


def arrived() -> None:
    """For `app.py` alone, after the page: its address is whole."""
    written, until = st.session_state.get(_WRITTEN_HERE, {}), time.monotonic() + _LATE
    st.session_state[_WRITTEN_HERE] = {address: min(known, until) for address, known in written.items()}
    st.session_state[_WRITTEN_HERE][_whole()] = float("inf")  # until another takes its place
    st.session_state[_IS_LATE] = False


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
    """What the URL says under this key and this session did not write there: a link, the back button."""
    given, written = st.query_params.get(key), st.session_state.get(_written(key))
    is_late = written is not None and st.session_state.get(_IS_LATE, False)
    return None if is_late or given == written else given


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
    st.session_state[_written(key)] = value
    if st.query_params.get(key) != value:
        st.query_params[key] = value


def _whole() -> frozenset[tuple[str, str]]:
    return frozenset(st.query_params.to_dict().items())


def _written(key: str) -> str:
    return f"{key}:written"

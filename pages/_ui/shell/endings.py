"""Whoever asked for it is told when a run or a fine-tune has ended, on whichever page they are by then."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.errors import WorkbenchError
from core.workbench import Workbench
from pages._ui.shell.handle import workbench
from pages._ui.shell.press import is_pressed
from pages._ui.words.bundle import bundle
from pages._ui.words.text import plain

RUN, FINE_TUNE = "run", "fine_tune"
_LOOK_SECONDS = 3.0
_WANTED, _ENDED = "endings:wanted", "endings:ended"

_teller = st.components.v2.component(
    "tell_endings", html="<span hidden>\n</span>", js=bundle(Path(__file__).parent, "endings.js")
)


@dataclass(frozen=True)
class _Going:
    """`live` while it goes; then `said` is how it ended."""

    live: bool
    said: str


def _run(wb: Workbench, number: int) -> _Going:
    run = wb.runs.get(number)
    return _Going(run.status.is_live, str(run.status))


def _fine_tune(wb: Workbench, number: int) -> _Going:
    job = wb.fine_tunes.get(number)
    return _Going(job.status.is_live, str(job.status))


_LOOKS: Mapping[str, Callable[[Workbench, int], _Going]] = {RUN: _run, FINE_TUNE: _fine_tune}


def tell_button(kind: str, number: int, title: str) -> None:
    """Offers to tell when it has ended; `title` is what it is called then."""
    wanted = st.session_state.setdefault(_WANTED, {})
    if (kind, number) in wanted:
        st.caption(":material/notifications_active: You will be told when it ends.")
    elif is_pressed(
        "Tell me when it ends",
        key=f"tell-{kind}-{number}",
        icon=":material/notifications:",
        type="tertiary",
        help="By a notification of the browser, if you allow it, while LabelLoop is open in it on any page.",
    ):
        wanted[kind, number] = title
        st.rerun()


def watch_endings() -> None:
    """For `app.py` alone, in the sidebar: looks while something is waited for."""
    if st.session_state.get(_WANTED):
        _watched()
    elif st.session_state.get(_ENDED):
        _tell(waits=False)


@st.fragment(run_every=_LOOK_SECONDS)
def _watched() -> None:
    wanted: dict[tuple[str, int], str] = st.session_state.get(_WANTED, {})
    for (kind, number), title in list(wanted.items()):
        try:
            going = _LOOKS[kind](workbench(), number)
        except WorkbenchError:
            going = _Going(False, "is gone")
        if not going.live:
            del wanted[kind, number]
            _note(f"{kind}-{number}-{going.said}", title, going.said)
    _tell(waits=bool(wanted))


def _note(key: str, title: str, said: str) -> None:
    st.session_state.setdefault(_ENDED, []).append({"key": key, "title": title, "body": said})
    st.toast(f"**{plain(title)}**: {plain(said)}", icon=":material/notifications:")


def _tell(*, waits: bool) -> None:
    _teller(key="endings", data={"waits": waits, "ended": st.session_state.get(_ENDED, [])}, height=0)

"""The next step: one primary button on every page, whatever else the page offers.

Where the next step is something that this page itself does, its own button is the primary one; else the button beside
the title is, which leads there. What has to be done first in any case, such as saving what is typed, goes before both.
No two buttons of a page are primary: the first to ask is (`own`). The one beside the title is drawn before it is known
whether the page has one, so it looks as the page last needed it to, and is drawn again where that was wrong.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.services.projects.progress import Lead
from pages._ui.shell.address import set_out
from pages._ui.shell.navigation import page

_LEAD, _CLAIMED, _BEFORE, _GO = "lead", "lead:claimed", "lead:before", "lead:go"
Look = Literal["primary", "secondary"]


@dataclass
class _Beside:
    """The button beside the title, as it is drawn."""

    place: DeltaGenerator
    lead: Lead
    here: str
    project_id: int
    look: Look

    def draw(self, look: Look) -> None:
        self.look = look
        key = "next-step" if look == "primary" else "next-step-later"
        to = self.lead.page, {"project": str(self.project_id), **self.lead.about}
        self.place.button(
            self.lead.todo, key=key, type=look, icon=":material/arrow_forward:", on_click=_set_out, args=to
        )


_BESIDE: ContextVar[_Beside | None] = ContextVar("beside_the_title", default=None)


@contextmanager
def led() -> Iterator[None]:
    """Around every page: nothing is primary at first, and at its end it is known whether a button of its own is. Goes
    where the button beside the title was told to."""
    for key in (_LEAD, _CLAIMED):
        st.session_state.pop(key, None)
    if (to := st.session_state.pop(_GO, None)) is not None:
        set_out()
        st.switch_page(page(to[0]), query_params=to[1])
    _BESIDE.set(None)
    yield
    _settle()


def beside_title(lead: Lead, here: str, project_id: int) -> None:
    """The button that leads on from the page called `here`, unless that is where the next step is, open on it."""
    st.session_state[_LEAD] = lead
    # Emptied at once: what stood here for another project would be a second one until the page is drawn.
    place = st.empty()
    if lead.page == here and all(st.query_params.get(name) == value for name, value in lead.about.items()):
        return
    beside = _Beside(place, lead, here, project_id, "primary")
    beside.draw("secondary" if st.session_state.get(_BEFORE) == here else "primary")
    _BESIDE.set(beside)


def own(act: str, *, presses: bool = False) -> Look:
    """How the page's own button for this act looks. `presses`: it goes before the next step, while it can be clicked.

    Asked again for the same act, as a part of the page that draws itself anew does, the answer is the same.
    """
    lead: Lead | None = st.session_state.get(_LEAD)
    wants = presses or (lead is not None and lead.act == act)
    if not wants or st.session_state.get(_CLAIMED, act) != act:
        return "secondary"
    st.session_state[_CLAIMED] = act
    if (beside := _BESIDE.get()) is not None:
        st.session_state[_BEFORE] = beside.here
        if beside.lead.act == act:
            beside.place.empty()  # the same step
        elif beside.look == "primary":
            beside.draw("secondary")
    return "primary"


def _settle() -> None:
    if _CLAIMED in st.session_state:
        return
    st.session_state.pop(_BEFORE, None)
    if (beside := _BESIDE.get()) is not None and beside.look == "secondary":
        beside.draw("primary")


def _set_out(to: str, parameters: dict[str, str]) -> None:
    st.session_state[_GO] = to, parameters

"""Unsaved work of this tab: written down as it is typed, and said where another tab works on the same."""

from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Lock
from typing import Any
from uuid import uuid4

import streamlit as st

from core.services.drafts.keeping import Draft, DraftElsewhere, Drafts, Place
from pages._ui.shell.press import to_the_end
from pages._ui.words.text import plain


def in_turn() -> Lock:
    """Held while the editors are read and written down. An act is answered beside a script of the same session that
    still runs with what was there before: whichever comes last must write what is there now."""
    lock: Lock = st.session_state.setdefault("desk:lock", Lock())
    return lock


class Desk:
    """One tab's hold on the draft of a place: which state of it the tab knows, and whether another tab went past it."""

    def __init__(self, drafts: Drafts, place: Place) -> None:
        self._drafts, self._place = drafts, place
        self._key = f"desk:{place.project_id}:{place.kind}:{place.key}"

    @property
    def _state(self) -> dict[str, Any]:
        state: dict[str, Any] = st.session_state.setdefault(self._key, {"held": 0, "since": None, "elsewhere": None})
        return state

    @property
    def filling(self) -> str:
        """Another one each time the user has filled the editors anew: what was typed before is settled."""
        return str(self._state.get("filling", ""))

    def fill_anew(self, begin_anew: Callable[[], None]) -> None:
        """What was typed is settled: after `begin_anew` the editors are filled with what is kept."""
        with in_turn():
            self._settle()
            begin_anew()

    def fill_with(self, content: Mapping[str, Any], base: str, begin_anew: Callable[[], None]) -> None:
        """Keep this in place of what is typed and fill the editors with it, unless another tab wrote meanwhile: then
        they stay as they are, until somebody has chosen."""
        with in_turn():
            if self.keep(content, base):
                self._settle()
                begin_anew()

    def _settle(self) -> None:
        self._state["filling"] = uuid4().hex

    def take_up(self) -> Draft | None:
        """The unsaved work there, which this tab now goes on with."""
        found = self._drafts.open(self._place)
        self._state.update(held=found.revision if found else 0, elsewhere=None, since=_stamp(found))
        return found

    def keep(self, content: Mapping[str, Any], base: str = "") -> bool:
        """Write the work down, unless another tab did meanwhile: whether it is."""
        state = self._state
        try:
            kept = self._drafts.keep(self._place, content, base=base, held=state["held"])
        except DraftElsewhere as error:
            state["elsewhere"] = f"{error.message} {error.hint}"
            return False
        state.update(held=kept.revision, since=_stamp(kept), elsewhere=None)
        return True

    def insist(self, content: Mapping[str, Any], base: str = "") -> None:
        """Write this tab's work down in place of another's, which can be brought back."""
        kept = self._drafts.replace(self._place, content, base=base)
        self._state.update(held=kept.revision, since=_stamp(kept), elsewhere=None)

    def put_away(self, begin_anew: Callable[[], None]) -> None:
        """Discard it; `offer_back` brings it back. After `begin_anew` the editors show what is saved. For callbacks."""
        to_the_end(lambda: self._put_away(begin_anew))

    def _put_away(self, begin_anew: Callable[[], None]) -> None:
        with in_turn():
            self._drafts.discard(self._place)
            self._state.update(held=0, since=None, elsewhere=None)
            self._settle()
            begin_anew()

    def saved(self) -> None:
        self._drafts.saved(self._place)
        self._state.update(held=0, since=None, elsewhere=None)

    def unchanged(self) -> None:
        """Nothing differs from what is saved (any more)."""
        state = self._state
        if state["held"]:
            self._drafts.undone(self._place, state["held"])
            state.update(held=0, since=None)
        state["elsewhere"] = None

    @property
    def since(self) -> str:
        """When the work was last written down, to be read; empty where it is not."""
        return spoken_time(datetime.fromisoformat(self._state["since"])) if self._state["since"] else ""

    def say_elsewhere(self, content: Mapping[str, Any], base: str, begin_anew: Callable[[], None]) -> None:
        """Where another tab went past this one: says so and lets choose. `begin_anew` as of `fill_anew`."""
        told = self._state["elsewhere"]
        if not told:
            return
        st.warning(plain(told), icon=":material/sync_problem:")
        with st.container(horizontal=True):
            st.button(
                "Keep my changes",
                key=f"{self._key}:mine",
                icon=":material/edit:",
                help="The other tab's changes are set aside and can be restored.",
                on_click=self.insist,
                args=(content, base),
            )
            st.button(
                "Show the other tab's changes",
                key=f"{self._key}:other",
                icon=":material/swap_horiz:",
                on_click=to_the_end,
                args=(lambda: self.fill_anew(begin_anew),),
            )

    def offer_back(self, begin_anew: Callable[[], None]) -> None:
        """A button that brings back what was put away last, if anything was. `begin_anew` as of `fill_anew`."""
        gone = self._drafts.discarded(self._place)
        if gone is None:
            return

        def bring_back() -> None:
            self._drafts.reopen(self._place, gone.id)
            self.fill_anew(begin_anew)

        # By a callback: a script that another rerun ends between the two would leave it open, and not shown.
        st.button(
            "Undo discard",
            key=f"{self._key}:back",
            icon=":material/undo:",
            type="tertiary",
            help=f"From {spoken_time(gone.updated_at)}.",
            on_click=to_the_end,
            args=(bring_back,),
        )


def spoken_time(moment: datetime) -> str:
    """`14:05`, with its day where that is not today."""
    local = moment.astimezone()
    same_day = local.date() == datetime.now().astimezone().date()
    return f"{local:%H:%M}" if same_day else f"{local:%d %b, %H:%M}"


def _stamp(draft: Draft | None) -> str | None:
    return draft.updated_at.isoformat() if draft else None

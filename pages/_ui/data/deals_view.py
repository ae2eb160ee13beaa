"""Splitting again: what it costs before it is done, and the former deals, each one click from coming back."""

from collections.abc import Callable

import streamlit as st

from core.model import Project, Split
from core.services.data.bringing import DealCost, FormerDeal, Shares, SplitFacts
from core.workbench import Workbench
from pages._ui.shell.lead import own
from pages._ui.shell.progress_bar import ProgressBar
from pages._ui.words.figures import percent
from pages._ui.words.text import plain

_ASKED, _UNDO = "splits_asked", "splits_undo"
Act = tuple[str, int] | tuple[str, tuple[float, float, float], int, bool]
"""`("back", deal id)` or `("again", shares, seed, apart)`: what was asked for, while it waits for a yes."""


def again(wb: Workbench, project: Project, shares: Shares, seed: int, *, apart: bool) -> None:
    """Deal anew with these; where that costs something, ask first."""
    act: Act = ("again", shares.as_tuple(), seed, apart)
    look = ProgressBar("Checking what would move")
    _unless_it_costs(project, act, lambda: wb.data.split_cost(project.id, shares, seed, look, apart=apart))


def carry_out(wb: Workbench, project: Project) -> None:
    """Do what was agreed to, or costs nothing."""
    asked = st.session_state.get(_ASKED)
    if asked is None or asked["project"] != project.id or not asked["agreed"]:
        return
    del st.session_state[_ASKED]
    _do(wb, project, asked["act"])
    st.session_state[_UNDO] = project.id
    st.rerun()


def ask(project: Project) -> None:
    """Where something asked for costs something: what, with a yes and a no."""
    asked = st.session_state.get(_ASKED)
    if asked is None or asked["project"] != project.id:
        return
    cost: DealCost = asked["cost"]
    with st.container(border=True, key="deal-cost"):
        st.markdown("**Restore the former splits?**" if asked["act"][0] == "back" else "**Split again?**")
        for sentence in cost.sentences():
            st.markdown(f":material/warning: {plain(sentence)}")
        st.caption("The current splits are kept and can be restored exactly.")
        with st.container(horizontal=True):
            yes = "Restore them anyway" if asked["act"][0] == "back" else "Split again anyway"
            look = own("keep-splits", presses=True)
            st.button("Keep the current splits", type=look, icon=":material/lock:", on_click=_no)
            st.button(yes, icon=":material/shuffle:", on_click=_yes)


def undo(wb: Workbench, project: Project, dealt: SplitFacts) -> None:
    """The way back at hand, as long as the session lasts."""
    if st.session_state.get(_UNDO) != project.id or not dealt.former:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("The items were split again.")
        st.button("Undo", icon=":material/undo:", type="tertiary", on_click=_back, args=(wb, project, dealt.former[0]))


def former_deals(wb: Workbench, project: Project, dealt: SplitFacts) -> None:
    """Every deal of before, kept item by item."""
    if not dealt.former:
        return
    with st.expander(f"Former splits ({len(dealt.former):,})", icon=":material/history:"):
        st.caption("Each is stored item by item and can be restored exactly, whatever has been labelled since.")
        for one in dealt.former:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(plain(_about(one)), width="stretch")
                st.button(
                    "Restore",
                    key=f"deal-{one.id}",
                    icon=":material/undo:",
                    type="tertiary",
                    disabled=bool(dealt.locked),
                    on_click=_back,
                    args=(wb, project, one),
                )


def _about(one: FormerDeal) -> str:
    shares = "/".join(percent(share).removesuffix(" %") for share in one.shares.as_tuple())
    items = ", ".join(f"{split} {one.counts.get(split, 0):,}" for split in Split)
    when = f"{one.dealt.astimezone():%d %b %Y, %H:%M}" if one.dealt else "the first"
    until = f"{one.replaced.astimezone():%d %b %Y, %H:%M}"
    return f"{when}, until {until} · seed {one.seed}, shares {shares} · {items}"


def _back(wb: Workbench, project: Project, one: FormerDeal) -> None:
    _unless_it_costs(project, ("back", one.id), lambda: wb.data.cost_back(project.id, one.id))


def _unless_it_costs(project: Project, act: Act, cost: Callable[[], DealCost]) -> None:
    known = cost()
    st.session_state[_ASKED] = {"project": project.id, "act": act, "cost": known, "agreed": known.is_free}


def _do(wb: Workbench, project: Project, act: Act) -> None:
    if act[0] == "back":
        wb.data.bring_back(project.id, act[1], agreed=True)
    else:
        _, shares, seed, apart = act
        bar = ProgressBar("Dealing")
        wb.data.split(project.id, Shares(*shares), seed, progress=bar, agreed=True, apart=apart)


def _yes() -> None:
    st.session_state[_ASKED]["agreed"] = True


def _no() -> None:
    del st.session_state[_ASKED]

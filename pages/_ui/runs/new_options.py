"""How the items of new runs are asked about, folded away."""

from collections.abc import Sequence

import streamlit as st

from core.model import Budget, Host, QuestionKind, Task
from core.services.asking.orders import Order, offered
from core.services.asking.requests import MAX_IN_FLIGHT, MAX_REPEATS, SEVERAL_TEMPERATURE, Mode, ModelRef, Which
from core.workbench import Workbench
from pages._ui.runs.new_words import MODES, ORDERS, WHICH_ITEMS, Options
from pages._ui.shell.frame import link
from pages._ui.shell.pick import pick_segment, pick_switch
from pages._ui.shell.pick_number import pick_number, pick_open_number
from pages._ui.words.text import count, plain

WHICH, REPEATS, FRESH, MODE, DECIDE = "run_which", "run_repeats", "run_fresh", "run_mode", "run_decide"
TEMPERATURE, IN_FLIGHT, OPEN, ORDER = "run_temperature", "run_in_flight", "run_options", "run_order"
CAPS = {"dollars": "run_cap_dollars", "tokens": "run_cap_tokens", "calls": "run_cap_calls"}
ASKED_HOW = (WHICH, REPEATS, FRESH, MODE, DECIDE, TEMPERATURE, IN_FLIGHT, ORDER, *CAPS.values())
_UNDO = "cache_cleared_before"
_ABOUT_ORDER = {
    Order.GIVEN: "Models tend to prefer what they are shown first: what stands first in the data then gains.",
    Order.DRAWN: "For each item one order, always the same: no candidate gains overall, and each answer is one call.",
    Order.BOTH: "Twice the calls. Where the two answers contradict, it is a tie, or needs review if there are no ties.",
}
_ABOUT_LEVELS = {
    Order.GIVEN: "Levels are listed as on Task; some models tend to the first or the last of a list.",
    Order.DRAWN: "Each item lists the levels in one order of its own, each with its rubric; answers are read by name. "
    "The shape of the answer still lists them as on Task.",
}


def pick_options(wb: Workbench, task: Task, hosts: Sequence[Host], models: Sequence[ModelRef]) -> Options:
    """The popover; its button is all one sees of it."""
    place = st.popover("Options", icon=":material/tune:", type="tertiary", width="content", key=OPEN, on_change="rerun")
    with place:
        budget = _pick_caps(wb, models)
        repeats, temperature = _pick_repeats()
        order = _pick_order(task)
        mode = _pick_mode(wb, hosts)
        ask = _pick_ask(wb, models)
        which, fresh = _pick_which(wb, is_open=bool(place.open))
        in_flight = pick_open_number(
            "Calls in flight, at most",
            key=IN_FLIGHT,
            least=1,
            most=MAX_IN_FLIGHT,
            placeholder="adjusts by itself",
            help="How many calls are made at the same time. It adapts by itself; set a limit if you know a better one.",
        )
    return Options(which, repeats, temperature, not fresh, mode, ask, budget, in_flight, order)


def _pick_which(wb: Workbench, *, is_open: bool) -> tuple[Which, bool]:
    """Which of the items, and whether the cache is left aside."""
    which = Which(
        pick_segment("Which of the items", {str(key): title for key, title in WHICH_ITEMS.items()}, key=WHICH)
    )
    st.caption(_about_which(which))
    with st.container(horizontal=True, vertical_alignment="center"):
        fresh = pick_switch(
            "Ask again, ignoring the cache",
            key=FRESH,
            help="Otherwise the answer to an identical request is taken from the cache and not paid for again.",
        )
        if is_open:  # counting a large cache takes seconds
            _cache_line(wb)
    return which, fresh


def _about_which(which: Which) -> str:
    return {
        Which.NEW: "Items this model has not labelled with this prompt.",
        Which.CHANGED: "Also items whose request would now read differently: labels or guidelines were edited.",
        Which.ALL: "Also items it has labelled. Answers to the same request come from the cache unless it is ignored.",
    }[which]


def _pick_repeats() -> tuple[int, float | None]:
    left, right = st.columns(2)
    with left:
        repeats = pick_number(
            "Answers per item",
            key=REPEATS,
            most=MAX_REPEATS,
            default=1,
            help="With several, the majority is the label and its share the confidence. Each answer is a call.",
        )
    usual = SEVERAL_TEMPERATURE if repeats > 1 else 0.0
    with right:
        temperature = pick_open_number(
            "Temperature",
            key=TEMPERATURE,
            least=0.0,
            most=2.0,
            step=0.1,
            placeholder=f"{usual:g}",
            help="0 gives the likeliest answer; several answers only differ above 0. Some models do not accept a "
            "temperature.",
        )
    return repeats, None if temperature == usual else temperature


def _pick_order(task: Task) -> Order:
    """Where there is one to choose."""
    orders = offered(task)
    if len(orders) < 2:
        return Order.GIVEN
    what = "levels" if task.type is QuestionKind.RATING else "candidates"
    order = Order(pick_segment(f"Order of the {what}", {str(one): ORDERS[one] for one in orders}, key=ORDER))
    st.caption((_ABOUT_LEVELS if task.type is QuestionKind.RATING else _ABOUT_ORDER)[order])
    return order


def _pick_mode(wb: Workbench, hosts: Sequence[Host]) -> Mode:
    batches = all(wb.runs.can_batch(host) for host in hosts)
    offered = {str(mode): title for mode, title in MODES.items() if mode is not Mode.BATCH or batches}
    mode = Mode(pick_segment("Sent", offered, key=MODE))
    if mode is Mode.BATCH:
        st.caption("The host answers within 24 hours, usually for half the price.")
    if mode is Mode.FILE:
        st.caption(
            "Nothing is sent: you download a file, have it answered by vllm run-batch or elsewhere, and upload the "
            "answers."
        )
    return mode


def _pick_ask(wb: Workbench, models: Sequence[ModelRef]) -> str:
    if not models or not all(wb.runs.can_decide(ref) for ref in models):
        return "chat"
    decides = pick_switch(
        "Ask by the Decisions API", key=DECIDE, help="Gives a probability for each label, and answers cost nothing."
    )
    return "decisions" if decides else "chat"


def _pick_caps(wb: Workbench, models: Sequence[ModelRef]) -> Budget:
    st.markdown("**Pause at** :small[:gray[all these runs and their probe together; the cap can be raised then]]")
    left, middle, right = st.columns(3)
    open_end = "no cap"
    with left:
        money = pick_open_number(
            "Dollars", key=CAPS["dollars"], least=0.0001, step=1.0, format="%g", placeholder=open_end
        )
    with middle:
        tokens = pick_open_number("Tokens", key=CAPS["tokens"], least=1, step=1000, placeholder=open_end)
    with right:
        calls = pick_open_number("Calls", key=CAPS["calls"], least=1, step=10, placeholder=open_end)
    budget = Budget(money, tokens, calls)
    if unpriced := wb.runs.unpriced(models, budget):
        say_unpriced(unpriced, is_capped=True)
    return budget


def say_unpriced(models: Sequence[str], *, is_capped: bool) -> None:
    """Whose price is unknown, what that means for a cap in dollars, and the way to set it."""
    named = plain(", ".join(models[:3]) + (" …" if len(models) > 3 else ""))
    so = ", so a cap in dollars cannot be kept: cap tokens or calls, or set the price." if is_capped else ""
    st.caption(f":orange[:material/help:] Price of {named} unknown{so}", width="content")
    link("hosts", "Set it on Hosts", icon=":material/payments:")


def _cache_line(wb: Workbench) -> None:
    """How much is in the cache, and a way to start from nothing that can be taken back."""
    with st.container(horizontal=True, vertical_alignment="center"):
        before = st.session_state.get(_UNDO)
        kept = wb.runs.cache_size()
        if before is not None and not kept:
            st.caption("The cache was cleared: the same request will be a new call. Nothing was deleted.")
            st.button("Undo", type="tertiary", key="cache-undo", on_click=_restore, args=(wb, before))
            return
        st.caption(f"{count(kept, 'answer')} in the cache, of all projects." if kept else "The cache is empty.")
        if kept:
            st.button(
                "Clear the cache",
                type="tertiary",
                key="cache-clear",
                help="The same request will be a new call. No label or answer is deleted; you can undo this.",
                on_click=_clear,
                args=(wb,),
            )


def _clear(wb: Workbench) -> None:
    st.session_state[_UNDO] = wb.runs.clear_cache()


def _restore(wb: Workbench, before: str) -> None:
    wb.runs.restore_cache(before)
    st.session_state.pop(_UNDO, None)

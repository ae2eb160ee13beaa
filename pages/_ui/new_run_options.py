"""How the items of new runs are asked about: folded away, with what differs from the usual said beside."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.model import Budget, Host
from core.services.cells import MAX_IN_FLIGHT, MAX_REPEATS, SEVERAL_TEMPERATURE, Mode, ModelRef, Which
from core.workbench import Workbench
from pages._ui.money import dollars
from pages._ui.pick import pick_number, pick_segment, pick_switch
from pages._ui.text import count

WHICH, REPEATS, FRESH, MODE, DECIDE = "run_which", "run_repeats", "run_fresh", "run_mode", "run_decide"
TEMPERATURE, IN_FLIGHT, OPEN = "run_temperature", "run_in_flight", "run_options"
CAPS = {"dollars": "run_cap_dollars", "tokens": "run_cap_tokens", "calls": "run_cap_calls"}
_UNDO = "cache_cleared_before"
_MODES = {Mode.LIVE: "one by one", Mode.BATCH: "as a batch", Mode.FILE: "as a file"}
_WHICH = {Which.NEW: "new ones", Which.CHANGED: "new and changed", Which.ALL: "all of them"}


@dataclass(frozen=True)
class Options:
    """As they were chosen; `temperature` and `in_flight` None leave it to the usual."""

    which: Which = Which.NEW
    repeats: int = 1
    temperature: float | None = None
    use_cache: bool = True
    mode: Mode = Mode.LIVE
    ask: str = "chat"
    budget: Budget = Budget()
    in_flight: int | None = None


def pick_options(wb: Workbench, hosts: Sequence[Host], models: Sequence[ModelRef]) -> Options:
    """The popover; its button is all one sees of it."""
    place = st.popover("Options", icon=":material/tune:", type="tertiary", width="content", key=OPEN, on_change="rerun")
    with place:
        which = Which(pick_segment("Which of the items", {str(key): title for key, title in _WHICH.items()}, key=WHICH))
        st.caption(_about_which(which))
        fresh = pick_switch(
            "Ask afresh",
            key=FRESH,
            help="Otherwise the answer to the very same request is taken from the cache and not paid for again.",
        )
        if place.open:  # counting a large cache takes seconds
            _cache_line(wb)
        repeats, temperature = _pick_repeats()
        mode = _pick_mode(wb, hosts)
        ask = _pick_ask(wb, models)
        budget = _pick_caps()
        in_flight = st.number_input(
            "Calls in flight, at most",
            1,
            MAX_IN_FLIGHT,
            None,
            key=IN_FLIGHT,
            placeholder="found out while it runs",
            help="How many questions are asked at the same time. It adapts by itself; fewer where you know better.",
            persist_state="session",
        )
    return Options(which, repeats, temperature, not fresh, mode, ask, budget, in_flight)


def _about_which(which: Which) -> str:
    return {
        Which.NEW: "Items this model has not labelled with this prompt.",
        Which.CHANGED: "Also items that would now be asked about in other words: labels or guidelines were edited.",
        Which.ALL: "Also items it has labelled. Answers to the same request come from the cache unless asked afresh.",
    }[which]


def _pick_repeats() -> tuple[int, float | None]:
    left, right = st.columns(2)
    with left:
        repeats = pick_number(
            "Answers an item",
            key=REPEATS,
            most=MAX_REPEATS,
            default=1,
            help="With several, the majority is the label and its share the confidence. Each answer is a call.",
        )
    usual = SEVERAL_TEMPERATURE if repeats > 1 else 0.0
    temperature = right.number_input(
        "Temperature",
        0.0,
        2.0,
        None,
        0.1,
        key=TEMPERATURE,
        placeholder=f"{usual:g}",
        help="0 gives the likeliest answer; several answers only differ above 0. Some models take no temperature.",
        persist_state="session",
    )
    return repeats, None if temperature == usual else temperature


def _pick_mode(wb: Workbench, hosts: Sequence[Host]) -> Mode:
    batches = all(wb.runs.can_batch(host) for host in hosts)
    offered = {str(mode): title for mode, title in _MODES.items() if mode is not Mode.BATCH or batches}
    mode = Mode(pick_segment("Sent", offered, key=MODE))
    if mode is Mode.BATCH:
        st.caption("The host answers within 24 hours, as a rule for half the price.")
    if mode is Mode.FILE:
        st.caption("Nothing is sent: you take a file to vllm run-batch or another place, and bring the answers back.")
    return mode


def _pick_ask(wb: Workbench, models: Sequence[ModelRef]) -> str:
    if not models or not all(wb.runs.can_decide(ref) for ref in models):
        return "chat"
    decides = pick_switch(
        "Ask by the Decisions API", key=DECIDE, help="Gives a probability for each label, and answers cost nothing."
    )
    return "decisions" if decides else "chat"


def _pick_caps() -> Budget:
    st.caption("Stop at, all of these runs together (they pause and can go on)")
    left, middle, right = st.columns(3)
    money = left.number_input(
        "Dollars", 0.0001, None, None, 1.0, key=CAPS["dollars"], format="%g", placeholder="no cap", **_kept
    )
    tokens = middle.number_input("Tokens", 1, None, None, 1000, key=CAPS["tokens"], placeholder="no cap", **_kept)
    calls = right.number_input("Calls", 1, None, None, 10, key=CAPS["calls"], placeholder="no cap", **_kept)
    return Budget(money, tokens, calls)


_kept = {"persist_state": "session"}


def _cache_line(wb: Workbench) -> None:
    """How much is in the cache, and a way to start from nothing that can be taken back."""
    with st.container(horizontal=True, vertical_alignment="center"):
        before = st.session_state.get(_UNDO)
        kept = wb.runs.cache_size()
        if before is not None and not kept:
            st.caption("The cache was cleared: the same request is a call again. Nothing was deleted.")
            st.button("Undo", type="tertiary", key="cache-undo", on_click=_restore, args=(wb, before))
            return
        st.caption(f"{count(kept, 'answer')} in the cache, of all projects." if kept else "The cache is empty.")
        if kept:
            st.button(
                "Clear the cache",
                type="tertiary",
                key="cache-clear",
                help="The same request will be a new call again. No label and no answer is deleted; it can be undone.",
                on_click=_clear,
                args=(wb,),
            )


def _clear(wb: Workbench) -> None:
    st.session_state[_UNDO] = wb.runs.clear_cache()


def _restore(wb: Workbench, before: str) -> None:
    wb.runs.restore_cache(before)
    st.session_state.pop(_UNDO, None)


def cache_stamp() -> str:
    """Changes whenever the cache was cleared or brought back here."""
    return str(st.session_state.get(_UNDO))


def unusual(options: Options) -> str:
    """What differs from the usual, for the line beside the button: `5 answers an item · as a batch · at most $2.00`."""
    caps, budget = [], options.budget
    caps += [dollars(budget.dollars)] if budget.dollars is not None else []
    caps += [count(budget.tokens, "token")] if budget.tokens is not None else []
    caps += [count(budget.calls, "call")] if budget.calls is not None else []
    parts = [
        _WHICH[options.which] if options.which is not Which.NEW else "",
        "asked afresh" if not options.use_cache else "",
        f"{options.repeats} answers an item" if options.repeats > 1 else "",
        f"temperature {options.temperature:g}" if options.temperature is not None else "",
        _MODES[options.mode] if options.mode is not Mode.LIVE else "",
        "by the Decisions API" if options.ask == "decisions" else "",
        f"at most {', '.join(caps)}" if caps else "",
        f"{options.in_flight} in flight" if options.in_flight is not None else "",
    ]
    return " · ".join(part for part in parts if part)

"""What runs started together have spent, under which cap, and another cap for them."""

from collections.abc import Sequence

import streamlit as st

from core.model import Budget, Project, Run, RunStatus
from core.services.asking.requests import Mode, budget_of
from core.services.runs.caps import CapState
from core.workbench import Workbench
from pages._ui.runs.words import status_of
from pages._ui.shell.connection import value_of
from pages._ui.shell.errors import guarded
from pages._ui.shell.lead import own
from pages._ui.shell.press import is_pressed
from pages._ui.words.money import dollars
from pages._ui.words.text import count, plain


def spent_so_far(runs: Sequence[Run], cost: float | None) -> str:
    """`640 of at most 1,000 calls, 210,000 tokens, $0.31`."""
    cap = budget_of(runs[0].config)
    tokens = sum(run.prompt_tokens + run.completion_tokens for run in runs)
    calls = sum(run.calls for run in runs)
    money = "price unknown" if cost is None else dollars(cost)
    return ", ".join(
        (
            count(calls, "call") if cap.calls is None else f"{calls:,} of at most {count(cap.calls, 'call')}",
            count(tokens, "token") if cap.tokens is None else f"{tokens:,} of at most {count(cap.tokens, 'token')}",
            money if cap.dollars is None else f"{money} of at most {dollars(cap.dollars)}",
        )
    )


def started_together(wb: Workbench, project: Project, run: Run) -> None:
    """The runs of a grid, what they spent and what they share, where there are several or a cap.

    Where others of them wait and this one does not, that is said here: it is the first one that is opened at the start.
    """
    together = wb.runs.grid(run.id)
    if len(together) == 1 and not budget_of(run.config):
        return
    cost = wb.runs.costs.of_all(together)
    if len(together) == 1:
        st.caption(f":material/savings: So far: {plain(spent_so_far(together, cost))}.")
        return
    names = wb.projects.titles(project.id)
    others = [f"{plain(names.get(one.annotator_id, '?'))} ({plain(_stands(one))})" for one in together]
    # Several models or prompts have a table of their own.
    whose = f": {', '.join(others)}. " if len({one.annotator_id for one in together}) == 1 else " · "
    st.caption(
        f":material/grid_view: **{_how_many(together)}**{whose}Together so far: {plain(spent_so_far(together, cost))}."
    )
    waiting = [one for one in together if one.status is RunStatus.PAUSED]
    if waiting and run.status is not RunStatus.PAUSED:
        how_many = "Another run waits" if len(waiting) == 1 else f"{len(waiting)} other runs wait"
        st.info(plain(f"{how_many}. {waiting[0].message}".strip()), icon=":material/pause_circle:")
        change_cap(wb, waiting[0], wb.runs.cap_state(waiting[0]))


def _stands(run: Run) -> str:
    return f"probe, {status_of(run)}" if run.config.get("purpose") == "probe" else status_of(run)


def _how_many(together: Sequence[Run]) -> str:
    """`4 runs started together`, `1 run and its probe`, `4 runs and their 4 probes`."""
    probes = sum(run.config.get("purpose") == "probe" for run in together)
    others = len(together) - probes
    if not probes or not others:
        return f"{len(together)} {'probes' if probes else 'runs'} started together"
    whose = "its" if others == 1 else "their"
    return f"{count(others, 'run')} and {whose} {'probe' if probes == 1 else f'{probes} probes'}"


def change_cap(wb: Workbench, run: Run, state: CapState) -> None:
    """A popover with another cap where the run waits for one: the present one doubled, or, where that cannot be kept,
    one on calls; else nothing."""
    if run.status is not RunStatus.PAUSED or state is CapState.OPEN or run.config.get("mode") == Mode.FILE:
        return
    is_blind = state is CapState.BLIND
    name, look = "Cap calls instead" if is_blind else "Raise the cap", own("cap", presses=True)
    with st.popover(name, icon=":material/savings:", type=look):
        if is_blind:
            st.caption("Its host does not count tokens, but calls can be counted. This replaces the current cap.")
        st.caption("For all runs that were started with this one; those that wait continue.")
        budget = _calls_instead(wb, run) if is_blind else _raised(run)
        if is_pressed("Continue with this cap", type=look, icon=":material/resume:", key=f"cap-go-{run.id}"):
            with guarded():
                wb.runs.raise_cap(run.id, budget)
                st.rerun()


def _raised(run: Run) -> Budget:
    cap = budget_of(run.config)
    money = tokens = calls = None
    if cap.dollars is not None:
        money = st.number_input(
            "Dollars",
            0.0001,
            None,
            value_of(f"cap-dollars-{run.id}", 2 * cap.dollars),
            key=f"cap-dollars-{run.id}",
            format="%g",
        )
    if cap.tokens is not None:
        tokens = st.number_input(
            "Tokens", 1, None, value_of(f"cap-tokens-{run.id}", 2 * cap.tokens), 1000, key=f"cap-tokens-{run.id}"
        )
    if cap.calls is not None:
        calls = st.number_input(
            "Calls", 1, None, value_of(f"cap-calls-{run.id}", 2 * cap.calls), 10, key=f"cap-calls-{run.id}"
        )
    return Budget(money, tokens, calls)


def _calls_instead(wb: Workbench, run: Run) -> Budget:
    """At first as many as it takes to label what is missing, where nothing is asked twice."""
    key = f"cap-calls-{run.id}"
    return Budget(calls=st.number_input("Calls", 1, None, value_of(key, wb.runs.calls_to_the_end(run.id)), 10, key=key))

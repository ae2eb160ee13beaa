"""What runs started together have spent, under which cap, and raising it."""

from collections.abc import Sequence

import streamlit as st

from core.model import Budget, Project, Run, RunStatus
from core.services.cells import Mode, budget_of
from core.workbench import Workbench
from pages._ui.errors import guarded
from pages._ui.money import dollars
from pages._ui.run_words import status_of
from pages._ui.text import count, plain

_FULL = 0.97


def spent_so_far(runs: Sequence[Run], cost: float | None) -> str:
    """`$0.31 of at most $2.00, 210,000 tokens, 640 calls`."""
    cap = budget_of(runs[0].config)
    tokens = sum(run.prompt_tokens + run.completion_tokens for run in runs)
    money = "price unknown" if cost is None else dollars(cost)
    money += "" if cap.dollars is None else f" of at most {dollars(cap.dollars)}"
    said = count(tokens, "token") + ("" if cap.tokens is None else f" of at most {cap.tokens:,}")
    calls = sum(run.calls for run in runs)
    asked = count(calls, "call") + ("" if cap.calls is None else f" of at most {cap.calls:,}")
    return ", ".join((money, said, asked))


def started_together(wb: Workbench, project: Project, run: Run) -> None:
    """The runs of a grid, what they spent and what they share, where there are several or a cap."""
    together = wb.runs.grid(run.id)
    if len(together) == 1 and not budget_of(run.config):
        return
    cost = wb.runs.costs.of_all(together)
    if len(together) == 1:
        st.caption(f":material/savings: So far {plain(spent_so_far(together, cost))}.")
        return
    names = wb.projects.titles(project.id)
    others = [f"{plain(names.get(one.annotator_id, '?'))} ({plain(status_of(one))})" for one in together]
    st.caption(
        f":material/grid_view: **{len(together)} runs started together**: {', '.join(others)}. "
        f"Together so far {plain(spent_so_far(together, cost))}."
    )


def is_at_cap(wb: Workbench, run: Run) -> bool:
    """Whether going on under the present cap would stop at once; a cap is kept to within what is in flight."""
    cap, together = budget_of(run.config), wb.runs.grid(run.id)
    tokens = sum(one.prompt_tokens + one.completion_tokens for one in together)
    spent = (
        (wb.runs.costs.of_all(together), cap.dollars),
        (tokens, cap.tokens),
        (sum(one.calls for one in together), cap.calls),
    )
    return any(most is not None and so_far is not None and so_far >= _FULL * most for so_far, most in spent)


def raise_cap(wb: Workbench, run: Run) -> None:
    """A popover with the cap, doubled as a proposal; nothing where the run has none or does not wait for one."""
    cap = budget_of(run.config)
    if not cap or run.status is not RunStatus.PAUSED or run.config.get("mode") == Mode.FILE:
        return
    with st.popover("Raise the cap", icon=":material/savings:"):
        st.caption("For all runs that were started with this one; those that wait go on.")
        money = tokens = calls = None
        if cap.dollars is not None:
            money = st.number_input("Dollars", 0.0001, None, 2 * cap.dollars, key=f"cap-dollars-{run.id}", format="%g")
        if cap.tokens is not None:
            tokens = st.number_input("Tokens", 1, None, 2 * cap.tokens, 1000, key=f"cap-tokens-{run.id}")
        if cap.calls is not None:
            calls = st.number_input("Calls", 1, None, 2 * cap.calls, 10, key=f"cap-calls-{run.id}")
        if st.button("Go on with this cap", type="primary", icon=":material/resume:", key=f"cap-go-{run.id}"):
            with guarded():
                wb.runs.raise_cap(run.id, Budget(money, tokens, calls))
                st.rerun()

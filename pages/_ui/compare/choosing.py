"""Who is compared with whom, against which reference and on what; and what to do where there is nothing to compare."""

import streamlit as st

from core.model import Project, Split
from core.services.agreement.comparison import ComparisonView
from core.workbench import Workbench
from pages._ui.shell.address import belongs_to, hold, unknown
from pages._ui.shell.frame import link
from pages._ui.shell.lead import own
from pages._ui.shell.pick import pick
from pages._ui.words.text import count, plain

A, B, REFERENCE, SPLIT = "compare_a", "compare_b", "compare_ref", "compare_split"
Choice = tuple[int, int, int, Split]


def choose(wb: Workbench, project: Project) -> Choice | None:
    """`(reference, A, B, split)`, all in the URL; None where there are not three to choose from, having said so."""
    belongs_to(project.id, [A, B, REFERENCE, SPLIT])
    counts = wb.projects.annotated_counts(project.id)
    at_work = {run.annotator_id for run in wb.runs.live(project.id)}
    names = {str(i): title for i, title in wb.projects.titles(project.id).items() if counts.get(i) or i in at_work}
    if len(names) < 3:
        _too_few(len(names))
        return None
    default = wb.compare.defaults(project.id)
    reference, first, second = (str(one) if str(one) in names else None for one in default)
    lost = any(unknown(key, names) for key in (A, B, REFERENCE)) or unknown(SPLIT, list(Split))
    sides, against, where = st.columns([6.4, 2.6, 2.9], vertical_alignment="bottom")
    with sides.container(horizontal=True, vertical_alignment="bottom"):
        a = pick("A", names, key=A, default=first)
        st.button("Swap", icon=":material/swap_horiz:", on_click=_swap, key="compare-swap", help="A becomes B.")
        b = pick("B", names, key=B, default=second)
    with against:
        chosen = pick("Reference", names, key=REFERENCE, default=reference, help="Whose labels count as right here.")
    shared = wb.compare.shared(project.id, int(chosen), int(a), int(b))
    # Test is looked at by who asked for it alone, and for these.
    best = next((s for s in (Split.VALIDATION, Split.TRAIN) if shared[s]), Split.VALIDATION)
    if lost and not unknown(SPLIT, list(Split)):
        hold(SPLIT, str(best))
    with where:
        split = pick(
            "Split",
            {str(one): f"{one} · {count(shared[one], 'item')}" for one in (Split.TEST, Split.VALIDATION, Split.TRAIN)},
            key=SPLIT,
            default=str(best),
            help="The number is how many items all three have labelled. On test, each model shown counts as a look.",
        )
    return int(chosen), int(a), int(b), Split(split)


def _show_test() -> None:
    st.session_state[SPLIT] = str(Split.TEST)


def _swap() -> None:
    a, b = st.session_state.get(A), st.session_state.get(B)
    st.session_state[A], st.session_state[B] = b, a


def _too_few(present: int) -> None:
    st.info(
        "A comparison needs three annotators with labels: A, B and the reference. So far there "
        f"{'is' if present == 1 else 'are'} {present or 'none'}.",
        icon=":material/info:",
    )
    link("runs", "Let a model label", icon=":material/play_circle:", new_run=1)
    link("review", "Label some items yourself", icon=":material/keyboard:")


def no_items(wb: Workbench, project: Project, view: ComparisonView) -> None:
    """All three are there, but have nothing in common on this split: perhaps on test, which nobody asked to see yet."""
    st.info(plain(view.conclusion()), icon=":material/info:")
    three = view.reference.id, view.a.annotator.id, view.b.annotator.id
    on_test = wb.compare.shared(project.id, *three)[Split.TEST]
    if on_test and view.split is not Split.TEST:
        ahead = wb.data.looks_ahead(project.id, three)
        st.button(
            f"Compare them on {count(on_test, 'test item')}: counts as {count(ahead, 'look')}"
            if ahead
            else f"Compare them on {count(on_test, 'test item')}",
            type=own("compare-on-test", presses=True),
            icon=":material/lock_open:",
            on_click=_show_test,
        )
    where = str(view.split) if view.split else None
    link("runs", f"Run them on {where or 'more items'}", icon=":material/arrow_forward:", new_run=1, run_split=where)

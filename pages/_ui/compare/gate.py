"""The gate: may B take the place of A? Not worse by more than a margin, and nothing forgotten."""

import streamlit as st

from core.model import Project
from core.services.agreement.comparison import ComparisonView
from core.services.agreement.vocabulary import Verdict
from core.workbench import Workbench
from pages._ui.compare.choosing import Choice
from pages._ui.shell.errors import guarded
from pages._ui.shell.fold import fold
from pages._ui.shell.pick import pick
from pages._ui.shell.pick_number import pick_open_number
from pages._ui.words.text import plain

GATE, MARGIN, UP_TO = "compare_gate", "compare_margin", "compare_upto"
USUAL = 0.02
ALL = "all"
_ICONS = {
    Verdict.PASSED: ":green[:material/check_circle:]",
    Verdict.FAILED: ":red[:material/cancel:]",
    Verdict.OPEN: ":gray[:material/help:]",
}


def gate(wb: Workbench, project: Project, view: ComparisonView, chosen: Choice) -> None:
    """Open by itself where B came out of A; worked out only where it is open."""
    job = view.b.fine_tune
    follows = job is not None and job.base_model == (view.a.annotator.model or "")
    is_later = follows and view.a.fine_tune is not None
    place = fold(
        "Gate: is B no worse than A?", key=GATE, default=is_later, asked=(MARGIN, UP_TO), icon=":material/rule:"
    )
    if not place.open:
        return
    with place:
        left, right = st.columns([1, 2.2], gap="medium")
        with left:
            margin = pick_open_number(
                "By how much B may be worse",
                key=MARGIN,
                least=0.0,
                most=1.0,
                placeholder=f"{USUAL:g}",
                step=0.01,
                help="Passed where all of the 95 % interval of the difference lies above minus this: a test of "
                "non-inferiority at 2.5 %, one-sided. Choose it before you look.",
            )
            upto = _upto(wb, project)
        with right, guarded():
            _verdict(wb, project, chosen, USUAL if margin is None else margin, upto)


def _upto(wb: Workbench, project: Project) -> int | None:
    """On the items of old: the test set that the earlier model was measured on stays, whatever has come since."""
    names = wb.data.upload_names(project.id)
    if len(names) < 2:
        return None
    options = {ALL: "All items"} | {str(one): f"Those up to {name}" for one, name in names.items()}
    chosen = pick("On", options, key=UP_TO, help="Items that came later than this upload are left out.")
    return None if chosen == ALL else int(chosen)


def _verdict(wb: Workbench, project: Project, chosen: Choice, margin: float, upto: int | None) -> None:
    found = wb.compare.gate(project.id, *chosen, margin, upto)
    if not found.n:
        st.info("None of these items has been labelled by all three.", icon=":material/info:")
        return
    st.markdown(f"#### {_ICONS[found.gate.verdict]} {plain(found.sentence())}")
    if told := found.forgetting():
        st.markdown(plain(told))

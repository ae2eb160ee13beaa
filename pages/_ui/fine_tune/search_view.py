"""A search: the best of those tried, the chart, what to do with the best, and each trial behind it."""

import streamlit as st

from core.model import Split, Study, Trial
from core.services.learning.fine_tuning import measuring
from core.services.studies.vocabulary import SearchView, spoken
from core.workbench import Workbench
from pages._ui.fine_tune.search_chart import search_chart
from pages._ui.fine_tune.trials import SAID, trial_rows
from pages._ui.shell.errors import guarded
from pages._ui.shell.frame import go
from pages._ui.shell.opening import opening_chart
from pages._ui.shell.press import is_pressed
from pages._ui.words.money import FREE, dollars
from pages._ui.words.table import Cell, Heading, figure
from pages._ui.words.text import count, plain


def search_view(wb: Workbench, study: Study) -> None:
    view = wb.studies.search(study.id)
    if view.best is not None:
        st.markdown(f"#### {plain(view.sentence())}")
        if view.warning():
            st.caption(plain(view.warning()))
        if not study.status.is_live:
            _measure(wb, view)
        opening_chart(search_chart(view), f"study-{study.id}-chart", view.sentence())
        st.caption(plain(_basis(wb, view)))
    if view.trials:
        with st.expander(f"Each of the {count(len(view.trials), 'trial')}"):
            _trials(view)


def _measure(wb: Workbench, view: SearchView) -> None:
    """The best on test beside its base model: once, for the items are then known."""
    assert view.best is not None and view.best.fine_tune_id is not None
    job = wb.fine_tunes.get(view.best.fine_tune_id)
    label = "Compare on test" if view.is_tested else "Measure the best on test"
    if not is_pressed(label, key=f"test-study-{view.study.id}", icon=":material/compare_arrows:"):
        return
    with guarded():
        if not view.is_tested:
            wb.runs.start_missing(measuring(job))
        base, tuned = wb.fine_tunes.pair(job)
        go("compare", compare_a=base, compare_b=tuned, compare_split=Split.TEST)


def _basis(wb: Workbench, view: SearchView) -> str:
    reference = wb.projects.titles(view.study.project_id).get(view.study.config["request"]["annotator_id"], "?")
    told = f"{view.measure} against {reference} on validation items, never on test; the thick line is the best. "
    told += "Dotted lines were ended early: below the median of the others on their way (Optuna’s median pruner). "
    told += "What is tried next is chosen by a tree-structured Parzen estimator (Bergstra et al. 2011). "
    if view.dollars == 0:
        return f"{told}Cost so far: {FREE}."
    return f"{told}Cost so far: {dollars(view.dollars)}, estimated by the tokens that are taught."


def _trials(view: SearchView) -> None:
    headings = [
        Heading("Trial", right=True, width="7%"),
        Heading("Parameters"),
        Heading(
            view.measure, "With its interval by the validation items", axis=(-0.03, 1.03), beside=True, width="33%"
        ),
        Heading("State", width="24%"),
    ]
    best = view.best.id if view.best else None
    rows = [_row(one, is_best=one.id == best) for one in view.trials]
    trial_rows(headings, rows, view.trials, f"study-{view.study.id}-trials")


def _row(trial: Trial, *, is_best: bool) -> list[Cell]:
    score = Cell() if trial.score is None else figure(trial.score, "#E07B39")
    state = "best" if is_best else SAID[trial.status]
    return [Cell(str(trial.number)), Cell(spoken(trial)), score, Cell(state, note=trial.message)]

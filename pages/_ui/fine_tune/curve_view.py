"""A learning curve: what it says in one sentence, the chart, and each fine-tune behind it."""

import streamlit as st

from core.model import Study, Trial
from core.services.studies.vocabulary import LearningCurve
from core.workbench import Workbench
from pages._ui.fine_tune.curve_chart import learning_chart
from pages._ui.fine_tune.trials import SAID, trial_rows
from pages._ui.shell.opening import opening_chart
from pages._ui.shell.pick_number import pick_open_number
from pages._ui.words.figures import number
from pages._ui.words.table import Cell, Heading, figure
from pages._ui.words.text import count, plain


def curve_view(wb: Workbench, study: Study) -> None:
    curve = wb.studies.curve(study.id)
    if curve.points:
        said, wanted = st.columns([5, 1], vertical_alignment="top")
        with wanted:
            target = pick_open_number(
                "Score to reach",
                key="curve_target",
                least=0.01,
                most=1.0,
                placeholder="none",
                step=0.01,
                help=f"{curve.measure} you would like to have: how many more examples does it take?",
            )
        said.markdown(f"#### {plain(curve.sentence(target))}")
        _chart(curve, target)
        st.caption(
            plain(_basis(curve, wb.projects.titles(study.project_id).get(study.config["request"]["annotator_id"], "?")))
        )
    with st.expander(f"Each of the {count(len(curve.trials), 'fine-tune')}"):
        _trials(curve)


def _chart(curve: LearningCurve, target: float | None) -> None:
    chart = learning_chart(curve, target)
    alt = ". ".join(f"{size.n:,} examples: {number(size.mean)}" for size in curve.sizes)
    opening_chart(chart, f"study-{curve.study.id}-chart", alt)


def _basis(curve: LearningCurve, reference: str) -> str:
    told = f"{curve.measure} against {reference} on {count(curve.n_scored, 'validation item')}, never on test. "
    told += "Diamonds are means over deals of the examples, with 95 % intervals (Student’s t). "
    if curve.law is not None:
        told += (
            "The line is an inverse power law fitted to them (Cortes et al. 1993; Figueroa et al. 2012); its band "
            "holds 95 % of the laws that fit as well within what chance does to the points (parametric bootstrap). "
        )
    return told + "All the examples together are one deal, however often they are taught."


def _trials(curve: LearningCurve) -> None:
    """A click on a row opens the run in which its model was asked."""
    headings = [
        Heading("Examples", right=True, width="12%"),
        Heading("Deal", right=True, width="8%"),
        Heading(
            curve.measure, "With its interval by the validation items", axis=(-0.03, 1.03), beside=True, width="35%"
        ),
        Heading("State"),
    ]
    rows = [_row(one) for one in curve.trials]
    trial_rows(headings, rows, curve.trials, f"study-{curve.study.id}-trials")


def _row(trial: Trial) -> list[Cell]:
    subset = trial.config["subset"]
    score = Cell() if trial.score is None else figure(trial.score, "#E07B39")
    return [Cell(f"{subset['n']:,}"), Cell(str(subset["seed"])), score, Cell(SAID[trial.status], note=trial.message)]

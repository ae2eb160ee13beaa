"""Agreement label by label: precision, recall, F1 of one candidate, IoU of all, each with its interval and support."""

from collections.abc import Sequence

import streamlit as st

from core.model import QuestionKind
from core.services.agreement.agreeing import AgreementView, Candidate
from core.services.agreement.vocabulary import LabelScore
from pages._ui.agreement.view import download
from pages._ui.shell.fold import fold
from pages._ui.words.table import Cell, Heading, dot, figure, table
from pages._ui.words.text import plain

_AXIS = (-0.03, 1.03)
_MANY, _TALL = 16, 520
"""More labels are folded away, and then scrolled under their headings within so many pixels."""
_NAMED = 6
"""So many candidates are named beside the labels; more have their colours from the table above."""


def labels_of(view: AgreementView, candidate: Candidate, colors: dict[str, str]) -> None:
    """One table: the scores of the chosen candidate, and beside them how all candidates stand on each label; behind one
    line where there are many."""
    scores = used(candidate.labels())
    if len(scores) <= _MANY:
        _labels(view, candidate, scores, colors)
        return
    title = f"Label by label: precision, recall, F1 and IoU of {len(scores)} labels"
    place = fold(title, key="agree_by_label")
    if place.open:
        with place:
            _labels(view, candidate, scores, colors)


def _labels(view: AgreementView, candidate: Candidate, scores: Sequence[LabelScore], colors: dict[str, str]) -> None:
    title, file = st.columns([7, 1], vertical_alignment="bottom")
    with title.container(horizontal=True, vertical_alignment="bottom"):
        if len(scores) <= _MANY:
            st.subheader("Label by label", anchor=False, width="content")
        st.caption(
            f"{plain(candidate.annotator.name, 40)} against {plain(view.reference.name, 40)}, the most frequent labels "
            "first. 95 % intervals: Wilson; for F1, derived from that of IoU."
        )
    with file:
        download("Every candidate label by label", "agreement-labels.csv", view.label_rows())
    every = sorted((one for one in view.candidates if one.n), key=lambda one: one.apart)
    rows = label_rows(scores, candidate, every, colors)
    headings = label_headings(view, candidate, every)
    table(headings, rows, key="agree_label_table", tall=_TALL if len(rows) > _MANY else 0)


def used(scores: Sequence[LabelScore]) -> list[LabelScore]:
    """The labels either annotator used, those the reference used most first."""
    return sorted((one for one in scores if one.support or one.predicted), key=lambda one: -one.support)


def label_headings(view: AgreementView, candidate: Candidate, every: Sequence[Candidate]) -> list[Heading]:
    who, reference = candidate.annotator.name, view.reference.name
    counted = "spans" if view.kind is QuestionKind.SPANS else "items"
    own = {
        "Precision": f"Of the {counted} {who} gave the label, how many {reference} gave it too",
        "Recall": f"Of the {counted} {reference} gave the label, how many {who} gave it too",
        "F1": "The harmonic mean of precision and recall",
    }
    names = tuple((one.annotator.name, one.annotator.color) for one in every)
    legend = names if len(names) <= _NAMED else ()
    return [
        Heading("Label"),
        Heading(counted.capitalize(), f"{counted.capitalize()} {reference} gave this label", right=True),
        Heading("Said", f"{counted.capitalize()} {who} gave this label", right=True),
        *(Heading(title, about, _AXIS, beside=True, width="17%") for title, about in own.items()),
        Heading(
            "IoU of every candidate" if len(names) > 1 else "IoU", "Both gave it / either gave it", _AXIS, legend=legend
        ),
    ]


def label_rows(
    scores: Sequence[LabelScore], candidate: Candidate, every: Sequence[Candidate], colors: dict[str, str]
) -> list[list[Cell]]:
    """A row a label, in this order; of each candidate a dot at its IoU."""
    of_all = [(one.annotator, {score.label: score for score in one.labels()}) for one in every]
    color = candidate.annotator.color
    rows = []
    for score in scores:
        found = [(who, by[score.label].iou) for who, by in of_all if score.label in by]
        dots = tuple(dot(iou, who.color, who.name) for who, iou in found if iou.value is not None)
        iou = Cell(dots=dots) if len(every) > 1 else figure(score.iou, color)
        own = [figure(one, color) for one in (score.precision, score.recall, score.f1)]
        numbers = [Cell(f"{score.support:,}"), Cell(f"{score.predicted:,}")]
        rows.append([Cell(score.label, color=colors.get(score.label, "")), *numbers, *own, iou])
    return rows

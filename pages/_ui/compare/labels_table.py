"""Label by label from A to B: where both stand on one axis, the numbers, what lies between them, and its test."""

from collections.abc import Mapping

import streamlit as st

from core.model import Estimate, QuestionKind
from core.services.agreement.comparison import ComparisonView
from core.services.agreement.comparison_words import label_in_words
from core.services.agreement.vocabulary import LabelDifference, LabelScore
from pages._ui.words.table import Cell, Dot, Heading, difference, dot, figure, table
from pages._ui.words.text import plain

_MANY, _TALL = 16, 520
"""From so many labels on those that change most come first, scrolled under their headings within so many pixels."""


def labels(view: ComparisonView, colors: Mapping[str, str]) -> None:
    """The table, and how its figures came about."""
    st.subheader("Label by label", anchor=False)
    order = label_order(view.figures.by_label)
    many = len(order) > _MANY
    table(label_headings(view), label_rows(view, order, colors), key="compare_labels", tall=_TALL if many else 0)
    first = "The labels that change most come first. " if many else ""
    st.caption(plain(first + view.labels_note()))


def label_order(differences: tuple[LabelDifference, ...]) -> list[int]:
    """Few labels stand in the task's order; of many those that change most come first."""
    places = list(range(len(differences)))
    if len(places) <= _MANY:
        return places
    return sorted(places, key=lambda place: -abs(differences[place].difference.value or 0.0))


def label_headings(view: ComparisonView) -> list[Heading]:
    who = tuple(
        (f"{letter} · {side.annotator.name}", side.annotator.color) for letter, side in (("A", view.a), ("B", view.b))
    )
    counted = "Spans" if view.kind is QuestionKind.SPANS else "Items"
    return [
        Heading("Label"),
        Heading(counted, f"{counted} {view.reference.name} gave this label", right=True),
        Heading(f"F1 against {view.reference.name}", axis=(-0.03, 1.03), legend=who, width="30%"),
        *(Heading(title, right=True) for title in ("A", "B", "B − A", "Test")),
    ]


def label_rows(view: ComparisonView, order: list[int], colors: Mapping[str, str]) -> list[list[Cell]]:
    """A row a label, in this order."""
    return [_row(view, view.a.labels[one], view.b.labels[one], view.figures.by_label[one], colors) for one in order]


def _row(
    view: ComparisonView, a: LabelScore, b: LabelScore, between: LabelDifference, colors: Mapping[str, str]
) -> list[Cell]:
    dots = tuple(_dots(view, a.f1, b.f1))
    numbers = [figure(a.f1), figure(b.f1), difference(a.f1, b.f1, between.difference)]
    label = Cell(a.label, color=colors.get(a.label, ""))
    return [label, Cell(f"{a.support:,}"), Cell(dots=dots), *numbers, Cell(label_in_words(between))]


def _dots(view: ComparisonView, a: Estimate, b: Estimate) -> list[Dot]:
    sides = (("A", view.a, a), ("B", view.b, b))
    return [dot(score, side.annotator.color, letter) for letter, side, score in sides if score.value is not None]

"""Where a candidate errs whose values hold several labels, spans or an order: sorts of error by label, each opening its
items."""

from collections.abc import Mapping

import streamlit as st

from core.model import Project, QuestionKind
from core.services.agreement.agreeing import AgreementView, Candidate
from core.services.agreement.pairing import ErrorCell
from core.workbench import Workbench
from pages._ui.agreement.matrix import choose_candidate
from pages._ui.review.links import review_link, seen_on_test
from pages._ui.review.queues import CELLS, ORDERS
from pages._ui.words.text import count, plain

_ABOUT = {
    "missed": "the candidate marks nothing where the reference does",
    "spurious": "the candidate marks what the reference does not",
    "wrong_label": "both mark the place, with different labels",
    "longer": "the candidate's span holds the reference's and more",
    "shorter": "the candidate's span lies within the reference's",
    "shifted": "each has characters the other has not",
    "reversed": "two candidates stand in the opposite order",
    "tied": "the candidate ties what the reference orders",
    "untied": "the candidate orders what the reference ties",
}
_LISTED = 8


def where_they_err(wb: Workbench, project: Project, view: AgreementView) -> Candidate:
    """Sorts of error with how many there are, and the commonest by label; of sets, label by label in four parts."""
    candidates = sorted((one for one in view.candidates if one.n), key=lambda one: one.apart)
    heading, who = st.columns([2.7, 1.2], vertical_alignment="center")
    heading.subheader("Where they differ", anchor=False)
    with who:
        candidate = choose_candidate(candidates)
    ids = {name: i for i, name in wb.review.label_names(project.id).items()}
    if candidate.pairing.sets is not None:
        _sets(view, candidate, ids)
    elif view.kind is QuestionKind.RANKING:
        _orders(view, candidate, ids)
    else:
        _spans(view, candidate, ids)
    return candidate


def _cell(view: AgreementView, candidate: Candidate, error: str, **labels: int | None) -> dict[str, object]:
    return {
        "cell": error,
        "who": candidate.annotator.id,
        "ref": view.reference.id,
        "split": view.split or "all",
        **seen_on_test(view.split, view.reference.id, candidate.annotator.id),
        **{name: label for name, label in labels.items() if label is not None},
    }


def _sorts(view: AgreementView, candidate: Candidate, sorts: Mapping[str, str]) -> None:
    """How many errors there are of each sort."""
    errors = candidate.pairing.errors or ()
    for column, (error, title) in zip(st.columns(len(sorts)), sorts.items(), strict=True):
        number = sum(one.count for one in errors if one.error == error)
        with column.container(gap=None):
            if number:
                review_link(f"**{title} {number:,}**", icon=None, **_cell(view, candidate, error))
            else:
                st.markdown(f":small[**{title} 0**]")
            st.caption(_ABOUT[error])


def _spans(view: AgreementView, candidate: Candidate, ids: Mapping[str, int]) -> None:
    _sorts(view, candidate, CELLS)
    errors = candidate.pairing.errors or ()
    columns = st.columns(2, gap="large")
    alone = [one for one in errors if one.reference is None or one.candidate is None]
    for column, title, listed in (
        (columns[0], "Most often missed or spurious", alone),
        (columns[1], "Most often marked otherwise", [one for one in errors if one not in alone]),
    ):
        with column.container(gap="xxsmall"):
            st.markdown(f"**{title}**" if listed else "")
            for one in listed[:_LISTED]:
                named = " called ".join(dict.fromkeys(plain(name) for name in (one.reference, one.candidate) if name))
                _listed(view, candidate, one, f"{CELLS[one.error]}: {named}", ids)


def _orders(view: AgreementView, candidate: Candidate, ids: Mapping[str, int]) -> None:
    """Pairs of candidates, by how the reference orders them: the one that it puts higher first."""
    _sorts(view, candidate, ORDERS)
    errors = candidate.pairing.errors or ()
    columns = st.columns(2, gap="large")
    for column, title, listed in (
        (columns[0], "Most often reversed", [one for one in errors if one.error == "reversed"]),
        (columns[1], "Most often tied by one alone", [one for one in errors if one.error != "reversed"]),
    ):
        with column.container(gap="xxsmall"):
            st.markdown(f"**{title}**" if listed else "")
            for one in listed[:_LISTED]:
                named = f"{plain(one.reference or '')} before {plain(one.candidate or '')}"
                _listed(view, candidate, one, f"{ORDERS[one.error]}: {named}", ids)


def _listed(view: AgreementView, candidate: Candidate, one: ErrorCell, words: str, ids: Mapping[str, int]) -> None:
    labels = {"label": ids.get(one.reference or ""), "also_label": ids.get(one.candidate or "")}
    review_link(f"{words} · {one.count:,}", icon=None, **_cell(view, candidate, str(one.error), **labels))


def _sets(view: AgreementView, candidate: Candidate, ids: Mapping[str, int]) -> None:
    table = candidate.pairing.sets
    assert table is not None
    who, reference = plain(candidate.annotator.name, 30), plain(view.reference.name, 30)
    st.caption(f"Of {count(candidate.n, 'item')}, with the label by both, by {reference} alone, by {who} alone.")
    found = []
    for place, label in enumerate(table.labels):
        (_, added), (missed, both) = table.with_or_without(place).counts.tolist()
        if both or missed or added:
            found.append((label, both, missed, added))
    columns = st.columns(2, gap="large")
    for at, (label, both, missed, added) in enumerate(sorted(found, key=lambda one: -(one[2] + one[3]))):
        with columns[at % 2].container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{plain(label)}** :small[both {both:,}]", width="content")
            if missed:
                labels = {"label": ids.get(label)}
                review_link(f"missed {missed:,}", icon=None, **_cell(view, candidate, "missed", **labels))
            if added:
                labels = {"also_label": ids.get(label)}
                review_link(f"added {added:,}", icon=None, **_cell(view, candidate, "spurious", **labels))

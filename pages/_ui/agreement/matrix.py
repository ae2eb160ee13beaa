"""Agreement's confusion matrix and the labels most confused; each opens its items in Review."""

import streamlit as st

from core.model import Project
from core.services.agreement.agreeing import AgreementView, Candidate
from core.services.agreement.vocabulary import Confusion
from core.workbench import Workbench
from pages._ui.agreement.matrix_chart import (
    BESIDE_UP_TO,
    FITS_UP_TO,
    NUMBERS_UP_TO,
    matrix_chart,
    most_confused_labels,
    used_labels,
)
from pages._ui.review.links import go_review, review_link, seen_on_test
from pages._ui.shell.pick import pick
from pages._ui.words.text import count, plain

_MOST_CONFUSED = 8
_INK = {"light": "#1D2733", "dark": "#E4E8ED"}


def choose_candidate(view: AgreementView) -> Candidate:
    """Whose errors are shown, chosen on the line of the heading; who stands on other items is not the first."""
    with_items = sorted((one for one in view.candidates if one.n), key=lambda one: one.apart)
    names = {str(one.annotator.id): one.annotator.name for one in with_items}
    heading, choice = st.columns([3, 1.2], vertical_alignment="center")
    with heading.container(horizontal=True, vertical_alignment="bottom"):
        st.subheader("Where they differ", anchor=False, width="content")
        st.caption("Blue: they say the same; orange: they differ. Click a cell to open its items.")
    if len(names) < 2:
        return with_items[0]
    with choice:
        chosen = pick("Candidate", names, key="agree_of", label_visibility="collapsed")
    return next(one for one in with_items if str(one.annotator.id) == chosen)


def confusions_of(wb: Workbench, project: Project, view: AgreementView, candidate: Candidate) -> None:
    """The matrix of this candidate beside its most frequent confusions."""
    ids = {name: i for i, name in wb.review.label_names(project.id).items()}
    labels = used_labels(candidate.table)
    if len(labels) > BESIDE_UP_TO:
        _matrix(view, candidate, labels, ids)
        _most_confused(view, candidate, ids, columns=2)
        return
    matrix, list_ = st.columns([13, 8], gap="medium")
    with matrix:
        _matrix(view, candidate, labels, ids)
    with list_:
        _most_confused(view, candidate, ids, columns=1)


def _matrix(view: AgreementView, candidate: Candidate, labels: list[str], ids: dict[str, int]) -> None:
    if len(labels) > NUMBERS_UP_TO:
        shown = {"top": f"The {NUMBERS_UP_TO} most confused labels", "all": f"All {len(labels)} labels"}
        with st.columns([2, 5])[0]:
            some = pick("Labels", shown, key="agree_labels", label_visibility="collapsed") == "top"
        if some:
            labels = most_confused_labels(candidate.table, NUMBERS_UP_TO) or labels[:NUMBERS_UP_TO]
    ink = _INK.get(st.context.theme.type or "light", _INK["light"])
    names = {"reference": view.reference.name, "candidate": candidate.annotator.name}
    chart = matrix_chart(candidate.table, labels, **names, ink=ink)
    width = "stretch" if len(labels) <= BESIDE_UP_TO else "content"
    # What does not fit is scrolled within its own frame, not with the page.
    with st.container(height="content" if len(labels) <= FITS_UP_TO else 900, border=False):
        event = st.vega_lite_chart(chart, on_select="rerun", selection_mode="cell", width=width, key="agree_cells")
    _follow(event, view, candidate, ids)


def _follow(event: object, view: AgreementView, candidate: Candidate, ids: dict[str, int]) -> None:
    cells = getattr(event, "selection", {}).get("cell", []) if event else []
    if not cells:
        return
    reference, said = cells[0].get("reference"), cells[0].get("candidate")
    if reference in ids and said in ids:
        go_review(**cell(view, candidate, ids[reference], ids[said]))


def cell(view: AgreementView, candidate: Candidate, reference_label: int, candidate_label: int) -> dict[str, object]:
    """Exactly the items of one cell, as `review_parameters` takes them."""
    return {
        "split": view.split or "all",
        **seen_on_test(view.split, view.reference.id, candidate.annotator.id),
        "who": view.reference.id,
        "label": reference_label,
        "also": candidate.annotator.id,
        "also_label": candidate_label,
    }


def _most_confused(view: AgreementView, candidate: Candidate, ids: dict[str, int], *, columns: int) -> None:
    found = candidate.confusions(_MOST_CONFUSED)
    with st.container(gap="xsmall"):
        st.markdown(f"**Most confused** :gray[of {count(candidate.n, 'item')}]")
        if not found:
            st.caption("They agree on every item they share.")
        for place, column in enumerate(st.columns(columns, gap="large")):
            with column.container(gap="xxsmall"):
                for one in found[place::columns]:
                    _confused(view, candidate, one, ids)


def _confused(view: AgreementView, candidate: Candidate, one: Confusion, ids: dict[str, int]) -> None:
    # The sentence stands beside the link, not in it: a link is cut where it does not fit, a sentence wraps.
    sentence, where = st.columns([2.4, 1.3], gap="small", vertical_alignment="center")
    sentence.markdown(f":small[{plain(one.reference)} called **{plain(one.candidate)}**]")
    items = count(one.count, "item")
    with where:
        if one.reference in ids and one.candidate in ids:
            review_link(items, icon=None, **cell(view, candidate, ids[one.reference], ids[one.candidate]))
        else:
            st.markdown(items)

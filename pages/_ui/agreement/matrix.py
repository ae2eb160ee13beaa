"""Agreement's confusion matrix and the labels most confused; each opens its items in Review."""

from collections.abc import Sequence

import streamlit as st

from core.model import Project
from core.services.agreement.agreeing import AgreementView, Candidate
from core.services.agreement.vocabulary import Confusion
from core.workbench import Workbench
from pages._ui.agreement.matrix_chart import (
    BESIDE_UP_TO,
    NUMBERS_UP_TO,
    matrix_chart,
    most_confused_labels,
    used_labels,
)
from pages._ui.review.links import go_review, review_link, seen_on_test
from pages._ui.shell.pick import pick
from pages._ui.words.text import breakable, count

_MOST_CONFUSED = 8
_INK = {"light": "#1D2733", "dark": "#E4E8ED"}
_FRAME = 640
"""What does not fit is scrolled within a frame so many pixels high, not with the page."""


def where_they_differ(wb: Workbench, project: Project, view: AgreementView) -> Candidate:
    """One candidate's matrix beside the labels it confuses most; which one is chosen on the line of the heading."""
    # Who stands on other items is not the first.
    candidates = sorted((one for one in view.candidates if one.n), key=lambda one: one.apart)
    has_many = any(len(used_labels(one.table)) > BESIDE_UP_TO for one in candidates)
    heading, first, second = st.columns([2, 1, 1] if has_many else [2.7, 0.1, 1.2], vertical_alignment="center")
    with heading.container(horizontal=True, vertical_alignment="bottom"):
        st.subheader("Where they differ", anchor=False, width="content")
        st.caption("Blue: the same, orange: different. Click a cell to open its items.")
    with second:
        candidate = choose_candidate(candidates)
    with first:
        labels = _labels(candidate)
    ids = {name: i for i, name in wb.review.label_names(project.id).items()}
    if len(labels) > BESIDE_UP_TO:
        _most_confused(view, candidate, ids, columns=2)
        _matrix(view, candidate, labels, ids)
    else:
        matrix, list_ = st.columns([13, 8], gap="medium")
        with matrix:
            _matrix(view, candidate, labels, ids)
        with list_:
            _most_confused(view, candidate, ids, columns=1)
    return candidate


def choose_candidate(candidates: Sequence[Candidate]) -> Candidate:
    """Whose differences are shown."""
    if len(candidates) < 2:
        return candidates[0]
    by_id = {str(one.annotator.id): one for one in candidates}
    names = {i: one.annotator.name for i, one in by_id.items()}
    return by_id[pick("Candidate", names, key="agree_of", label_visibility="collapsed")]


def _labels(candidate: Candidate) -> list[str]:
    """All that were used, where they fit beside the list; else as many as are chosen, the most confused at first."""
    used = used_labels(candidate.table)
    steps = [most for most in (BESIDE_UP_TO, NUMBERS_UP_TO) if most < len(used)]
    if not steps:
        return used
    shown = {str(most): f"{most} most confused" for most in steps} | {"all": f"All {len(used)} labels"}
    chosen = pick("Labels", shown, key="agree_labels", label_visibility="collapsed")
    if chosen == "all":
        return used
    return most_confused_labels(candidate.table, int(chosen)) or used[: int(chosen)]


def _matrix(view: AgreementView, candidate: Candidate, labels: list[str], ids: dict[str, int]) -> None:
    ink = _INK.get(st.context.theme.type or "light", _INK["light"])
    names = {"reference": view.reference.name, "candidate": candidate.annotator.name}
    chart = matrix_chart(candidate.table, labels, **names, ink=ink)
    fits = len(labels) <= NUMBERS_UP_TO
    with st.container(height="content" if fits else _FRAME, border=False):
        event = st.vega_lite_chart(
            chart, on_select="rerun", selection_mode="cell", width="stretch" if fits else "content", key="agree_cells"
        )
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
    sentence.markdown(f":small[{breakable(one.reference)} called **{breakable(one.candidate)}**]")
    items = count(one.count, "item")
    with where:
        if one.reference in ids and one.candidate in ids:
            review_link(items, icon=None, **cell(view, candidate, ids[one.reference], ids[one.candidate]))
        else:
            st.markdown(items)

"""What went wrong in a run: errors by kind and unclear answers, each with what the host sent."""

from collections.abc import Iterable, Sequence

import streamlit as st

from core.model import AnswerKind
from core.services.runs.details import RunDetails, Trouble
from core.workbench import Workbench
from pages._ui.review.links import review_link
from pages._ui.runs.rows import trouble_rows
from pages._ui.runs.words import ANSWERS, ERRORS
from pages._ui.shell.connection import keep
from pages._ui.words.text import count, plain

_ABOUT_TEST = (
    "What a model answered on test is hidden, so that opening a run is not a look. Showing it counts as a "
    "look: the more often you look and then change something, the less a score on test says."
)


def _recorded_as(unclear: Iterable[str]) -> str:
    """What became of them, where that is one thing."""
    if all(kind not in (AnswerKind.PARTLY, AnswerKind.FLIPPED) for kind in unclear):
        return ", recorded as the fallback"
    return ", recorded as a tie, or as the fallback without ties" if {*unclear} == {AnswerKind.FLIPPED} else ""


def troubles_shown(wb: Workbench, details: RunDetails, troubles: Sequence[Trouble]) -> None:
    """Two tables at most, or one good word. `troubles` leave out what was answered on test, until it is asked for."""
    if not details.errors and not details.unclear:
        if details.answers:
            st.caption(":green[:material/check:] Every answer so far is clear.")
        return
    run = details.run
    if details.troubled_on_test and _shows_test(details):
        troubles = wb.runs.troubles(run.id, models_on_test=True)
    errors = [trouble for trouble in troubles if trouble.kind in details.errors]
    unclear = [trouble for trouble in troubles if trouble.kind not in details.errors]
    if details.errors:
        kinds = ", ".join(f"{ERRORS[kind]} {number:,}" for kind, number in details.errors.items())
        st.markdown(f"**Errors** · {plain(kinds)}")
        _table(errors, "What the host sent", "run-errors")
    if details.unclear:
        kinds = ", ".join(f"{ANSWERS[kind]} {number:,}" for kind, number in details.unclear.items())
        st.markdown(f"**Unclear answers**{_recorded_as(details.unclear)} · {plain(kinds)}")
        _table(unclear, "Raw answer", "run-unclear")
    review_link(
        "Review these items",
        split=run.config.get("split"),
        run=run.id,
        only="errors",
        shown=[run.annotator_id],
    )


def _shows_test(details: RunDetails) -> bool:
    """Whether what the model answered on test is to be shown too. Off until asked for, for each run anew."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/lock: **{count(details.troubled_on_test, 'test item')} among these.**", width="content")
        return st.toggle(
            "Show what the model answered there: counts as a look",
            key=keep(f"run-test-answers-{details.run.id}"),
            help=_ABOUT_TEST,
        )


def _table(troubles: Sequence[Trouble], raw: str, key: str) -> None:
    if not troubles:
        return
    st.dataframe(
        trouble_rows(troubles, raw),
        key=key,
        hide_index=True,
        height=290 if len(troubles) > 7 else "auto",
        column_config={
            "Item": st.column_config.TextColumn(width=240),
            "Kind": st.column_config.TextColumn(width=110),
            "Why": st.column_config.TextColumn(width=140),
            raw: st.column_config.TextColumn(width=98),
        },
    )

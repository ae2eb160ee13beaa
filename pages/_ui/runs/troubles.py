"""What went wrong in a run: errors by kind and unclear answers, each with what the host sent."""

from collections.abc import Sequence

import streamlit as st

from core.services.runs.details import RunDetails, Trouble
from pages._ui.review.links import review_link
from pages._ui.runs.rows import trouble_rows
from pages._ui.runs.words import ANSWERS, ERRORS
from pages._ui.words.text import plain


def troubles_shown(details: RunDetails, troubles: Sequence[Trouble]) -> None:
    """Two tables at most, or one good word."""
    if not details.errors and not details.unclear:
        if details.answers:
            st.caption(":green[:material/check:] Every answer so far named exactly one label.")
        return
    errors = [trouble for trouble in troubles if trouble.kind in details.errors]
    unclear = [trouble for trouble in troubles if trouble.kind not in details.errors]
    if errors:
        kinds = ", ".join(f"{ERRORS[kind]} {number:,}" for kind, number in details.errors.items())
        st.markdown(f"**Errors** · {plain(kinds)}")
        _table(errors, "what the host sent", "run-errors")
    if unclear:
        kinds = ", ".join(f"{ANSWERS[kind]} {number:,}" for kind, number in details.unclear.items())
        st.markdown(f"**Unclear answers**, recorded as the fallback · {plain(kinds)}")
        _table(unclear, "raw answer", "run-unclear")
    run = details.run
    review_link(
        "Review these items",
        split=run.config.get("split"),
        run=run.id,
        only="errors",
        shown=[run.annotator_id],
    )


def _table(troubles: Sequence[Trouble], raw: str, key: str) -> None:
    st.dataframe(
        trouble_rows(troubles, raw),
        key=key,
        hide_index=True,
        height=290 if len(troubles) > 7 else "auto",
        column_config={
            "item": st.column_config.TextColumn(width=240),
            "kind": st.column_config.TextColumn(width=110),
            "why": st.column_config.TextColumn(width=140),
            raw: st.column_config.TextColumn(width=98),
        },
    )

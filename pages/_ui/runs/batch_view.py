"""How a run's batches stand at their host, and its way out and back as a file."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from core.model import Run
from core.services.asking.requests import Mode
from core.services.batching.handling import Batch
from core.workbench import Workbench
from pages._ui.runs.batch_file import file_steps
from pages._ui.runs.batch_words import batch_rows, waits_how_long
from pages._ui.shell.press import is_pressed
from pages._ui.words.text import plain

_LOOK_SECONDS = 3.0


def batch_panel(wb: Workbench, run: Run) -> None:
    """Of an opened run: its batches where it has some, the three steps of a file where it is one; else nothing."""
    mode = run.config.get("mode") or Mode.LIVE
    if mode == Mode.BATCH and run.status.is_live:
        _following(wb, run.id)
        return
    _batches(wb.batches.of(run.id))
    if mode == Mode.FILE:
        file_steps(wb, run)


def answer_elsewhere(wb: Workbench, run: Run) -> None:
    """What an ended run misses can be answered by file as well: folded, as it is rarely the way."""
    if run.missing and not run.status.is_live and run.config.get("mode") != Mode.FILE:
        with st.expander("Have the missing items answered elsewhere, by file", icon=":material/move_to_inbox:"):
            file_steps(wb, run)


@st.fragment(run_every=_LOOK_SECONDS)
def _following(wb: Workbench, run_id: int) -> None:
    """The batches while they change; the page itself is drawn anew by the panel of live runs."""
    found = wb.batches.of(run_id)
    if not found:
        st.caption("Its batches are being written: answers in the cache are used, the rest goes into files.")
    _batches(found)
    if any(batch.may_be_at_host for batch in found) and is_pressed(
        "Stop following",
        key=f"leave-batches-{run_id}",
        type="tertiary",
        help="Use this if the host never reports an end: LabelLoop stops asking, and the run ends. The batches may "
        "continue there and cost money.",
    ):
        wb.batches.stop_following(run_id)
        st.rerun()


def _batches(found: list[Batch]) -> None:
    if not found:
        return
    st.markdown("**Batches**")
    rows = pd.DataFrame(batch_rows(found))
    hidden = [] if rows["Note"].any() else ["Note"]
    st.dataframe(
        rows.drop(columns=hidden),
        hide_index=True,
        key="run-batches",
        height=290 if len(rows) > 7 else "auto",
        column_config={
            "Batch": st.column_config.NumberColumn(width=50),
            "Status": st.column_config.TextColumn(width="small"),
            "The host says": st.column_config.TextColumn(width="small"),
            "Lines": st.column_config.NumberColumn(format="localized", width="small"),
            "Answered": st.column_config.NumberColumn(format="localized", width="small"),
            "Failed": st.column_config.NumberColumn(format="localized", width="small"),
            "Sent": st.column_config.DatetimeColumn(format="D MMM, HH:mm", width="small"),
            "Note": st.column_config.TextColumn(width="large"),
        },
    )
    if said := waits_how_long(found, datetime.now(UTC)):
        st.caption(plain(said))

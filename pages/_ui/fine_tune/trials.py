"""The trials of a study, each of which leads to the run in which its model was asked."""

from collections.abc import Sequence

import streamlit as st

from core.model import Trial, TrialStatus
from pages._ui.shell.frame import go
from pages._ui.words.table import Cell, Heading, Opening, table

_OPENED = "study:opened"
_TALL = 420
SAID = {
    TrialStatus.WAITING: "waiting",
    TrialStatus.TRAINING: "training",
    TrialStatus.ASKING: "being measured",
    TrialStatus.DONE: "done",
    TrialStatus.PRUNED: "ended early",
    TrialStatus.FAILED: "failed",
    TrialStatus.CANCELLED: "cancelled",
}


def leave_where_asked() -> None:
    """Go to the run of the row that was chosen, if one was; before anything is drawn."""
    if (run := st.session_state.pop(_OPENED, None)) is not None:
        go("runs", run=run)


def trial_rows(headings: Sequence[Heading], rows: Sequence[Sequence[Cell]], trials: Sequence[Trial], key: str) -> None:
    """A table with a row a trial; a row that is chosen opens its run."""
    ids = [one.run_id or -one.id for one in trials]
    table(headings, rows, key=key, tall=_TALL, opening=Opening(ids, [], _open))


def _open(run_id: int) -> None:
    if run_id > 0:
        st.session_state[_OPENED] = run_id

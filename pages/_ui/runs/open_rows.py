"""A table of runs in which a row opens its run: by a click on any of its cells, or with the arrow keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from pages._ui.shell.address import settle, write

RUN = "run"
_OPENED = "background-color: rgba(128, 128, 128, 0.18)"
_NOTHING = {"selection": {"rows": [], "columns": [], "cells": []}}
_MOST_SEEN = 6
_ROW = 35


@dataclass(frozen=True)
class RowMark:
    """Which run a row opens, whether it is open, and its colour."""

    run_id: int
    is_open: bool
    color: str


def opened(ids: Sequence[int]) -> int:
    """The run that is open, of those there are: as the URL says, else the first."""
    known = [str(one) for one in ids]
    settle("Run", RUN, lambda given: given if given in known else None, known.__contains__, known[0])
    write(RUN, st.session_state[RUN])
    return int(st.session_state[RUN])


def open_next(run_id: int) -> None:
    """Open this run from now on."""
    st.session_state[RUN] = str(run_id)


def rows_to_open(rows: pd.DataFrame, marks: Sequence[RowMark], *, key: str, columns: Mapping[str, object]) -> None:
    """A mark a row; the column `run` has its colour. Long tables scroll within."""
    _let_go(key, marks)
    styled = rows.style.apply(lambda _: [f"color: {mark.color}" for mark in marks], subset=["run"])
    st.dataframe(
        styled.apply(lambda row: [_OPENED if marks[row.name].is_open else ""] * len(row), axis=1),
        key=key,
        hide_index=True,
        # Half a row more than fits says that there are others.
        height=int((_MOST_SEEN + 1.5) * _ROW) if len(rows) > _MOST_SEEN else "auto",
        on_select=lambda: _open_clicked(key, marks),
        selection_mode="single-cell",  # any cell of a row opens it: no box to hit
        column_config=dict(columns),
    )


def _let_go(key: str, marks: Sequence[RowMark]) -> None:
    """A cell chosen in a row whose run is open no more is let go: a second click on it would change nothing."""
    row = _chosen_row(key)
    if row is not None and not (row < len(marks) and marks[row].is_open):
        st.session_state[key] = _NOTHING


def _open_clicked(key: str, marks: Sequence[RowMark]) -> None:
    row = _chosen_row(key)
    if row is not None and row < len(marks):
        open_next(marks[row].run_id)


def _chosen_row(key: str) -> int | None:
    state = st.session_state.get(key)
    cells = state["selection"]["cells"] if state else []
    return cells[0][0] if cells else None

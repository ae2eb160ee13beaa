"""Tables of runs in which a row opens its run; which one is open is in the URL."""

from collections.abc import Sequence

import streamlit as st

from pages._ui.shell.address import hold, settle, write
from pages._ui.words.table import Cell, Heading, Opening, table

RUN = "run"
_TALL = 232
"""Pixels: half a row more than fits says that there are others."""


def opened(ids: Sequence[int]) -> int:
    """The run that is open, of those there are: as the URL says, else the first."""
    known = [str(one) for one in ids]
    settle("Run", RUN, lambda given: given if given in known else None, known.__contains__, known[0])
    write(RUN, st.session_state[RUN])
    return int(st.session_state[RUN])


def open_next(run_id: int) -> None:
    """Open this run from now on, also where the browser has not heard yet which one was opened before it."""
    hold(RUN, str(run_id))


def rows_to_open(
    headings: Sequence[Heading], rows: Sequence[Sequence[Cell]], ids: Sequence[int], is_open: Sequence[int], *, key: str
) -> None:
    """Each row opens the run of its id. Long tables scroll within."""
    table(headings, rows, key=key, tall=_TALL, opening=Opening(ids, is_open, open_next))

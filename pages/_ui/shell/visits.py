"""One entry in the browser's history for each visit of a page, so that Back leads to the page before.

For every parameter that a page adds to its own address, Streamlit has the browser push an entry. Once our part is
there, such an entry takes the place of the one before it (`visits.js`). The first page is drawn before that part is:
until it has been, what its address becomes is held here, and told to that part, which puts it in place.

Streamlit has no setting for this: `hold_first_address` wraps the one method that tells the browser.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state.query_params import QueryParams

from pages._ui.shell.bundle import bundle

_TOLD = "visits:told"
_teller = st.components.v2.component(
    "visits",
    html="<span hidden>\n</span>",
    js=bundle(Path(__file__).parent, "visits.js"),
)


def hold_first_address() -> None:
    """From now on, for every session of this server. Once is enough, twice does no harm."""
    send = QueryParams._send_query_param_msg
    if hasattr(send, "__wrapped__"):
        return

    @wraps(send)
    def send_once_told(self: QueryParams) -> None:
        running = get_script_run_ctx()
        if st.session_state.get(_TOLD):
            send(self)
        elif running is not None:
            running.query_string = urlencode(self._query_params, doseq=True)  # what a rerun of this run begins with

    QueryParams._send_query_param_msg = send_once_told  # type: ignore[method-assign]


@contextmanager
def one_entry() -> Iterator[None]:
    """Around the page, for `app.py` alone: the first one that is drawn to its end is told what its address is."""
    yield
    _tell()


def _tell() -> None:
    running = get_script_run_ctx()
    is_first = not st.session_state.get(_TOLD) and running is not None
    with st.sidebar:
        _teller(key="visits", data={"address": running.query_string if is_first else ""}, height=0)
    st.session_state[_TOLD] = True

"""One entry in the browser's history for each visit of a page, so that Back leads to the page before.

For every parameter that a page adds to its own address, Streamlit has the browser push an entry, and to whichever page
the browser is at: on a busy machine still the one before, whose address it then spoils. So what the address of a page
becomes is held here until the page has been drawn, and told to a part of ours (`visits.js`), which puts it in place
once the browser is there. What the page changes later, Streamlit tells the browser at once; our part lets such an entry
take the place of the one before.

Streamlit has no setting for this: `hold_addresses` wraps the one method that tells the browser.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state.query_params import QueryParams

from pages._ui.shell.connection import present
from pages._ui.shell.navigation import names, odd_spelling
from pages._ui.words.bundle import bundle

_PAGE, _TOLD = "visits:page", "visits:told"
_teller = st.components.v2.component(
    "visits",
    html="<span hidden>\n</span>",
    js=bundle(Path(__file__).parent, "visits.js"),
)


def hold_addresses() -> None:
    """From now on, for every session of this server. Once is enough, twice does no harm."""
    send = QueryParams._send_query_param_msg
    if hasattr(send, "__wrapped__"):
        return

    @wraps(send)
    def send_once_told(self: QueryParams) -> None:
        running = get_script_run_ctx()
        if _is_told():
            send(self)
        elif running is not None:
            running.query_string = urlencode(self._query_params, doseq=True)  # what a rerun of this run begins with

    QueryParams._send_query_param_msg = send_once_told  # type: ignore[method-assign]


@contextmanager
def one_entry(page: str) -> Iterator[None]:
    """Around the page of this name, for `app.py` alone: once it has been drawn to its end, the browser is told what its
    address is."""
    here = st.session_state[_PAGE] = page, present()  # what was told over a connection that broke may be lost
    yield
    running = get_script_run_ctx()
    data = {}
    if running is not None and not _is_told():
        elsewhere = [one for one in names() if one != page]
        data = {"visit": uuid4().hex, "address": running.query_string, "elsewhere": elsewhere, "odd": odd_spelling()}
    with st.sidebar:
        _teller(key="visits", data=data, height=0)
    st.session_state[_TOLD] = here


def _is_told() -> bool:
    return st.session_state.get(_PAGE) == st.session_state.get(_TOLD)

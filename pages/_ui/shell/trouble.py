"""What stands in the way of storing, said on every page while it lasts, and no longer."""

import streamlit as st

from pages._ui.shell.errors import SAID, TOLD, is_passing_said, needed, said, show_error, show_held
from pages._ui.shell.handle import workbench

_LOOK_SECONDS = 2.0
_WHOLE = "trouble:whole"


def watch() -> bool:
    """For `app.py` alone, before the page: says it. Whether there is a database to read, so that the page can be."""
    with needed():
        wb = workbench()
        st.session_state[_WHOLE] = True
        st.session_state[SAID] = []
        _watched()
        if wb.health.is_there():
            return True
        show_held()
    return False


@st.fragment(run_every=_LOOK_SECONDS)
def _watched() -> None:
    """Once it is over the page is drawn anew, without what it could not do meanwhile."""
    is_whole = st.session_state.pop(_WHOLE, False)
    trouble = workbench().health.trouble()
    told, st.session_state[TOLD] = st.session_state.get(TOLD), trouble.message if trouble is not None else None
    if trouble is None:
        # The page may have met it between two looks, and say it where no look ever did.
        if (told or is_passing_said()) and not is_whole:
            st.rerun()
    elif trouble.message not in {error.message for error in said()}:
        show_error(trouble)

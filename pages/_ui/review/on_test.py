"""Review of test items: said to be so, and blind to what models say of them until somebody asks, which counts."""

import streamlit as st

from pages._ui.review.cast import Cast
from pages._ui.review.queues import HOLDING_TEST, MODELS_ON_TEST
from pages._ui.shell.address import forget
from pages._ui.shell.pick import pick_switch
from pages._ui.words.text import count

_ABOUT = (
    "What models say about test items is hidden, so that going through them is not a look. Showing it counts "
    "as a look for each model: the more often you look and then change something, the less a score on test says."
)


def models_on_test(cast: Cast, split: str, cost: int) -> bool:
    """Says that test items are shown; whether what models say of them is to be shown too. Off until asked for, and told
    before as how many looks it counts."""
    if split not in HOLDING_TEST:
        forget([MODELS_ON_TEST])
        st.query_params.pop(MODELS_ON_TEST, None)
        return False
    if not cast.models():
        return False
    with st.container(horizontal=True, vertical_alignment="center", key="review-on-test"):
        what = "These are test items." if split == "test" else "Test items are among these."
        told = f" Showing what models say counts as {count(cost, 'look')}." if cost else ""
        st.markdown(f":material/lock: **{what}**{told}", width="content")
        return pick_switch("Show what models say", key=MODELS_ON_TEST, help=_ABOUT)


def veil(looks: int) -> None:
    """Instead of a queue that is picked by what models say of test items: what it costs to open it."""
    st.info(
        "This queue is selected by what models say about test items. Opening it shows how they agree there, and "
        "counts as "
        f"{count(looks, 'look')}.",
        icon=":material/visibility_off:",
    )
    st.button("Open it anyway", icon=":material/visibility:", on_click=_show)


def _show() -> None:
    st.session_state[MODELS_ON_TEST] = True

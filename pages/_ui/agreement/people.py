"""People among themselves: what a model can be held to."""

import streamlit as st

from core.services.agreement.agreeing import AgreementView
from pages._ui.words.figures import basis, with_interval
from pages._ui.words.text import plain


def people_among_themselves(view: AgreementView) -> None:
    """All of them together and each against the rest; nothing where there are fewer than three."""
    rows = view.people.rows() if view.people else []
    if not rows:
        return
    st.subheader("People among themselves", anchor=False)
    st.dataframe(
        {
            "who": [who for who, _, _ in rows],
            "metric": [what for _, what, _ in rows],
            "value": [with_interval(figure) for *_, figure in rows],
            "n": [figure.n for *_, figure in rows],
            "how": [basis(figure) for *_, figure in rows],
        },
        hide_index=True,
        width="stretch",
        column_config={"value": st.column_config.TextColumn(alignment="right")},
    )
    where = f"{view.split} items" if view.split else "items of all splits"
    st.caption(
        plain(
            f"On the {where} that at least two people (or imported columns) have labelled; Fleiss' kappa on those that "
            "all of them have. Agrees with the others: how often one's label is another's on the same item."
        )
    )

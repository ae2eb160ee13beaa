"""Projects: what am I working on?"""

import streamlit as st

from core.workbench import Workbench
from pages._ui.projects.bringing import bring_fine_tune, brought
from pages._ui.projects.cards import cards
from pages._ui.projects.view import (
    empty_state,
    guide,
    new_project_bar,
    removed_projects,
    undo_removal,
)
from pages._ui.shell.frame import heading, show
from pages._ui.shell.navigation import odd_address
from pages._ui.words.text import plain


def projects(wb: Workbench) -> None:
    heading("Projects")
    if (odd := odd_address()) is not None:
        st.info(f"There is no page “{plain(odd, 40)}”. These are your projects.", icon=":material/link_off:")
    known = wb.projects.all()
    undo_removal(wb)
    brought(wb)
    if known:
        words = new_project_bar(wb, len(known))
        guide(wb, known)
        cards(wb, words)
    else:
        empty_state(wb)
        bring_fine_tune(wb)
    removed_projects(wb)


show(projects)

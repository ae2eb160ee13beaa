"""A fine-tune from another machine, from the zip that Fine-tune built there."""

import streamlit as st

from core.services.data.sources import spool
from core.services.portable.bringing import Brought
from core.workbench import Workbench
from pages._ui.shell.errors import guarded
from pages._ui.shell.frame import link
from pages._ui.words.text import plain

_NUMBER, _DONE = "bring_number", "bring_done"


def bring_fine_tune(wb: Workbench) -> None:
    """Behind a button; a zip is imported as soon as it is there, since a second time changes nothing."""
    with st.popover("Import a fine-tune", icon=":material/luggage:", type="tertiary"):
        number = st.session_state.setdefault(_NUMBER, 0)
        file = st.file_uploader(
            "Zip of a fine-tune, as Fine-tune builds it, up to 500 MB",
            type="zip",
            key=f"bring_upload_{number}",
            help="Its project comes with it: items, answers, task, prompt and results. Importing it twice changes "
            "nothing.",
        )
        if file is not None:
            with guarded():
                with st.spinner("Importing …"):
                    path = spool(wb.settings.data_dir / "uploads", file.name, file)
                    st.session_state[_DONE] = wb.portable.bring(path)
                st.session_state[_NUMBER] = number + 1
                st.rerun()


def brought(wb: Workbench) -> None:
    """What the last import came to."""
    done: Brought | None = st.session_state.get(_DONE)
    if done is not None and any(done.project_id == one.id for one in wb.projects.every_question()):
        st.success(plain(done.sentence()), icon=":material/check:")
        link("fine_tune", "See it on Fine-tune", icon=":material/arrow_forward:", project=done.project_id)

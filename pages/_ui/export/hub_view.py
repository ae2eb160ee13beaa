"""Pushing a data set to the Hugging Face hub: what leaves and where it goes, the token, and the button."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.errors import WorkbenchError
from core.model import Project
from core.services.export.pushing import TOKEN
from core.workbench import Workbench
from pages._ui.shell.connection import keep
from pages._ui.shell.errors import guarded
from pages._ui.shell.press import is_submitted
from pages._ui.words.text import plain

_FIELD, _TROUBLE, _PUSHED = "hub-token", "hub-token-trouble", "hub-pushed"


def push_to_hub(wb: Workbench, project: Project, what: Mapping[str, Any]) -> None:
    """Offered beside the download; `what` are the choices of annotators and of models on test."""
    with st.popover("Push to the hub", icon=":material/cloud_upload:"):
        st.caption(
            "The texts, other fields and files of all items and what the chosen annotators say go to huggingface.co, "
            "as one Parquet file per split. Masking is for prompts: it changes nothing here."
        )
        if wb.hub.has_token():
            _push(wb, project, what)
            st.button("Forget the typed token", key="hub-forget", type="tertiary", on_click=wb.hub.forget_token)
        else:
            _ask_token(wb)


def _ask_token(wb: Workbench) -> None:
    def hold() -> None:
        try:
            wb.hub.type_token(st.session_state[_FIELD])
            st.session_state.pop(_TROUBLE, None)
        except WorkbenchError as error:
            st.session_state[_TROUBLE] = str(error)
        st.session_state[_FIELD] = ""

    with st.form("hub-token-form", clear_on_submit=True, border=False):
        st.text_input("Token that may write", type="password", key=_FIELD, autocomplete="off", placeholder="hf_…")
        st.form_submit_button("Use this token", on_click=hold, icon=":material/key:")
    st.caption(f"It stays in the program's memory until it stops. {TOKEN} in the environment works as well.")
    if trouble := st.session_state.get(_TROUBLE):
        st.error(plain(trouble))


def _push(wb: Workbench, project: Project, what: Mapping[str, Any]) -> None:
    with st.form("hub-push-form", border=False):
        name = st.text_input("Data set", key=keep(f"hub-name-{project.id}"), placeholder="owner/name")
        is_public = st.toggle("Everybody can read it", key=keep(f"hub-public-{project.id}"))
        if is_submitted("Push", key="hub-push", icon=":material/cloud_upload:"):
            with guarded(), st.spinner("Pushing …"):
                st.session_state[_PUSHED] = wb.hub.push(project.id, name, private=not is_public, **what)
    if address := st.session_state.get(_PUSHED):
        st.caption(f":material/check: Pushed to {plain(address)}")

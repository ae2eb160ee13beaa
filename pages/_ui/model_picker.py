"""Choosing a host and one of its models; a host that cannot be reached is one sentence, not the end of the page."""

import streamlit as st

from core.errors import WorkbenchError
from core.model import Host, Project
from core.services.hosts import ModelChoice
from core.workbench import Workbench
from pages._ui.pick import pick
from pages._ui.text import plain


def pick_host(wb: Workbench, key: str) -> Host:
    """The host; the choice lives in the URL under `key`."""
    hosts = {host.key: host for host in wb.hosts.all()}
    return hosts[pick("Host", {name: host.title for name, host in hosts.items()}, key=key)]


def pick_model(wb: Workbench, project: Project, host: Host, key: str) -> str:
    """The model's name, tuned ones first; empty where the host cannot say which it has."""
    choices, _ = models_of(wb, project, host)
    if not choices:
        st.selectbox("Model", [], disabled=True, placeholder="none to choose from", key=f"{key}_none")
        return ""
    return pick("Model", {choice.name: choice.title for choice in choices}, key=key)


def about_host(wb: Workbench, project: Project, host: Host, key: str) -> None:
    """What kind of host this is, or why it cannot be asked, with a way to ask again."""
    _, trouble = models_of(wb, project, host)
    if trouble:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning(plain(trouble), icon=":material/cloud_off:", width="stretch")
            st.button("Ask again", icon=":material/refresh:", key=key, on_click=_models.clear)
    elif host.about:
        st.caption(f":material/info: {plain(host.title)}: {plain(host.about)}")


def models_of(wb: Workbench, project: Project, host: Host) -> tuple[list[ModelChoice], str]:
    """The host's models and, where it could not say, why. Kept for half a minute, or until a fine-tune ends."""
    tuned = tuple(job.id for job in wb.fine_tunes.all(project.id) if job.fine_tuned_model)
    return _models(wb, str(wb.settings.database_path), project.id, host.key, host.base_url, tuned)


@st.cache_data(ttl=30, max_entries=50, show_spinner="Asking the host for its models …")
def _models(
    _wb: Workbench, database: str, project_id: int, host: str, base_url: str, tuned: tuple[int, ...]
) -> tuple[list[ModelChoice], str]:
    """A failure is kept as well, so that a host that is down does not hold up every click."""
    try:
        return _wb.hosts.models(host, project_id), ""
    except WorkbenchError as error:
        return [], str(error)

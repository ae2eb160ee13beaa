"""The uploads of a project: what came in together, its items, and the way back as long as nothing came of it."""

import streamlit as st

from core.model import Project
from core.services.data.bringing import UploadFacts
from core.workbench import Workbench
from pages._ui.shell.errors import guarded
from pages._ui.shell.frame import link
from pages._ui.shell.press import Press, is_pressed
from pages._ui.words.text import count, plain


def uploads_panel(wb: Workbench, project: Project) -> None:
    """The newest first."""
    for one in wb.data.uploads(project.id):
        with st.container(border=True, key=f"upload-{one.upload.id}"):
            _line(wb, project, one)


def _line(wb: Workbench, project: Project, one: UploadFacts) -> None:
    upload = one.upload
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(upload.name)}** · {upload.created_at.astimezone():%d %b %Y, %H:%M}", width="stretch")
        if upload.n_items:
            link("data", "Its items", icon=":material/list:", view="items", came_with=upload.id)
        if not one.in_the_way and _undo(upload.id):
            with guarded():
                wb.data.undo_upload(project.id, upload.id)
                st.rerun()
    st.caption(_about(one))
    if one.in_the_way and not one.is_first:
        st.caption(f":material/lock: Cannot be undone. {plain(one.in_the_way)}")


def _undo(upload_id: int) -> Press:
    return is_pressed("Undo", key=f"undo-upload-{upload_id}", icon=":material/undo:", type="tertiary")


def _about(one: UploadFacts) -> str:
    upload, counts = one.upload, one.upload.counts
    if one.is_first:
        return f"{count(upload.n_items, 'item')}. The project began with it."
    known = f", {counts.get('known', 0):,} were here already" if counts.get("known") else ""
    return f"{count(upload.n_items, 'new item')}{known} · {count(counts.get('annotations', 0), 'annotation')}"

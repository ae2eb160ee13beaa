"""What was built of a project so far: how large and how old each file is, and what came since."""

import streamlit as st

from core.model import Project
from core.services.export.built_files import NEWEST, BuiltFile
from core.services.media.vocabulary import bytes_in_words
from core.workbench import Workbench
from pages._ui.hosts.words import ago
from pages._ui.shell.press import is_pressed
from pages._ui.words.text import count, digest, plain


def built_list(wb: Workbench, project: Project) -> None:
    """Folded; nothing where nothing was built."""
    found = wb.export.built(project.id)
    if not found:
        return
    total = bytes_in_words(sum(one.n_bytes for one, _ in found))
    with st.expander(f"Built files ({len(found)}, {total})", icon=":material/folder_zip:"):
        folder = plain(found[0][0].path.parent)
        st.caption(f"In {folder}. The newest {NEWEST} are kept; all go with the project, and can be built again.")
        for one, since in found:
            _file(wb, project, one, since)


def _file(wb: Workbench, project: Project, one: BuiltFile, since: int | None) -> None:
    key = digest(one.path.name)
    with st.container(horizontal=True, vertical_alignment="center", key=f"built-file-{key}"):
        st.markdown(f"{plain(one.path.name)} :small[:gray[{_told(one, since)}]]")
        if is_pressed("Delete", key=f"delete-built-{key}", icon=":material/delete:", type="tertiary"):
            wb.export.remove_built(project.id, one.path.name)
            st.rerun()


def _told(one: BuiltFile, since: int | None) -> str:
    came = "" if since is None else f" · {count(since, 'new answer')} since" if since else " · no new answers since"
    return f"{bytes_in_words(one.n_bytes)} · built {ago(one.at.timestamp())}{came}"

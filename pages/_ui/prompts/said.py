"""What a message says, as it is sent: text as it stands, pictures small, sound to be played."""

import streamlit as st

from core.errors import WorkbenchError
from core.model import Content, PromptVersion, TextPart
from core.workbench import Workbench

WIDTH = 160


def show_content(wb: Workbench, content: Content) -> None:
    """Each part at its place; a file that is missing is said to be."""
    for part in (TextPart(content),) if isinstance(content, str) else content:
        if isinstance(part, TextPart):
            st.code(part.text, language=None, wrap_lines=True)
        else:
            _show_file(wb, part.reference)


def show_preview(wb: Workbench, version: PromptVersion) -> None:
    """What would be said about the first item, folded; nothing where the prompt shows no pictures or sound."""
    if messages := wb.prompts.preview(version):
        with st.expander("Preview with the first item", type="compact"):
            for message in messages:
                st.caption(message.role)
                show_content(wb, message.content)


def _show_file(wb: Workbench, reference: str) -> None:
    try:
        path = wb.media.path(reference)
    except WorkbenchError as error:
        st.caption(str(error))
        return
    if path.suffix in (".wav", ".mp3"):
        st.audio(path)
    else:
        st.image(path, width=WIDTH)

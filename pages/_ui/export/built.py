"""An export that is built as a file on this machine, since it may be larger than memory: a press, a bar, its place."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from core.services.media.vocabulary import bytes_in_words
from pages._ui.shell.errors import guarded
from pages._ui.shell.press import is_pressed
from pages._ui.shell.progress_bar import ProgressBar
from pages._ui.words.text import plain

MOST_BYTES = 200 * 2**20
"""Streamlit holds a download in memory: a larger file is named by its path alone."""


def build_button(
    label: str, key: str, build: Callable[[Callable[[float], None]], Path], *, disabled: bool = False, look: str = ""
) -> None:
    """Builds the file at a press, with a bar. Shown until the choices, which are in the `key`, are others."""
    held = f"built_{key}"
    pressed = is_pressed(
        label,
        key=f"build-{key}",
        icon=":material/folder_zip:",
        disabled=disabled,
        type=look or "secondary",
        help="The file is built on this machine, in the folder for exports, and can be taken from there.",
    )
    if pressed:
        with guarded():
            bar = ProgressBar("Building")
            try:
                st.session_state[held] = str(build(bar))
            finally:
                bar.close()
    path = Path(st.session_state.get(held) or "/nowhere")
    if path.is_file():
        _show(path, key)


def _show(path: Path, key: str) -> None:
    size = path.stat().st_size
    st.caption(f":material/check: {bytes_in_words(size)} in {plain(path)}")
    if size <= MOST_BYTES:
        st.download_button(
            "Download",
            path.read_bytes,
            path.name,
            "application/zip",
            icon=":material/download:",
            on_click="ignore",
            key=f"download-built-{key}",
        )
    else:
        st.caption(f"Browsers are given up to {bytes_in_words(MOST_BYTES)}; take this file from its folder.")

"""An export that is built as a file on this machine, since it may be larger than memory: a press, a bar, its place."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from core.services.media.vocabulary import bytes_in_words
from pages._ui.shell.errors import guarded
from pages._ui.shell.press import is_pressed
from pages._ui.shell.progress_bar import ProgressBar
from pages._ui.words.text import count, plain

MOST_BYTES = 200 * 2**20
"""Streamlit holds a download in memory: a larger file is named by its path alone."""

_LISTED = 3


class _Built(NamedTuple):
    """A file as it was built, and of which state of the project."""

    path: Path
    stamp: str
    left_out: tuple[str, ...]


def build_button(
    label: str,
    key: str,
    stamp: str,
    build: Callable[[Callable[[float], None], list[str]], Path],
    *,
    disabled: bool = False,
    look: str = "",
) -> None:
    """Builds the file at a press, with a bar; `build` also gathers the names of files that it leaves out. Offered until
    the choices, which are in the `key` as they are in the file's name, are others, and as long as the `stamp` is as it
    was: after that it says that it is of before."""
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
            bar, left_out = ProgressBar("Building"), list[str]()
            try:
                st.session_state[held] = _Built(build(bar, left_out), stamp, tuple(left_out))
            finally:
                bar.close()
    built: _Built | None = st.session_state.get(held)
    if built is None or not built.path.is_file():
        return
    if built.stamp != stamp:
        st.caption(":material/update: The project has changed since this file was built. Build it anew.")
        return
    _show(built.path, key)
    if built.left_out:
        st.warning(_without(built.left_out), icon=":material/warning:")


def _without(names: tuple[str, ...]) -> str:
    listed = ", ".join(map(plain, names[:_LISTED])) + (", …" if len(names) > _LISTED else "")
    return (
        f"{count(len(names), 'file')} could not be read whole and {'is' if len(names) == 1 else 'are'} not in the zip: "
        f"{listed}. Restore the media folder from a backup, or import the items again."
    )


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

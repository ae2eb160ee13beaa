"""Text fields that lose nothing: sent as they are typed, so that mistakes are named at once and not on leaving the
field; held in the tab until it is written down. Where the script does not run, the fields work as they always do."""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from pages._ui.shell.bundle import bundle

_keeper = st.components.v2.component(
    "keep_typing",
    html="<span hidden>\n</span>",
    js=bundle(Path(__file__).parent, "typing.js"),
)


def keep_typing(place: str, fields: Mapping[str, str], kept: Mapping[str, str], *, base: str = "") -> None:
    """For the text areas and inputs with these keys. `kept`: what is written down by now, so ask after writing it.

    What a tab holds for the `place` and never arrived is typed again when it comes back, if the `base` is the same.
    """
    data = {"place": place, "base": base, "fields": dict(fields), "kept": dict(kept)}
    _keeper(key=f"typing-{place}", data=data, height=0)

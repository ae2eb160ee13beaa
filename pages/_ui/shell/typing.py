"""Text fields that lose nothing: sent as they are typed, so that mistakes are named at once and not on leaving the
field; held in the browser until it is written down. Without the script the fields work as they always do."""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages._ui.words.bundle import bundle

_keeper = st.components.v2.component(
    "keep_typing",
    html='<div class="left" hidden>\n</div>',
    css=(Path(__file__).parent / "left.css").read_text(encoding="utf-8"),
    js=bundle(Path(__file__).parent, "typing.js"),
)


def keep_typing(
    place: str, fields: Mapping[str, str], kept: Mapping[str, str], titles: Mapping[str, str], filling: str
) -> None:
    """For the text areas and inputs with these keys. `kept`: what is written down by now, so ask after writing it.
    `titles` name them to the user.

    What a browser holds for the `place` and never arrived is typed again over the text it was typed over; where that is
    another by now, it is offered. Where `filling` is another than before (`Desk.filling`), it is let go: the user
    discarded it, or brought something else back, and a browser that typed it again would take that back.
    """
    data = {"place": place, "fields": dict(fields), "kept": dict(kept), "titles": dict(titles), "filling": filling}
    _keeper(key=f"typing-{place}", data=data)


def one_field(name: str) -> DeltaGenerator:
    """Where one text field stands. Filled anew it is another field, and Streamlit leaves the old one below it until the
    script has ended: that is not shown (`page.css`)."""
    return st.container(key=f"one-field-{name}")

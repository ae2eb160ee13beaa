"""A table of plain fields, as a component: they hold what is typed at any speed.

Streamlit's own grid loses cells that are typed while it redraws itself.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import streamlit as st

from pages._ui.words.bundle import bundle

_HERE = Path(__file__)
_MOUNT = st.components.v2.component(
    "labelloop_fields",
    html='<div class="fields">\n</div>',
    css=_HERE.with_suffix(".css").read_text(encoding="utf-8"),
    js=bundle(_HERE.parents[1], "shell/fields.js"),
)

Typed = Mapping[str, Mapping[str, str]]
"""What was typed, by row and column."""


@dataclass(frozen=True)
class Column:
    """`width` is CSS. What is typed into a number is handed over once, when its field is left, and the rows say what
    became of it; other text is handed over while it is typed, and stays."""

    name: str
    title: str
    width: str = "1fr"
    is_typed: bool = False
    is_number: bool = False
    help: str = ""


@dataclass(frozen=True)
class Row:
    """`title` says to a screen reader whose fields these are."""

    id: str
    title: str
    cells: Mapping[str, str] = field(default_factory=dict)


def typed(key: str) -> Typed:
    """What was typed into the table with this key: texts all there were, numbers since they were last handed over.
    May be asked in a callback."""
    held = (st.session_state.get(key) or {}).get("fields") or {}
    return held.get("typed") or {}


def show_fields(
    key: str, title: str, columns: Sequence[Column], rows: Sequence[Row], on_change: Callable[[], None] | None = None
) -> Typed:
    """Show it and return what was typed. Under one `key` the browser's own state goes before the rows given."""
    held = (st.session_state.get(key) or {}).get("fields") or {}
    data = {
        "id": key,
        "title": title,
        "columns": [asdict(column) for column in columns],
        "rows": [asdict(row) for row in rows],
        "confirmed": held.get("seq", 0),
    }
    _MOUNT(key=key, data=data, on_fields_change=on_change or _nothing)
    return typed(key)


def _nothing() -> None:
    """What was typed is drawn with the page."""

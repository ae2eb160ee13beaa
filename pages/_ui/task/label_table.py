"""The label table as a component: fields that hold what is typed at any speed, the fallback among them.

Streamlit's own grid loses cells that are typed while it redraws itself.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from pages._ui.words.bundle import bundle

_HERE = Path(__file__)
_MOUNT = st.components.v2.component(
    "labelloop_label_table",
    html='<div class="labels">\n</div>',
    css="".join(
        path.read_text(encoding="utf-8") for path in (_HERE.with_suffix(".css"), _HERE.parents[1] / "shell/left.css")
    ),
    js=bundle(_HERE.parents[1], "task/label_table.js"),
)


@dataclass(frozen=True)
class TypedTable:
    """The table as it stands: one row a label, in order, and the fallback. `seq` rises with every change."""

    rows: tuple[Mapping[str, Any], ...]
    fallback: Mapping[str, Any]
    seq: int


def typed(key: str, rows: Sequence[Mapping[str, Any]], fallback: Mapping[str, Any]) -> TypedTable:
    """What the table with this key holds; the rows and fallback given while nothing has been typed.

    May be asked in a callback, also where the page is left.
    """
    held = (st.session_state.get(key) or {}).get("table")
    if not held:
        return TypedTable(tuple(rows), fallback, 0)
    return TypedTable(tuple(held["rows"]), held["fallback"], int(held["seq"]))


def show_table(
    key: str,
    rows: Sequence[Mapping[str, Any]],
    fallback: Mapping[str, Any],
    *,
    place: str,
    confirmed: int,
    palette: Sequence[str],
    used_by: str,
    used_help: str,
    scaled: bool,
    on_change: Callable[[], None],
) -> TypedTable:
    """Show it and return what it holds. Under one `key` the browser's own state goes before the rows given.

    What was typed for `place` over the same table and never arrived is brought along; over another it is offered.
    `confirmed` is the last change of this session that is written down, under whatever key; `scaled`
    labels have scores.
    """
    data = {
        "id": key,
        "place": place,
        "rows": list(rows),
        "fallback": dict(fallback),
        "palette": list(palette),
        "used_by": used_by,
        "used_help": used_help,
        "scaled": scaled,
        "confirmed": confirmed,
    }
    _MOUNT(key=key, data=data, on_table_change=on_change)
    return typed(key, rows, fallback)

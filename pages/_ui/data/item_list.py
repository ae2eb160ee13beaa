"""The list of items as a component: it takes the width there is, and opens the chosen item below its line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from core.model import Annotator, FieldLayout, FieldShow, Item, Task
from core.services.task.vocabulary import text_on
from pages._ui.words.bundle import bundle
from pages._ui.words.parts import in_a_line, parts_of

_HERE = Path(__file__)
_MOUNT = st.components.v2.component(
    "labelloop_item_list",
    html='<div class="list">\n</div>',
    css=(_HERE.parents[1] / "words/parts.css").read_text("utf-8") + _HERE.with_suffix(".css").read_text("utf-8"),
    js=bundle(_HERE.parents[1], "data/item_list.js"),
)
_IN_A_LINE = 600
_WHOLE = 5_000
_FIELD = 1_000
Says = Mapping[int, Mapping[int, str]]
"""Label name by item and annotator."""


def _none(reference: str) -> str:
    return ""


@dataclass(frozen=True)
class ItemList:
    """Items with what annotators say of them: of `shown` in the lines, of `everyone` where an item is open. `layout` is
    how their fields are shown; `thumbnail` and `url` give where a small copy of a file is, and the file."""

    items: Sequence[Item]
    says: Says
    shown: Sequence[Annotator]
    everyone: Sequence[Annotator]
    task: Task
    layout: tuple[FieldLayout, ...] = ()
    thumbnail: Callable[[str], str] = _none
    url: Callable[[str], str] = _none


def show_items(key: str, what: ItemList) -> None:
    """Show the list; which item is open is the browser's own state under the key."""
    chosen = int((st.session_state.get(key) or {}).get("open") or 0)
    data = {"id": key, "open": chosen, **lines(what), "detail": detail(what, chosen)}
    _MOUNT(key=key, data=data, on_open_change=_nothing)


def lines(what: ItemList) -> dict[str, Any]:
    """The lines and their headings; the colours of a label and of what is written on it, once."""
    rows = [
        {
            "id": item.id,
            "text": " ".join(in_a_line(item)[: 2 * _IN_A_LINE].split())[:_IN_A_LINE],
            "small": _small(item, what),
            "split": item.split or "",
            "said": [what.says.get(item.id, {}).get(one.id, "") for one in what.shown],
        }
        for item in what.items
    ]
    return {"columns": [one.name for one in what.shown], "rows": rows, "labels": _colors(what.task)}


def _small(item: Item, what: ItemList) -> str:
    """The first picture that is shown of it."""
    shown = (part["value"] for part in parts_of(item, what.layout) if part["show"] == FieldShow.PICTURE)
    return next(filter(None, map(what.thumbnail, shown)), "")


def detail(what: ItemList, item_id: int) -> dict[str, Any] | None:
    """The item in full: its text, what each annotator says, its other fields; None where it is not in the list."""
    item = next((one for one in what.items if one.id == item_id), None)
    if item is None:
        return None
    colors, says = _colors(what.task), what.says.get(item.id, {})
    cut = f"the first {_WHOLE:,} of {len(item.text):,} characters" if len(item.text) > _WHOLE else ""
    about = (item.split or "no split", f"id {item.external_id[:60]}" if item.external_id else "", cut)
    return {
        "id": item.id,
        "text": item.text[:_WHOLE],
        "about": " · ".join(part for part in about if part),
        "said": [
            {"who": one.name, "who_color": one.color, "label": says[one.id], "colors": colors.get(says[one.id])}
            for one in what.everyone
            if says.get(one.id)
        ],
        "parts": [one | {"value": one["value"][:_WHOLE]} for one in parts_of(item, what.layout, what.url)],
        "fields": [] if what.layout else [[name[:60], value[:_FIELD] or "–"] for name, value in item.fields.items()],
    }


def _colors(task: Task) -> dict[str, tuple[str, str]]:
    return {label.name: (label.color, text_on(label.color)) for label in task.choices if label.color}


def _nothing() -> None:
    """What is open is drawn with the page."""

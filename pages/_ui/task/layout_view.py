"""Which fields of the items are shown, in which order and how; saved at a press, and undone at another."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.model import TEXT_FIELD, FieldLayout, FieldShow, Project
from core.workbench import Workbench
from pages._ui.shell.connection import keep, place_of, text_of, these_of
from pages._ui.shell.frame import link
from pages._ui.shell.press import is_pressed
from pages._ui.words.text import digest, plain

_BEFORE = "layout_before"
_TITLES: Mapping[FieldShow, str] = {
    FieldShow.TEXT: "Text",
    FieldShow.CONVERSATION: "Conversation",
    FieldShow.PICTURE: "Picture",
    FieldShow.SOUND: "Sound",
    FieldShow.FILM: "Film",
    FieldShow.LINK: "Link",
}


def layout_panel(wb: Workbench, project: Project) -> None:
    """Nothing where items have a text alone that can be shown in no other way."""
    ways = wb.media.ways_of(project.id)
    if len(ways) < 2 and all(len(one) < 2 for one in ways.values()):
        return
    held = project.layout or tuple(FieldLayout(name) for name in ways)
    mark = digest(str(project.id), repr(held))
    with st.expander("How items are shown", icon=":material/view_agenda:"):
        chosen = _order(list(ways), [one.name for one in held], mark)
        known = {one.name: one for one in held}
        wanted = [_one(known.get(name, FieldLayout(name)), ways[name], mark) for name in chosen]
        folded = _folded(chosen, [one.name for one in held if one.folded], mark)
        layout = tuple(FieldLayout(one.name, one.show, one.heading, one.name in folded) for one in wanted)
        with st.container(horizontal=True, vertical_alignment="center"):
            if is_pressed(
                "Save the layout", key="layout-save", icon=":material/save:", disabled=not layout or layout == held
            ):
                wb.media.set_layout(project.id, layout)
                st.session_state[_BEFORE] = (project.id, project.layout)
                st.rerun()
            _undo(wb, project)
        if wb.media.has_addresses(project.id):
            link("data", "Files at addresses", icon=":material/download:", view="files")


def _undo(wb: Workbench, project: Project) -> None:
    of, before = st.session_state.get(_BEFORE, (None, ()))
    if of == project.id and is_pressed("Undo", key="layout-undo", icon=":material/undo:", type="tertiary"):
        wb.media.set_layout(project.id, before)
        del st.session_state[_BEFORE]
        st.rerun()


def _order(names: list[str], shown: Sequence[str], mark: str) -> list[str]:
    key = f"layout_order_{mark}"
    return st.multiselect(
        "Fields shown, in this order",
        names,
        default=these_of(key, names, shown),
        format_func=_called,
        key=key,
        help="A field that is left out is not shown in Review; prompts can still name it.",
    )


def _one(one: FieldLayout, ways: Sequence[FieldShow], mark: str) -> FieldLayout:
    shown, heading = st.columns([2, 3])
    key = f"layout_show_{mark}_{digest(one.name)}"
    options = list(ways)
    place = place_of(key, options, options.index(one.show) if one.show in options else 0)
    show = shown.selectbox(
        f"{_called(one.name)} as", options, place, _TITLES.__getitem__, key=keep(key), disabled=len(options) < 2
    )
    key = f"layout_heading_{mark}_{digest(one.name)}"
    title = heading.text_input(
        "Heading", text_of(key, one.heading), key=key, placeholder=one.name or "None", max_chars=80
    )
    return FieldLayout(one.name, show or one.show, title.strip())


def _folded(names: list[str], folded: Sequence[str], mark: str) -> list[str]:
    key = f"layout_folded_{mark}_{digest(*names)}"
    return st.multiselect(
        "Folded, opened by a click",
        names,
        default=these_of(key, names, [one for one in folded if one in names]),
        format_func=_called,
        key=key,
        placeholder="None",
    )


def _called(name: str) -> str:
    return "Text" if name == TEXT_FIELD else plain(name, 40)

"""The item browser: filters in the URL, and one page of items."""

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from core.model import Annotator, AnnotatorKind, Project, Split, Task
from core.services.data.bringing import ItemFilter, ItemPage
from core.workbench import Workbench
from pages._ui.data.item_list import ItemList, show_items
from pages._ui.data.view import annotators_with_labels
from pages._ui.review.links import review_link
from pages._ui.shell.address import belongs_to, forget
from pages._ui.shell.connection import text_of
from pages._ui.shell.files import url_of
from pages._ui.shell.pick import pick, pick_switch
from pages._ui.words.text import count

_SIZES = ("50", "200", "1000")
_ANY = "any"
_EVERY = {_ANY: "any"}
_FILTERS = "items_filters"
_AFTER, _BEFORE = "after", "before"
_MOST_COLUMNS = 4
_ON_TEST = "items_models_on_test"
_HIDDEN = "What models say about test items is hidden. Choose the test split to show it: this counts as a look."


def browser(wb: Workbench, project: Project) -> None:
    """Filters, and one page of items, the chosen one open in it."""
    task, everyone = wb.tasks.get(project.id), annotators_with_labels(wb, project)
    where, size = _filters(task, everyone, wb.data.upload_names(project.id))
    on_test = _models_on_test(project, everyone, where)
    window = wb.data.window(
        project.id,
        where,
        after=_cursor(_AFTER) or 0,
        before=_cursor(_BEFORE),
        limit=min(size, 1000),
        models_on_test=on_test,
    )
    if not window.items:
        _nothing(window)
        return
    is_blind = where.split is Split.TEST and not on_test
    shown = _shown_annotators(project, [one for one in everyone if not (is_blind and _is_model(one))], where)
    labels = wb.data.labels_of(project.id, [item.id for item in window.items], models_on_test=on_test)
    what = ItemList(
        window.items, labels, shown, everyone, task, project.layout, wb.media.thumbnail, partial(url_of, wb)
    )
    show_items(f"items_{window.items[0].id}_{len(window.items)}", what)
    is_hidden = not where.split and any(map(_is_model, shown)) and any(one.split is Split.TEST for one in window.items)
    _turn_pages(window, where, _HIDDEN if is_hidden else "")


def _filters(task: Task, everyone: Sequence[Annotator], uploads: Mapping[int, str]) -> tuple[ItemFilter, int]:
    names = {str(one.id): one.name for one in everyone}
    labels = {str(one.id): one.name for one in task.choices}
    with st.container(horizontal=True, vertical_alignment="bottom", key="items-filters"):
        words = st.text_input(
            "Search",
            value=text_of("search"),
            key="search",
            bind="query-params",
            placeholder="Words in the text",
            icon=":material/search:",
        )
        with st.container(width=130):
            chosen_split = pick("Split", _EVERY | {str(one): str(one) for one in Split}, key="in")
        with st.container(width=190):
            annotator = pick("Labelled by", {_ANY: "anyone or no one", **names}, key="by")
        chosen_label = _ANY
        if annotator != _ANY:
            with st.container(width=180):
                chosen_label = pick("As", {_ANY: "any label", **labels}, key="as")
        came_with = _ANY
        if len(uploads) > 1:
            with st.container(width=160):
                came_with = pick("Upload", _EVERY | {str(i): name for i, name in uploads.items()}, key="came_with")
        with st.container(width=90):
            rows = pick("Rows", {one: one for one in _SIZES}, key="size")
        with st.container(width="content", key="items-near"):
            only = pick_switch("Near-duplicates only", key="near")
    where = ItemFilter(
        split=None if chosen_split == _ANY else Split(chosen_split),
        search=words or "",
        annotator_id=None if annotator == _ANY else int(annotator),
        label_id=None if chosen_label == _ANY else int(chosen_label),
        only_duplicates=only,
        upload_id=None if came_with == _ANY else int(came_with),
    )
    _begin_anew_when_changed(f"{where} {rows}")
    return where, int(rows)


def _models_on_test(project: Project, everyone: Sequence[Annotator], where: ItemFilter) -> bool:
    """Whether to show what models say of test items too; asked where that is chosen alone, so that it is never by the
    way."""
    belongs_to(project.id, [_ON_TEST])
    if where.split is not Split.TEST or not any(map(_is_model, everyone)):
        forget([_ON_TEST])
        st.query_params.pop(_ON_TEST, None)
        return False
    return pick_switch("Show what models say about test items: each model counts as a look", key=_ON_TEST)


def _is_model(one: Annotator) -> bool:
    return one.kind is AnnotatorKind.MODEL


def _begin_anew_when_changed(filters: str) -> None:
    """Other filters are another list: it is shown from its beginning."""
    if st.session_state.get(_FILTERS, filters) != filters:
        _to_the_start()
    st.session_state[_FILTERS] = filters


def _cursor(name: str) -> int | None:
    value = st.query_params.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else None


def _to_the_start() -> None:
    _go_to(None, 0)


def _go_to(name: str | None, item_id: int) -> None:
    for cursor in (_AFTER, _BEFORE):
        st.query_params.pop(cursor, None)
    if name:
        st.query_params[name] = str(item_id)


def _nothing(window: ItemPage) -> None:
    if window.total:
        st.info("There are no more items in this direction.", icon=":material/info:")
        st.button("Back to the first items", icon=":material/first_page:", on_click=_to_the_start)
        return
    st.info("No item matches these filters.", icon=":material/filter_alt_off:")
    st.button("Clear the filters", icon=":material/close:", on_click=_clear)


def _clear() -> None:
    _to_the_start()
    st.session_state.update({"search": "", "in": _ANY, "by": _ANY, "as": _ANY, "near": False, "came_with": _ANY})


def _shown_annotators(project: Project, everyone: Sequence[Annotator], where: ItemFilter) -> list[Annotator]:
    """Columns of the table: the reference, the one filtered by, then the newest, a few in all."""
    first = {project.reference_id, where.annotator_id}
    ordered = sorted(everyone, key=lambda one: (one.id not in first, one.kind == "model", one.id))
    return ordered[:_MOST_COLUMNS]


def _turn_pages(window: ItemPage, where: ItemFilter, note: str) -> None:
    first, last = window.before + 1, window.before + len(window.items)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right"):
        if note:
            st.caption(note, width="stretch")
        if where.annotator_id is not None:
            review_link("Review these items", split=where.split, who=where.annotator_id, label=where.label_id)
        with st.container(horizontal=True, vertical_alignment="center", wrap=False, width="content"):
            st.caption(f"{first:,}–{last:,} of {count(window.total, 'item')}", width="content")
            st.button(
                "Previous",
                icon=":material/chevron_left:",
                disabled=window.before == 0,
                on_click=_go_to,
                args=(_BEFORE, window.items[0].id),
            )
            st.button(
                "Next",
                icon=":material/chevron_right:",
                icon_position="right",
                disabled=not window.has_next,
                on_click=_go_to,
                args=(_AFTER, window.items[-1].id),
            )

"""The item browser: filters in the URL, one page of items, and one of them in full."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.model import Annotator, AnnotatorKind, Item, Project, Split, Task
from core.services.data.bringing import ItemFilter, ItemPage
from core.workbench import Workbench
from pages._ui.data.tables import chip_width, column_of, item_frame
from pages._ui.data.view import annotators_with_labels
from pages._ui.review.links import review_link
from pages._ui.shell.address import belongs_to, forget
from pages._ui.shell.connection import text_of
from pages._ui.shell.pick import pick, pick_switch
from pages._ui.words.chips import Chip, chips
from pages._ui.words.text import count, plain

_SIZES = ("50", "200", "1000")
_ANY = "any"
_EVERY = {_ANY: "any"}
_FILTERS = "items_filters"
_AFTER, _BEFORE = "after", "before"
_MOST_COLUMNS = 4
_ON_TEST = "items_models_on_test"
_ROW_HEIGHT = 66
_SHOWN_CHARACTERS = 5_000


def browser(wb: Workbench, project: Project) -> None:
    """Filters, one page, and the chosen item beside it."""
    task, everyone = wb.tasks.get(project.id), annotators_with_labels(wb, project)
    where, size = _filters(task, everyone)
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
    table, detail = st.columns([7, 3], gap="medium")
    with table:
        chosen = _table(window, labels, shown, task)
        _turn_pages(window, where)
        if not where.split and any(map(_is_model, shown)) and any(one.split is Split.TEST for one in window.items):
            st.caption(
                "What models say of test items is hidden. Choose the test split to show it: it counts as a look."
            )
    with detail, st.container(border=True, height=620):
        _detail(chosen, labels.get(chosen.id, {}), everyone, task)


def _filters(task: Task, everyone: Sequence[Annotator]) -> tuple[ItemFilter, int]:
    search, split, who, label, near, size = st.columns([4, 2, 3, 3, 2.4, 1.4], vertical_alignment="bottom")
    words = search.text_input(
        "Search",
        value=text_of("search"),
        key="search",
        bind="query-params",
        placeholder="Words in the text",
        icon=":material/search:",
    )
    with split:
        chosen_split = pick("Split", _EVERY | {str(one): str(one) for one in Split}, key="in")
    with who:
        names = {str(one.id): one.name for one in everyone}
        annotator = pick("Labelled by", {_ANY: "anybody or nobody", **names}, key="by")
    with label:
        labels = {str(one.id): one.name for one in task.choices}
        chosen_label = _ANY if annotator == _ANY else pick("As", {_ANY: "any label", **labels}, key="as")
    with near:
        only = pick_switch("Near-duplicates", key="near")
    with size:
        a_page = pick("A page", {one: one for one in _SIZES}, key="size")
    where = ItemFilter(
        split=None if chosen_split == _ANY else Split(chosen_split),
        search=words or "",
        annotator_id=None if annotator == _ANY else int(annotator),
        label_id=None if chosen_label == _ANY else int(chosen_label),
        only_duplicates=only,
    )
    _begin_anew_when_changed(f"{where} {a_page}")
    return where, int(a_page)


def _models_on_test(project: Project, everyone: Sequence[Annotator], where: ItemFilter) -> bool:
    """Whether to show what models say of test items too; asked where that is chosen alone, so that it is never by the
    way."""
    belongs_to(project.id, [_ON_TEST])
    if where.split is not Split.TEST or not any(map(_is_model, everyone)):
        forget([_ON_TEST])
        st.query_params.pop(_ON_TEST, None)
        return False
    return pick_switch("Show what models say of test items: each counts as a look", key=_ON_TEST)


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
        st.info("There are no more items on this side.", icon=":material/info:")
        st.button("To the first items", icon=":material/first_page:", on_click=_to_the_start)
        return
    st.info("No item matches these filters.", icon=":material/filter_alt_off:")
    st.button("Clear the filters", icon=":material/close:", on_click=_clear)


def _clear() -> None:
    _to_the_start()
    st.session_state.update({"search": "", "in": _ANY, "by": _ANY, "as": _ANY, "near": False})


def _shown_annotators(project: Project, everyone: Sequence[Annotator], where: ItemFilter) -> list[Annotator]:
    """Columns of the table: the reference, the one filtered by, then the newest, a few in all."""
    first = {project.reference_id, where.annotator_id}
    ordered = sorted(everyone, key=lambda one: (one.id not in first, one.kind == "model", one.id))
    return ordered[:_MOST_COLUMNS]


def _table(window: ItemPage, labels: Mapping[int, Mapping[int, str]], shown: Sequence[Annotator], task: Task) -> Item:
    names = [label.name for label in task.choices]
    used = {name for by in labels.values() for name in by.values()} - set(names)
    options = [*names, *sorted(used)]
    colors = [label.color or "gray" for label in task.choices] + ["gray"] * len(used)
    width = chip_width(options)
    chip = {
        column_of(one): st.column_config.MultiselectColumn(one.name, options=options, color=colors, width=width)
        for one in shown
    }
    selection = st.dataframe(
        item_frame(window.items, labels, shown),
        hide_index=True,
        height=620,
        row_height=_ROW_HEIGHT,
        on_select="rerun",
        selection_mode="single-row",
        key=f"items_{window.items[0].id}_{len(window.items)}",
        column_order=["Text", "Split", *chip],
        column_config={
            "Text": st.column_config.TextColumn("Text", width=222),
            "Split": st.column_config.TextColumn("Split", width=78),
            **chip,
        },
    )
    rows = selection.selection.rows
    return window.items[rows[0]] if rows and rows[0] < len(window.items) else window.items[0]


def _turn_pages(window: ItemPage, where: ItemFilter) -> None:
    first, last = window.before + 1, window.before + len(window.items)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right"):
        if where.annotator_id is not None:
            review_link("Review these", split=where.split, who=where.annotator_id, label=where.label_id)
        st.caption(f"{first:,}–{last:,} of {count(window.total, 'item')}")
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


def _detail(item: Item, labels: Mapping[int, str], everyone: Sequence[Annotator], task: Task) -> None:
    """The item in full: its text, what each annotator says, its other fields."""
    known = {label.name: label.color for label in task.choices}
    st.text(item.text[:_SHOWN_CHARACTERS])
    if len(item.text) > _SHOWN_CHARACTERS:
        st.caption(f"The first {_SHOWN_CHARACTERS:,} of {len(item.text):,} characters.")
    says = [(one, labels[one.id]) for one in everyone if labels.get(one.id)]
    if says:
        chips(
            [Chip(label, known.get(label, ""), who=one.name, who_color=one.color) for one, label in says],
            key="item_chips",
            rows=True,
        )
    else:
        st.caption("Nobody has labelled this item.")
    about = [item.split or "no split", f"id {plain(item.external_id, 60)}" if item.external_id else ""]
    st.caption(" · ".join(part for part in about if part))
    for name, value in item.fields.items():
        st.caption(plain(name, 60))
        st.text(value[:1000] or "–")

"""The price table of the Hosts page: what a million tokens cost, by host and model; and importing litellm's file."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from core.errors import WorkbenchError
from core.model import Host, Price
from core.services.prices import ImportPlan, PriceRow
from core.workbench import Workbench
from pages._ui.errors import guarded
from pages._ui.text import count, plain

_PAGE = "prices-page"
ROWS = 50
"""On one page of the table."""
_EDITOR, _REVISION, _DONE, _TROUBLE = "prices-editor", "prices-revision", "prices-done", "prices-trouble"
_NUMBERS = {
    "input": ("Input", "US dollars per million tokens of the prompt"),
    "cached_input": ("Cached", "of those the host had cached; empty: as input"),
    "output": ("Output", "US dollars per million tokens of the answer"),
    "batch_factor": ("Batch ×", "what a batch costs of these: 0.5 is half; empty: in full"),
    "training": ("Training", "US dollars per million tokens taught, once an epoch"),
}


def prices_table(wb: Workbench, hosts: Sequence[Host]) -> None:
    """Models in use and everything known by name of these hosts; typing over a number makes it the user's price."""
    st.subheader("Prices", anchor=False)
    paid = [host for host in hosts if not _is_free(wb, host)]
    if not paid:
        st.caption("Nothing here costs anything: these hosts run on your own hardware.")
        return
    st.caption(
        "US dollars per million tokens. An empty cell is unknown, never free. What you type goes before what was "
        "imported or shipped; empty every number of a row to take it back."
    )
    titles = {host.key: host.title for host in paid}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input("Search", key="prices-search", placeholder="part of a model's name", max_chars=80)
        chosen = st.selectbox("Host", ["", *titles], format_func=lambda key: titles.get(key, "all"), key="prices-host")
    shown = [host for host in paid if chosen in ("", host.key)]
    rows = found_rows(wb, shown, search)
    _table(wb, _page(rows), titles, search)
    left, right = st.columns(2, gap="medium")
    with left, st.expander("Add a price", icon=":material/add:", key="prices-adding"):
        _add(wb, titles)
    with right, st.expander("Import prices from litellm's file", icon=":material/upload_file:", key="prices-importing"):
        _import(wb)
    _imported(wb)


def found_rows(wb: Workbench, hosts: Sequence[Host], search: str) -> list[PriceRow]:
    """Models in use first, then the others in alphabetical order; those whose name holds all words of the search."""
    words = search.casefold().split()
    in_use = wb.prices.in_use()
    rows: list[PriceRow] = []
    for host in hosts:
        used = [wb.prices.row(host, model) for key, model in sorted(in_use) if key == host.key]
        seen = {row.model for row in used}
        rows += [*used, *(row for row in wb.prices.rows(host) if row.model not in seen)]
    matching = [row for row in rows if all(word in row.model.casefold() for word in words)]
    return sorted(matching, key=lambda row: (row.host, row.model) not in in_use)


def _is_free(wb: Workbench, host: Host) -> bool:
    price = wb.prices.of(host, "")
    return price is not None and price.input == 0


def _page(rows: list[PriceRow]) -> list[PriceRow]:
    if len(rows) <= ROWS:
        return rows
    pages = -(-len(rows) // ROWS)
    # A search may leave fewer pages than the one that was open.
    st.session_state[_PAGE] = min(st.session_state.get(_PAGE, 1), pages)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Page", width="content")
        number = int(st.number_input("Page", 1, pages, key=_PAGE, width=110, label_visibility="collapsed"))
        st.caption(f"of {pages} · {len(rows):,} prices", width="content")
    return rows[(number - 1) * ROWS : number * ROWS]


def _table(wb: Workbench, rows: list[PriceRow], titles: Mapping[str, str], search: str) -> None:
    if not rows:
        none = f"No price of a model with “{plain(search, 40)}” in its name." if search else "No price is known yet."
        st.info(f"{none} Add one below, or import a file.", icon=":material/info:")
        return
    # A new key after each change of what is shown: the editor keeps edits by the place of their row.
    shown = hash((st.session_state.get(_REVISION, 0), *((row.host, row.model) for row in rows)))
    key = f"{_EDITOR}-{shown}"
    st.data_editor(
        price_frame(rows, titles),
        key=key,
        hide_index=True,
        width="stretch",
        height="content" if len(rows) <= 12 else 460,
        disabled=["Host", "Model", "Source"],
        placeholder="",
        column_config={
            "Host": st.column_config.TextColumn(width=150),
            "Model": st.column_config.TextColumn(width=260),
            **{
                title: st.column_config.NumberColumn(title, help=help, min_value=0.0, format="%.6g", width=84)
                for title, help in _NUMBERS.values()
            },
        },
        on_change=_save,
        args=(wb, key, rows),
    )
    if trouble := st.session_state.pop(_TROUBLE, None):
        st.error(plain(trouble), icon=":material/error:")


def price_frame(rows: Sequence[PriceRow], titles: Mapping[str, str]) -> pd.DataFrame:
    """One row a model; a number that is not known is an empty cell."""
    return pd.DataFrame(
        {
            "Host": [titles[row.host] for row in rows],
            "Model": [row.model for row in rows],
            **{
                title: pd.Series([getattr(row.price, name, None) for row in rows], dtype="Float64")
                for name, (title, _) in _NUMBERS.items()
            },
            "Source": [_source(row) for row in rows],
        }
    )


def _source(row: PriceRow) -> str:
    if row.price is None:
        return "unknown"
    return "typed by you" if row.is_typed else row.price.source


def _save(wb: Workbench, key: str, rows: Sequence[PriceRow]) -> None:
    try:
        save_edits(wb, rows, st.session_state[key]["edited_rows"])
    except WorkbenchError as error:
        st.session_state[_TROUBLE] = str(error)
    _show_anew()


def save_edits(wb: Workbench, rows: Sequence[PriceRow], edits: Mapping[int, Mapping[str, Any]]) -> None:
    """Each edited row, by its place, becomes the user's price as a whole: a later import changes none of it by half."""
    names = {title: name for name, (title, _) in _NUMBERS.items()}
    for place, cells in edits.items():
        row = rows[int(place)]
        wb.prices.set(row.host, row.model, edited(row.price, {names[title]: v for title, v in cells.items()}))


def _show_anew() -> None:
    st.session_state[_REVISION] = st.session_state.get(_REVISION, 0) + 1


def edited(price: Price | None, changes: Mapping[str, Any]) -> Price:
    """The price with these numbers in place of its own; None makes one unknown."""
    numbers = {name: None if value is None else float(value) for name, value in changes.items()}
    return replace(price or Price(), source="", **numbers)


def _add(wb: Workbench, titles: Mapping[str, str]) -> None:
    per_million = "$ per million tokens"
    with st.form("prices-add", border=False, clear_on_submit=True):
        host = st.selectbox("Host", list(titles), format_func=lambda key: titles[key], key="prices-add-host")
        model = st.text_input(
            "Model", max_chars=200, placeholder="its name, as the host lists it", key="prices-add-model"
        )
        left, right = st.columns(2)
        with left:
            input = st.number_input(f"Input, {per_million}", 0.0, value=None, format="%g", key="prices-add-input")
        with right:
            output = st.number_input(f"Output, {per_million}", 0.0, value=None, format="%g", key="prices-add-output")
        if st.form_submit_button("Add", icon=":material/add:"):
            with guarded():
                wb.prices.set(host, model, Price(input=input, output=output))
                _show_anew()
                st.rerun()


def _import(wb: Workbench) -> None:
    st.caption(
        "`model_prices_and_context_window.json`, as litellm publishes it: download it yourself, it is read here. "
        "It holds no prices of training."
    )
    file = st.file_uploader("Price file", type="json", label_visibility="collapsed", key="prices-file")
    if file is not None:
        with guarded():
            plan = wb.prices.plan_import(file.getvalue(), file.name)
            st.markdown(plain(plan_in_words(plan)))
            _problems(plan)
            st.button(
                f"Import {count(len(plan.found.rows), 'price')}",
                type="primary",
                icon=":material/download_done:",
                disabled=not plan.new + plan.changed,
                key="prices-import",
                on_click=_take,
                args=(wb, plan),
            )


def _imported(wb: Workbench) -> None:
    if wb.prices.can_undo_import:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":green[:material/check:] {plain(st.session_state.get(_DONE, 'Prices were imported.'))}")
            st.button("Undo", icon=":material/undo:", type="tertiary", key="prices-undo", on_click=_undo, args=(wb,))


def plan_in_words(plan: ImportPlan) -> str:
    """What the file holds and what importing it would change."""
    found = plan.found
    said = f"{count(len(found.rows), 'price')}: {plan.new:,} new, {plan.changed:,} changed, {plan.same:,} the same."
    left_out = f" {found.elsewhere:,} of other providers or without a price are left out." if found.elsewhere else ""
    broken = f" {count(len(found.problems), 'row')} cannot be read and {_are(len(found.problems))} left out."
    return said + left_out + (broken if found.problems else "")


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _problems(plan: ImportPlan) -> None:
    for problem in plan.found.problems[:5]:
        st.caption(plain(problem))
    if len(plan.found.problems) > 5:
        st.caption(f"And {len(plan.found.problems) - 5:,} more.")


def _take(wb: Workbench, plan: ImportPlan) -> None:
    wb.prices.import_file(plan)
    st.session_state[_DONE] = f"{count(len(plan.found.rows), 'price')} imported from {plan.source}."
    _show_anew()


def _undo(wb: Workbench) -> None:
    wb.prices.undo_import()
    _show_anew()

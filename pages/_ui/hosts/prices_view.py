"""The price table of the Hosts page: what a million tokens cost, by host and model."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.errors import WorkbenchError
from core.model import Host
from core.services.hosts.price_table import NUMBERS
from core.services.hosts.prices import PriceRow
from core.services.hosts.vocabulary import EMBEDDED
from core.workbench import Workbench
from pages._ui.hosts.prices_change import add_price, import_prices, last_change
from pages._ui.shell.connection import place_of, text_of, value_of
from pages._ui.shell.fields import Column, Row, Typed, show_fields, typed
from pages._ui.words.text import digest, plain

_PAGE = "prices-page"
ROWS = 50
"""On one page of the table."""
_EDITOR, _REVISION, _TROUBLE = "prices-editor", "prices-revision", "prices-trouble"
_ABOUT = {
    "input": "US dollars per million tokens of the prompt",
    "cached_input": "of those the host had cached; empty: as input",
    "output": "US dollars per million tokens of the answer",
    "batch_factor": "the share of these that a batch costs: 0.5 is half; empty: full price",
    "training": "US dollars per million training tokens, per epoch",
}

COLUMNS = (
    Column("host", "Host", "3fr"),
    Column("model", "Model", "6fr"),
    *(Column(name, title, "2fr", is_typed=True, is_number=True, help=_ABOUT[name]) for name, title in NUMBERS.items()),
    Column("source", "Source", "4fr"),
)


def prices_table(wb: Workbench, hosts: Sequence[Host]) -> None:
    """Models in use and everything known by name of these hosts; typing over a number makes it the user's price."""
    st.subheader("Prices", anchor=False)
    priced = [host for host in hosts if host.key != EMBEDDED.key]
    free = [host for host in priced if wb.prices.is_free(host)]
    titles = {host.key: host.title for host in priced}
    if len(free) == len(priced):
        st.caption(
            "Nothing here costs anything: these hosts run on your own hardware"
            + (", unless you add a price of your own." if priced else ".")
        )
    else:
        st.caption(
            "US dollars per million tokens. An empty cell is unknown, never free. What you type takes precedence "
            f"over imported and shipped prices; clear every number in a row to undo it.{_free_in_words(free)}"
        )
    if not priced:
        return
    if len(free) < len(priced) or wb.price_table.find(priced, ""):
        _found(wb, priced, titles)
    left, right = st.columns(2, gap="medium")
    with left, st.expander("Add a price", icon=":material/add:", key="prices-adding"):
        # First those that do cost something.
        by_cost = {host.key: host.title for host in sorted(priced, key=wb.prices.is_free)}
        add_price(wb, by_cost, on_change=_show_anew)
    with right, st.expander("Import prices from litellm's file", icon=":material/upload_file:", key="prices-importing"):
        import_prices(wb, hosts, on_change=_show_anew)
    last_change(wb, hosts, on_change=_show_anew)


def _free_in_words(free: Sequence[Host]) -> str:
    """Which hosts cost nothing by themselves. Markdown."""
    if not free:
        return ""
    named = ", ".join(plain(host.title, 40) for host in free[:3]) + (" …" if len(free) > 3 else "")
    return f" Models on {named} cost nothing, unless you add a price."


def _found(wb: Workbench, hosts: Sequence[Host], titles: Mapping[str, str]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(
            "Search",
            key="prices-search",
            value=text_of("prices-search"),
            placeholder="part of a model's name",
            max_chars=80,
        )
        chosen = st.selectbox(
            "Host",
            ["", *titles],
            place_of("prices-host", ["", *titles]),
            format_func=lambda key: titles.get(key, "all"),
            key="prices-host",
        )
    rows = wb.price_table.find([host for host in hosts if chosen in ("", host.key)], search)
    _table(wb, _page(rows), titles, search)


def _page(rows: list[PriceRow]) -> list[PriceRow]:
    if len(rows) <= ROWS:
        return rows
    pages = -(-len(rows) // ROWS)
    # A search may leave fewer pages than the one that was open.
    st.session_state[_PAGE] = min(st.session_state.get(_PAGE, 1), pages)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Page", width="content")
        number = st.number_input(
            "Page", 1, pages, value_of(_PAGE, 1), key=_PAGE, width=110, label_visibility="collapsed"
        )
        st.caption(f"of {pages} · {len(rows):,} prices", width="content")
    return rows[(number - 1) * ROWS : number * ROWS]


def _table(wb: Workbench, rows: list[PriceRow], titles: Mapping[str, str], search: str) -> None:
    if not rows:
        none = f"No price of a model with “{plain(search, 40)}” in its name." if search else "No price is known yet."
        st.info(f"{none} Add one below, or import a file.", icon=":material/info:")
        return
    # A new key after each change from elsewhere: what was typed goes before what the rows say.
    revision = str(st.session_state.get(_REVISION, 0))
    key = f"{_EDITOR}-{digest(revision, *(part for row in rows for part in (row.host, row.model)))}"
    show_fields(key, "Prices", COLUMNS, price_rows(rows, titles), on_change=lambda: _save(wb, key, rows))
    st.caption("Each price is saved when you leave its field.")
    for trouble in st.session_state.pop(_TROUBLE, ()):
        st.error(plain(trouble), icon=":material/error:")


def price_rows(rows: Sequence[PriceRow], titles: Mapping[str, str]) -> list[Row]:
    """One row a model; a number that is not known is an empty cell."""
    return [
        Row(
            _id_of(row),
            row.model,
            {"host": titles[row.host], "model": row.model, "source": _source(row)}
            | {name: _written(getattr(row.price, name, None)) for name in NUMBERS},
        )
        for row in rows
    ]


def _id_of(row: PriceRow) -> str:
    return f"{row.host}/{row.model}"


def _written(number: float | None) -> str:
    return "" if number is None else f"{number:.6g}"


def _source(row: PriceRow) -> str:
    if row.price is None:
        return "unknown"
    return "typed by you" if row.is_typed else row.price.source


def _save(wb: Workbench, key: str, rows: Sequence[PriceRow]) -> None:
    st.session_state[_TROUBLE] = save_edits(wb, rows, typed(key))


def save_edits(wb: Workbench, rows: Sequence[PriceRow], edits: Typed) -> list[str]:
    """Keep each edited row. Returns what could not be kept, in a sentence each."""
    by_id = {_id_of(row): row for row in rows}
    troubles = []
    for place, texts in edits.items():
        row = by_id[place]
        try:
            wb.price_table.type_over(row.host, row.model, texts)
        except WorkbenchError as error:
            troubles.append(f"{row.model}: {error}")
    return troubles


def _show_anew() -> None:
    st.session_state[_REVISION] = st.session_state.get(_REVISION, 0) + 1

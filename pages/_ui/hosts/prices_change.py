"""Changing prices on the Hosts page: adding one, importing litellm's file, and taking the last change back."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from core.model import Host, Price
from core.services.hosts.price_import import ImportPlan, Reach
from core.services.hosts.prices import Change, PriceRow
from core.workbench import Workbench
from pages._ui.shell.connection import keep, place_of, value_of
from pages._ui.shell.errors import guarded
from pages._ui.shell.lead import own
from pages._ui.shell.press import is_pressed
from pages._ui.words.money import dollars
from pages._ui.words.text import count, plain

_HOST = "prices-add-host"
_ADDED = "prices-added"


def add_price(wb: Workbench, titles: Mapping[str, str], *, on_change: Callable[[], None]) -> None:
    """Choose a host and one of its models, or name one; what it costs now is there to be changed."""
    keys = list(titles)
    host = st.selectbox("Host", keys, place_of(_HOST, keys), format_func=lambda key: titles[key], key=_HOST)
    # New widgets after each price that was added: else the next one began with its numbers.
    key = f"prices-add-{st.session_state.get(_ADDED, 0)}-{host}"
    model = st.selectbox(
        "Model",
        wb.price_table.known_models(host),
        None,
        accept_new_options=True,
        placeholder="choose or type its name",
        key=keep(f"{key}-model"),
    )
    row = wb.prices.row(wb.hosts.get(host), model.strip()) if model else None
    numbers = _prices_typed(row, f"{key}-{model}")
    is_known = row is not None and row.price is not None and not row.is_own_hardware
    if row is not None and (now := costs_now(row)):
        st.caption(now)
    if is_pressed("Replace" if is_known else "Add", icon=":material/save:" if is_known else ":material/add:", key=key):
        with guarded():
            wb.price_table.put(host, model or "", numbers)
            st.session_state[_ADDED] = st.session_state.get(_ADDED, 0) + 1
            on_change()
            st.rerun()


def _prices_typed(row: PriceRow | None, key: str) -> dict[str, float | None]:
    price = None if row is None or row.is_own_hardware else row.price
    numbers = {}
    for place, name in zip(st.columns(2), ("input", "output"), strict=True):
        numbers[name] = place.number_input(
            f"{name.capitalize()}, $ per million tokens",
            0.0,
            value=value_of(f"{key}-{name}", getattr(price, name, None)),
            format="%g",
            key=keep(f"{key}-{name}"),
        )
    return numbers


def costs_now(row: PriceRow) -> str:
    """What a model costs before it is changed; empty where nobody knows. Markdown."""
    if row.is_own_hardware:
        return "It costs nothing now: it runs on your own hardware. A price you enter takes precedence."
    if row.price is None:
        return ""
    source = "typed by you" if row.is_typed else row.price.source
    said = f"Now {dollars(row.price.input)} in, {dollars(row.price.output)} out ({source}): it will be replaced."
    return plain(said)


def import_prices(wb: Workbench, hosts: Sequence[Host], *, on_change: Callable[[], None]) -> None:
    """Look at a file, then take it."""
    st.caption(
        "`model_prices_and_context_window.json`, as published by litellm: download it yourself and choose it here. "
        "It contains no training prices."
    )
    file = st.file_uploader("Price file", type="json", label_visibility="collapsed", key="prices-file")
    if file is None:
        return
    with guarded():
        plan = wb.prices.plan_import(file.getvalue(), file.name)
        st.markdown(plain(plan_in_words(plan)))
        st.markdown(plain(reach_in_words(wb.prices.reach(plan.places, hosts), hosts)))
        _problems(plan)

        def take() -> None:
            wb.prices.import_file(plan)
            on_change()

        changes = plan.new + plan.changed > 0
        st.button(
            f"Import {count(len(plan.found.rows), 'price')}",
            type=own("import-prices", presses=changes),
            icon=":material/download_done:",
            disabled=not changes,
            key="prices-import",
            on_click=take,
        )


def last_change(wb: Workbench, hosts: Sequence[Host], *, on_change: Callable[[], None]) -> None:
    """What was changed last, and a way to take it back."""
    change = wb.prices.last_change
    if change is None:
        return

    def undo() -> None:
        wb.prices.undo()
        on_change()

    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":green[:material/check:] {plain(_change_in_words(wb, change, hosts))}", width="content")
        st.button("Undo", icon=":material/undo:", type="tertiary", key="prices-undo", on_click=undo)


def _change_in_words(wb: Workbench, change: Change, hosts: Sequence[Host]) -> str:
    if change.source:
        reach = wb.prices.reach([place for place, _ in change.keys], hosts)
        said = f"{count(len(change.keys), 'price')} imported from {change.source}."
        return f"{said} {reach_in_words(reach, hosts)}"
    place, model = change.keys[0]
    host = next((host for host in hosts if host.key == place), None)
    if host is None:
        return f"The price of {model} was changed."
    now = wb.prices.row(host, model)
    before = change.replaced[0].price if change.replaced else None
    was = f", before {_numbers(before)}" if before else ""
    return f"{model} on {host.title}: {_numbers(now.price)}{was}."


def _numbers(price: Price | None) -> str:
    return "unknown" if price is None else f"{dollars(price.input)} in, {dollars(price.output)} out"


def reach_in_words(reach: Reach, hosts: Sequence[Host]) -> str:
    """For which hosts the prices of a file hold now, and what has to be added for the others."""
    titles = {host.key: host.title for host in hosts}
    here = ", ".join(f"{number:,} for {titles[key]}" for key, number in reach.hosts.items())
    absent = " or ".join(reach.absent)
    if not here:
        return f"None of them is for one of your hosts; they apply once you add {absent}." if absent else ""
    others = sum(reach.absent.values())
    rest = f" {others:,} more appl{'ies' if others == 1 else 'y'} once you add {absent}." if others else ""
    return f"{here}.{rest}"


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

"""The table of hosts: where each one is, its key, what it can do; one can be opened to test and change it."""

import streamlit as st

from core.errors import WorkbenchError
from core.model import Host
from core.workbench import Workbench
from pages._ui.hosts.consent import ask_consent, masking_in_words
from pages._ui.hosts.form import OPENED, edit_host, type_key
from pages._ui.hosts.model_picker import titled
from pages._ui.hosts.words import can_do, connected, key_from, key_state, known_routes, missing_key, where
from pages._ui.shell.connection import place_of
from pages._ui.shell.press import is_pressed
from pages._ui.words.text import plain

_WIDTHS = (1.5, 2.7, 2.1, 2.6, 1.9)
_TROUBLES, _WAITS = "host-troubles", "host-test-waits"
_MASKING = "below"
_SHOWN_REMOVED = 4


def hosts_table(wb: Workbench, hosts: list[Host]) -> None:
    """One row a host; the opened one shows what is inside under its row."""
    opened = st.query_params.get(OPENED)
    with st.container(border=True, gap="small"):
        for column, title in zip(st.columns(_WIDTHS), ("Host", "Where", "Key", "Capabilities", ""), strict=True):
            column.caption(title)
        for host in hosts:
            _row(wb, host, is_opened=host.key == opened)
            if host.key == opened:
                _inside(wb, host)
    if opened and opened not in {host.key for host in hosts}:
        st.warning(f"There is no host {plain(opened, 40)} in the list.", icon=":material/link_off:")
    _removed(wb)


def _row(wb: Workbench, host: Host, *, is_opened: bool) -> None:
    with st.container(gap="xsmall", key=f"host-row-{host.key}"):
        name, address, key, can, buttons = st.columns(_WIDTHS, vertical_alignment="center")
        name.markdown(f"**{plain(host.title, 80)}**")
        address.markdown(where(host, wb.hosts.is_allowed(host.key), is_running=wb.hosts.is_embedded_running))
        key.markdown(key_state(wb.hosts.key_state(host.key)))
        can.markdown(can_do(wb.hosts.findings(host.key)))
        with buttons.container(
            horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="xsmall"
        ):
            if is_pressed("Test", key=f"test-{host.key}", icon=":material/network_check:"):
                _test(wb, host, "")
            st.button(
                "",
                key=f"open-{host.key}",
                icon=":material/expand_less:" if is_opened else ":material/tune:",
                help="Close" if is_opened else "Models, key, settings",
                type="tertiary",
                on_click=_open,
                args=("" if is_opened else host.key,),
            )
            st.button(
                "",
                key=f"remove-{host.key}",
                icon=":material/delete:",
                help="Removes it from the list. Runs that used it stay as they are.",
                type="tertiary",
                disabled=host.key == "embedded",
                on_click=_remove,
                args=(wb, host.key),
            )
        if host.key == "embedded" and not is_opened:
            st.caption(plain(host.about))
        _show_trouble(host)
        if st.session_state.get(_WAITS) == host.key and not wb.hosts.is_allowed(host.key):
            st.warning(
                f"Nothing was sent: the test waits until you allow {plain(host.title)}, right below.",
                icon=":material/front_hand:",
            )


def _remove(wb: Workbench, key: str) -> None:
    wb.hosts.remove(key)
    if st.query_params.get(OPENED) == key:
        _open("")


def _open(key: str) -> None:
    if key:
        st.query_params[OPENED] = key
    else:
        st.query_params.pop(OPENED, None)


def _test(wb: Workbench, host: Host, model: str) -> None:
    """What it finds out is stored; what it stumbles over is shown until the next try."""
    troubles = st.session_state.setdefault(_TROUBLES, {})
    troubles.pop(host.key, None)
    st.session_state[_WAITS] = ""
    if not wb.hosts.is_allowed(host.key):
        st.session_state[_WAITS] = host.key
        _open(host.key)
        st.rerun()
    waits = st.empty()
    with st.spinner(f"Asking {plain(host.title)} …", show_time=True):
        try:
            wb.hosts.test(host.key, model, tell=waits.caption)
        except WorkbenchError as error:
            troubles[host.key] = str(error)
    st.rerun()


def _show_trouble(host: Host) -> None:
    if trouble := st.session_state.get(_TROUBLES, {}).get(host.key):
        st.error(plain(trouble), icon=":material/error:")


def _inside(wb: Workbench, host: Host) -> None:
    """What the opened host is, its test with a model of choice, its key, its settings."""
    with st.container(border=True, key=f"inside-{host.key}"):
        known = known_routes(host)
        found = wb.hosts.found_through(host.key)
        about = [f"Found through {plain(found)}."] if found else []
        about += [plain(host.about)] if host.about else []
        about += [f"Hosts of its kind also offer {known}."] if known else []
        is_allowed = ask_consent(wb, host, masking_place=_MASKING)
        if about:
            st.caption(" ".join(about))
        if is_allowed:
            _test_with(wb, host)
        if host.key != "embedded":
            _key(wb, host)
        edit_host(wb, host)


def _test_with(wb: Workbench, host: Host) -> None:
    findings = wb.hosts.findings(host.key)
    state = wb.hosts.key_state(host.key)
    titles, trouble = {}, ""
    if not state.is_missing:  # else it is said where the key is to be typed
        place = (host.base_url, repr(state))
        titles, trouble = _models(wb, host, str(wb.settings.database_path), host.key, place)
    typed = st.session_state.get(f"model-{host.key}")
    names = list(dict.fromkeys([*titles, typed] if typed else titles))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        model = st.selectbox(
            f"Models · {len(titles):,}" if titles else "Model",
            names,
            place_of(f"model-{host.key}", names),
            format_func=lambda name: titles.get(name, name),
            key=f"model-{host.key}",
            accept_new_options=True,
            placeholder="type the model's name",
            width=380,
            help="Type to search, or enter a model that is not listed.",
        )
        if is_pressed("Test this model", key=f"test-model-{host.key}", icon=":material/network_check:"):
            _models.clear()
            _test(wb, host, model or "")
    said = st.session_state.get(_TROUBLES, {}).get(host.key)
    if trouble and trouble != said:
        st.warning(plain(trouble), icon=":material/cloud_off:")
    if findings is None or findings.came_to_nothing:
        st.caption("The test asks a made-up question up to six times; none of your texts is sent.")
    if findings is not None and not (findings.trouble and findings.trouble in (said, trouble)):
        show = st.error if findings.trouble else st.success
        show(connected(findings), icon=":material/error:" if findings.trouble else ":material/check_circle:")


@st.cache_data(ttl=30, max_entries=50, show_spinner="Asking the host for its models …")
def _models(
    _wb: Workbench, _host: Host, database: str, host_key: str, place: tuple[str, str]
) -> tuple[dict[str, str], str]:
    """Titles by name. A failure is kept as well, so that a host that is down does not hold up every click."""
    try:
        return {name: titled(_wb, _host, name, name) for name in _wb.hosts.served(host_key)}, ""
    except WorkbenchError as error:
        return {}, str(error)


def _key(wb: Workbench, host: Host) -> None:
    state = wb.hosts.key_state(host.key)
    with st.container(horizontal=True, vertical_alignment="center"):
        if said := key_from(state.source) or missing_key(state):
            st.markdown(f":small[{said}]", width="content")
        if state.source == "typed" or (state.is_missing and state.was_typed):
            st.button(
                "Forget the key" if state.source == "typed" else "No key needed any more",
                key=f"forget-{host.key}",
                type="tertiary",
                on_click=wb.hosts.forget_key,
                args=(host.key,),
            )
        if not host.is_local and wb.hosts.is_allowed(host.key):
            st.markdown(f":small[{masking_in_words(host.masking, _MASKING)}]", width="content")
            st.button(
                "Withdraw permission to send",
                key=f"disallow-{host.key}",
                type="tertiary",
                on_click=wb.hosts.disallow,
                args=(host.key,),
            )
    if state.is_missing:
        type_key(wb, host)
    else:
        with st.expander("Type a key" if state.source == "none" else "Type another key", type="compact"):
            type_key(wb, host)


def _removed(wb: Workbench) -> None:
    """Every removal can be undone, the newest first."""
    removed = wb.hosts.removed()
    if not removed:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("Removed:", width="content")
        _put_back(wb, removed[:_SHOWN_REMOVED])
        if others := removed[_SHOWN_REMOVED:]:
            with st.popover(f"{len(others)} more", type="tertiary"):
                _put_back(wb, others)


def _put_back(wb: Workbench, removed: list[Host]) -> None:
    for host in removed:
        st.button(
            f"Restore {plain(host.title, 40)}",
            key=f"restore-{host.key}",
            icon=":material/undo:",
            type="tertiary",
            on_click=wb.hosts.restore,
            args=(host.key,),
        )

"""The user's word before the first call to a host outside this machine: what goes where, said once, inline."""

from collections.abc import Callable

import streamlit as st

from core.model import Host, Masking
from core.services.hosts.connections import addresses_of
from core.workbench import Workbench
from pages._ui.hosts.words import with_which_key
from pages._ui.shell.lead import own
from pages._ui.words.text import count, plain

ASKED = "the texts of the items you choose, your prompt with its labels and guidelines, and its examples"
KINDS = {
    "email": "e-mail addresses",
    "phone": "phone numbers",
    "card": "card numbers",
    "account": "account numbers",
    "digits": "other long numbers",
}


def ask_consent(
    wb: Workbench,
    host: Host,
    *,
    what: str = ASKED,
    key: str = "",
    masking_place: str = "on Hosts",
    address: Callable[[str], str] = str,
) -> bool:
    """Whether data may go to the host; where that was never said, a box that asks for it. `key` tells two boxes apart.

    `what` completes the sentence "What you start will send …"; `masking_place` says where masking is set,
    `address` what is used of the host besides its own address.
    """
    if wb.hosts.is_allowed(host.key, address=address):
        return True
    where = " and ".join(f"**{plain(one)}**" for one in addresses_of(host, address))
    with_key = with_which_key(wb.hosts.key_state(host.key))
    with st.container(border=True, gap="small"):
        st.markdown(
            f":material/outbound: **Before the first call to {plain(host.title)}**  \n"
            f"What you start will send {plain(what)} to {where}{with_key}. "
            f"Nothing else leaves this machine.{_in_the_clear(host)}"
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                f"Allow {plain(host.title)}",
                type=own(f"allow-{host.key}", presses=True),
                icon=":material/check:",
                key=f"allow-{key}{host.key}",
                on_click=wb.hosts.allow,
                args=(host.key,),
                kwargs={"address": address},
            )
            st.caption(masking_in_words(host.masking, masking_place))
    return False


def masking_in_words(masking: Masking, place: str = "on Hosts") -> str:
    """`E-mail addresses and 2 names are masked first.` Markdown."""
    parts = [KINDS[kind] for kind in KINDS if kind in masking.kinds]
    parts += [count(len(masking.names), "name") + " of your choosing"] if masking.names else []
    if not parts:
        return f"Nothing in the texts is masked; that can be set {place}."
    said = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"{said[0].upper()}{said[1:]} are masked before anything is sent."


def _in_the_clear(host: Host) -> str:
    """What an address without encryption means, in words."""
    if host.base_url.startswith("https:"):
        return ""
    return "  \n:orange[:material/no_encryption: It is http, not https: anyone on the way can read all of it.]"

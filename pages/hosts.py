"""Hosts: which servers can label and learn, what can each of them do, and what does it cost?"""

import streamlit as st

from core.workbench import Workbench
from pages._ui.hosts.calendar import calendar
from pages._ui.hosts.form import add_host
from pages._ui.hosts.prices_view import prices_table
from pages._ui.hosts.view import hosts_table
from pages._ui.shell.frame import heading, show


def hosts(wb: Workbench) -> None:
    heading("Hosts")
    st.caption(
        "Where models run. Texts go only to hosts you have allowed, and only when you start something. "
        "Keys are never stored, logged, exported or shown."
    )
    known = wb.hosts.all()
    hosts_table(wb, known)
    if len(known) == 1:
        st.caption(
            "You do not have to add any: the embedded host labels and learns without a key, GPU or network. "
            "A host whose key is in the environment or in .streamlit/secrets.toml appears by itself."
        )
    add_host(wb)
    calendar(wb)
    prices_table(wb, known)


show(hosts)

"""Hosts: which servers can label and learn, and do they answer?"""

import streamlit as st

from pages._ui.errors import guarded
from pages._ui.hosts_view import hosts_table, how_to_add
from pages._ui.shell import enter

wb = enter()
st.title("Hosts", anchor=False)
st.caption("Where models run. Texts leave this machine only to the hosts listed here, and only when you start a run.")
with guarded():
    hosts = wb.hosts.all()
    hosts_table(wb, hosts)
    how_to_add(hosts)

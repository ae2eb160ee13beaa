"""An imported fine-tune whose host is not connected: what to do, and the choice of one."""

import streamlit as st

from core.model import FineTune
from core.workbench import Workbench
from pages._ui.shell.errors import guarded
from pages._ui.shell.frame import link
from pages._ui.shell.pick import pick
from pages._ui.shell.press import is_pressed
from pages._ui.words.text import plain


def waits_for_host(wb: Workbench, job: FineTune) -> bool:
    """Says so, and whether it does: nothing can be asked of its model then."""
    todo = wb.portable.waits_for_host(job.id)
    if not todo:
        return False
    st.info(plain(todo), icon=":material/link_off:")
    hosts = {host.key: host.title for host in wb.hosts.all()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = pick("Host with this model", hosts, key=f"connect_{job.id}")
        if is_pressed("Use this host", key=f"connect-{job.id}", icon=":material/link:"):
            with guarded():
                wb.portable.connect(job.id, chosen)
                st.rerun()
        link("hosts", "Connect another host", icon=":material/dns:")
    return True

"""Pages of other programs on this machine get no part of the workbench.

Streamlit lets every page that was loaded from this machine open a connection, whatever its port: any development
server, notebook or report that runs beside the app, with whatever script it was made to show. So nothing is drawn, and
no click is taken, for a page that was not loaded from here. How the app is reached may differ from where it listens: a
proxy on the way says so in a header of its own, which a page cannot set.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

import streamlit as st
from streamlit import net_util

# Asked by a page from elsewhere, Streamlit would look up this machine's outer address at a server on the internet, in
# order to compare the two. An address of nobody is as good: no page is loaded from here by the outer one.
net_util._external_ip = "0.0.0.0"


def is_own_page() -> bool:
    """Whether the page was loaded from here; one that was not is told so in a sentence, and gets nothing else."""
    headers = st.context.headers
    hosts = [*headers.get_all("host"), *headers.get_all("x-forwarded-host")]
    known = st.get_option("server.corsAllowedOrigins") or ()
    if not st.get_option("server.enableCORS") or is_own(headers.get("origin"), hosts, known):
        return True
    st.error("This page was not loaded from LabelLoop, so nothing is shown. Open LabelLoop at its own address.")
    return False


def is_own(origin: str | None, hosts: Sequence[str], known: Sequence[str] = ()) -> bool:
    """Whether a page of this origin was loaded from one of the hosts, or from an origin the user has named.

    Programs that are no browsers name none.
    """
    if origin is None or origin.rstrip("/") in (one.rstrip("/") for one in known):
        return True
    try:
        place = urlsplit(origin).netloc.lower()
    except ValueError:
        return False
    named = {host.strip().lower() for hosts_on_the_way in hosts for host in hosts_on_the_way.split(",")}
    return bool(place) and place in named

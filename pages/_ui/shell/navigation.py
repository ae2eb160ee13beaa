"""The pages and how they are called. Imports nothing of ours, so that a fresh server can show them at once."""

from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

ICON = str(Path(__file__).parent / "icon.png")
"""The icon of every page, a file of ours: a named one would be fetched from elsewhere."""

_SIDEBAR = 208  # pixels: the longest entry, and no wider; who wants more draws its edge
_FIRST, _ODD, _WRITTEN = "projects", "odd_address", "written_address"
_PAGES = {
    "Prepare": {
        "projects": ("Projects", ":material/folder:"),
        "data": ("Data", ":material/table_rows:"),
        "task": ("Task", ":material/sell:"),
    },
    "Label": {
        "prompts": ("Prompts", ":material/chat:"),
        "runs": ("Runs", ":material/play_circle:"),
        "review": ("Review", ":material/keyboard:"),
    },
    "Learn": {
        "agreement": ("Agreement", ":material/handshake:"),
        "fine_tune": ("Fine-tune", ":material/school:"),
        "compare": ("Compare", ":material/compare_arrows:"),
        "export": ("Export", ":material/download:"),
    },
    "Set up": {
        "hosts": ("Hosts", ":material/dns:"),
    },
}


def _page(name: str, title: str, icon: str) -> st.Page:
    return st.Page(f"pages/{name}.py", title=title, icon=icon, default=name == _FIRST)


_FACTS = {name: facts for group in _PAGES.values() for name, facts in group.items()}


def page(name: str) -> st.Page:
    """A page by the name of its file, to link and to switch to. Never run: see `declare`.

    Made anew each time: one made outside a script, by whoever imports this first, is half a page to Streamlit.
    """
    return _page(name, *_FACTS[name])


_navigated = False


def declare() -> st.Page:
    """Tell Streamlit which pages there are: the one that is asked for.

    Their icon comes first, whoever calls: without one the browser would show the named icon of the page's link, and
    fetch it from a host of fonts. And it is a file: on its account the browser notes at once where the server is, which
    it needs to draw links and the logo. One that loses the connection before it has, draws nothing ever after.

    Made anew each time: `st.navigation` marks a page as the one that may run, and sessions that shared it would take
    that from each other.
    """
    _ask_by_address()
    # Off until here: of what it finds by itself Streamlit would show the names of the files.
    st.set_option("client.showSidebarNavigation", True)
    st.set_page_config(page_title="LabelLoop", page_icon=ICON, layout="wide", initial_sidebar_state=_SIDEBAR)
    return st.navigation(
        {title: [_page(name, *facts) for name, facts in group.items()] for title, group in _PAGES.items()}
    )


def navigate() -> st.Page:
    """The navigation, for `app.py` alone: the page to run."""
    global _navigated
    chosen = declare()
    _navigated = True
    return chosen


def _ask_by_address() -> None:
    """Ask for the page of the address, as somebody may have written it by hand.

    Where the connection broke before the browser was told which page it is on, it asks for `app.py` itself, which
    Streamlit would take for the first page: then the address says which.
    """
    running = get_script_run_ctx()
    if running is None:
        return
    pages = running.pages_manager
    asked = pages.intended_page_name or ""
    if pages.intended_page_script_hash == pages.main_script_hash and running.context_info is not None:
        asked = urlsplit(running.context_info.url).path
    elif pages.intended_page_script_hash:
        return
    last, name = _last(asked), name_of(asked)
    if name and name not in _FACTS:
        # Streamlit would open a box about it over the first page, in words of its own.
        st.session_state[_ODD], name = name, ""
    if last != name:
        st.session_state[_WRITTEN] = last
    pages.set_script_intent("", name)


def odd_spelling() -> str:
    """How the address of the page was written, where that is another way than the page's own; to be heard once."""
    odd: str = st.session_state.pop(_WRITTEN, "")
    return odd


def odd_address() -> str | None:
    """The page that was asked for and is none, to be said once."""
    odd: str | None = st.session_state.pop(_ODD, None)
    return odd


def name_of(address: str) -> str:
    """What Streamlit knows the page of this address by: the first by no name, the others by one spelling."""
    last = _last(address)
    name = last.casefold().replace("-", "_")
    return "" if name == _FIRST else name if name in _FACTS else last


def _last(address: str) -> str:
    return address.strip("/").rpartition("/")[2]


def names() -> list[str]:
    """What Streamlit knows the pages by."""
    return [name_of(name) for name in _FACTS]


def has_navigated() -> bool:
    """Whether `app.py` has run on this server."""
    return _navigated

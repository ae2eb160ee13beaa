"""Files of items as pages show them: served by the app to its own pages, as long as a session shows them."""

from collections.abc import Iterable

import streamlit as st
from streamlit.runtime import exists, get_instance

from core.errors import WorkbenchError
from core.services.media.vocabulary import parse_reference
from core.workbench import Workbench

MOST_AT_ONCE = 40 * 2**20
"""Bytes of files that a page offers a browser at one time, besides the one in view."""


def url_of(wb: Workbench, reference: str, place: str = "item") -> str:
    """Where a file is served; "" for one that is missing, and for what is no reference. A run of the page that does
    not ask for the place again lets go of it."""
    parsed = parse_reference(reference)
    if parsed is None or not exists():
        return ""
    try:
        path = str(wb.media.path(reference))
    except WorkbenchError:
        return ""
    return _under_base(get_instance().media_file_mgr.add(path, parsed.format.mime, f"{place} {parsed.sha256}"))


def urls_within(wb: Workbench, in_view: Iterable[str], near: Iterable[str], place: str) -> dict[str, str]:
    """Where these files are served: all that are in view, and of those near it the first ones, until these are
    `MOST_AT_ONCE` bytes."""
    found = {reference: url_of(wb, reference, place) for reference in in_view}
    left = MOST_AT_ONCE
    for reference in dict.fromkeys(near):
        if reference not in found:
            left -= wb.media.size(reference)
            if left < 0:
                break
            found[reference] = url_of(wb, reference, place)
    return found


def _under_base(url: str) -> str:
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}{url}" if base else url

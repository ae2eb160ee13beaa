"""Files at addresses: which hosts would be asked, the press that agrees to it, how far it is, what could not be had."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from core.errors import WorkbenchError
from core.model import TEXT_FIELD, Fetch, FetchStatus, Project, TableData
from core.services.data.bringing import ImportChoice
from core.services.media.vocabulary import SMALLER, AskedHosts, FileSource, bytes_in_words
from core.workbench import Workbench
from pages._ui.shell.connection import these_of, value_of
from pages._ui.shell.errors import guarded
from pages._ui.shell.press import is_pressed
from pages._ui.shell.shelf import shelf
from pages._ui.words.figures import percent
from pages._ui.words.text import count, digest, duration, plain

_MOST_CHOSEN = 30
_ABOUT = (
    "These hosts are asked for the files, and no others; they see the internet address of this machine. What comes is "
    "stored in the data folder, shown in place of the address, and sent to models that are asked about it."
)
_SEEN = "fetches_last_seen"


def offer(wb: Workbench, table: TableData, choice: ImportChoice, stamp: str) -> dict[str, list[str]]:
    """By field the hosts that are agreed to be asked once the items are imported; nothing is asked before."""
    texts = choice.text_columns
    fields = {name: name for name in table.columns if name not in choice.roles}
    fields |= {texts[0]: TEXT_FIELD} if len(texts) == 1 else {}
    agreed = {}
    for column, field in fields.items():
        key = digest(stamp, column)
        hosts = shelf().get(f"hosts-{key}", lambda column=column: wb.media.hosts_in(table, column))
        if not hosts.total:
            continue
        label = f"Fetch the files that {plain(column, 40)} names from {count(len(hosts.addresses), 'host')}"
        st.caption(f":material/link: {plain(column, 40)}: {plain(hosts.in_words())}.")
        if too_many := hosts.too_many():
            st.caption(f":material/block: {plain(too_many)} Import fewer rows, or choose among the hosts afterwards.")
        elif st.checkbox(label, value_of(f"import_fetch_{key}", False), key=f"import_fetch_{key}", help=_ABOUT):
            agreed[field] = list(hosts.addresses)
    return agreed


def files_panel(wb: Workbench, project: Project) -> None:
    """Each field with addresses: its files, and how they come here."""
    sources = wb.media.sources(project.id)
    if not sources:
        st.info("No field of these items is an address of a file.", icon=":material/info:")
    if any(one.newest and one.newest.status.is_live for one in sources):
        _follow(wb, project, {one.name: one.title for one in sources})
    for one in sources:
        if one.newest is None or not one.newest.status.is_live:
            with st.container(border=True, key=f"files-{digest(one.name)}"):
                _resting(wb, project, one)


@st.fragment(run_every=1.0)
def _follow(wb: Workbench, project: Project, titles: dict[str, str]) -> None:
    try:
        live = wb.media.fetches_under_way(project.id)
        st.session_state[_SEEN] = live
    except WorkbenchError as error:
        live = st.session_state.get(_SEEN, [])
        st.caption(f"This is the last state that could be read. {plain(error.message)}")
    if not live:
        st.rerun(scope="app")
    for one in live:
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"fetch-{one.id}"):
            st.progress(_share(one), f"**{plain(titles.get(one.source, one.source), 40)}** · {_how_far(one)}")
            about = "What has come stays; the rest can be fetched later."
            with guarded():
                if is_pressed("Cancel", key=f"cancel-fetch-{one.id}", help=about):
                    wb.media.cancel_fetch(project.id)
                    st.rerun(scope="app")


def _share(one: Fetch) -> float:
    return min(1.0, (one.fetched + one.refused) / one.total) if one.total else 0.0


def _how_far(one: Fetch) -> str:
    """`312 of 1,204 files, 24 MB · 26 %, about 2 min left`"""
    if one.status is FetchStatus.QUEUED or not one.started_at:
        return "waiting to begin"
    done = one.fetched + one.refused
    parts = [f"{done:,} of {count(one.total, 'file')}, {bytes_in_words(one.n_bytes)}", percent(_share(one))]
    if done >= 3:
        gone = (datetime.now(UTC) - one.started_at).total_seconds()
        parts[-1] += f", {duration(gone / done * (one.total - done))} left"
    if one.refused:
        parts.append(f"{one.refused:,} could not be fetched")
    return " · ".join(parts)


def _resting(wb: Workbench, project: Project, source: FileSource) -> None:
    standing, newest = source.standing, source.newest
    st.markdown(f"**{plain(source.title, 40)}** · {standing.there:,} of {count(standing.addresses, 'file')} here")
    if newest is not None and newest.status is FetchStatus.FAILED:
        st.error(plain(newest.message), icon=":material/error:")
    if newest is not None and newest.status is FetchStatus.CANCELLED:
        st.caption("Cancelled. What had come is kept.")
    if source.waiting.total:
        _ask(wb, project, source.name, source.waiting, "Fetch")
    if standing.refused:
        _refused(wb, project, source)


def _ask(wb: Workbench, project: Project, name: str, hosts: AskedHosts, verb: str) -> None:
    """What would be asked whom, and the press that agrees to it."""
    st.markdown(f"{plain(hosts.in_words())}. Nothing is fetched before you press the button.")
    chosen, mark = list(hosts.addresses), digest(str(project.id), name, *hosts.addresses)
    if 1 < len(chosen) <= _MOST_CHOSEN:
        key = f"fetch_hosts_{mark}"
        chosen = st.multiselect(
            "Hosts that are asked",
            list(hosts.addresses),
            default=these_of(key, list(hosts.addresses), list(hosts.addresses)),
            format_func=lambda one: f"{one} ({hosts.addresses[one]:,})",
            key=key,
        )
    n = sum(hosts.addresses[one] for one in chosen)
    st.caption(_ABOUT)
    too_many = hosts.too_many(chosen)
    if too_many:
        st.warning(f"{plain(too_many)} {SMALLER}", icon=":material/block:")
    with guarded():
        if is_pressed(
            f"{verb} {count(n, 'file')} from {count(len(chosen), 'host')}",
            key=f"fetch-{mark}",
            icon=":material/download:",
            disabled=not chosen or bool(too_many),
        ):
            wb.media.fetch(project.id, name, chosen)
            st.rerun()


def _refused(wb: Workbench, project: Project, source: FileSource) -> None:
    standing, newest = source.standing, source.newest
    n = standing.refused
    st.warning(
        f"{count(n, 'file')} could not be fetched. These items show their address alone.", icon=":material/warning:"
    )
    with guarded(), st.container(horizontal=True):
        again = list(newest.hosts) if newest else []
        if is_pressed("Try again", key=f"fetch-again-{digest(source.name)}", icon=":material/refresh:"):
            wb.media.fetch(project.id, source.name, again)
            st.rerun()
        for host, times in list(standing.leads_to.items())[:3]:
            label = f"Also ask {plain(host, 60)} ({times:,})"
            if is_pressed(label, key=f"fetch-onward-{digest(source.name, host)}", icon=":material/add_link:"):
                wb.media.fetch(project.id, source.name, [*again, host])
                st.rerun()
    rows = wb.media.refused(project.id, source.name)
    frame = pd.DataFrame([{"Item": one.row, "Address": one.address, "Why": one.message} for one in rows])
    st.dataframe(frame, hide_index=True, height="auto" if len(rows) < 10 else 380)
    if n > len(rows):
        st.caption(f"The first {len(rows):,} of {n:,}.")

"""The import: source, columns, check, on one page. Nothing is stored before the last button."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from core.model import TableData
from core.services.data.bringing import Check, ImportChoice
from core.services.data.sources import Source, discard, other_kind, read_source, recognise
from core.workbench import Workbench
from pages._ui.data.check_view import check_step, say_problems
from pages._ui.data.columns_view import choose_columns
from pages._ui.data.fetch_view import offer
from pages._ui.data.further_view import further_step
from pages._ui.data.source_view import choose_source
from pages._ui.shell.connection import value_of
from pages._ui.shell.errors import told_later
from pages._ui.shell.frame import NO_PROJECT, PROJECT
from pages._ui.shell.navigation import page
from pages._ui.shell.press import is_pressed
from pages._ui.shell.progress_bar import ProgressBar
from pages._ui.shell.shelf import shelf
from pages._ui.words.text import count, digest, plain


def is_importing() -> bool:
    """Asked for in the URL, or there is nothing else to show."""
    nothing_else = st.session_state.get(PROJECT) is None and st.session_state.get(NO_PROJECT) is None
    return "new" in st.query_params or nothing_else


def import_wizard(wb: Workbench) -> None:
    """Three steps; each appears when the one before is done, the last beside the one before it."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="heading"):
        st.title("New project", anchor=False, width="content")
        st.caption("Texts or files, with what people and models say of them. Nothing is stored before the last step.")
        if st.session_state.get(PROJECT) is not None:
            _cancel()
    with st.container(border=True, key="import-source"):
        source = choose_source(wb)
        table = read_rows(wb, source) if source else None
        is_ours = source is not None and table is not None and is_of_our_kind(table, source)
    if source is None or table is None or not is_ours:
        return
    left, right = st.columns([2, 1])
    details = st.container()
    with left, st.container(border=True, key="import-columns"):
        st.markdown("**2 Columns**")
        found = shelf().get(f"{source.stamp()}-kind", lambda: recognise(table))
        choice = choose_columns(wb, table, source, found)
        choice = further_step(wb, table, source, found, choice) if choice.label_columns else choice
    if not choice.text_columns:
        return
    with right, st.container(border=True, key="import-check"):
        st.markdown("**3 Check and import**")
        agreed = offer(wb, table, choice, source.stamp())
        ready = check_step(wb, table, choice, source, details)
    if ready is not None:
        with right:
            _import(wb, table, *ready, source, agreed)


def _cancel() -> None:
    if is_pressed("Cancel", key="import-cancel", icon=":material/close:", type="tertiary"):
        st.switch_page(page("data"), query_params={PROJECT: str(st.session_state[PROJECT])})


def read_rows(wb: Workbench, source: Source, project_id: int | None = None) -> TableData | None:
    """The table, what of it is about the question of a project that it is added to; None where what is wrong with the
    file stands in the way whatever columns are chosen, and is said."""

    def read() -> TableData:
        bar = ProgressBar("Reading")
        try:
            return read_source(source, bar, wb.media.store)
        finally:
            bar.close()

    table = shelf().get(source.stamp(), read)
    table = table if project_id is None else wb.data.about_question(project_id, table)
    in_the_way = [problem for problem in table.problems if problem.concerns_all]
    if in_the_way:
        say_problems(in_the_way, "Nothing has been imported. Fix this in the file and read it again.")
        return None
    st.caption(f":material/check: {count(len(table.rows), 'row')} read as {plain(table.about)}.")
    for note in table.notes:
        st.caption(f":material/info: {plain(note)}")
    return table


def is_of_our_kind(table: TableData, source: Source) -> bool:
    """Says where the table is plainly no list of texts; whether it goes on all the same."""
    found = other_kind(table)
    if found is None:
        return True
    st.warning(f"**{plain(found.title)}.** {plain(found.found)} {plain(found.todo)}", icon=":material/category:")
    key = f"import_anyway_{digest(source.stamp(), found.title)}"
    return st.toggle("Import it as rows of text anyway", value_of(key, False), key=key)


def _import(
    wb: Workbench,
    table: TableData,
    choice: ImportChoice,
    check: Check,
    source: Source,
    agreed: Mapping[str, Sequence[str]],
) -> None:
    bar = ProgressBar("Importing")
    named = replace(table, about=f"{source.name}, {table.about}")
    project_id = wb.data.import_table(named, choice, check=check, file=source.file, progress=bar)
    bar.close()
    discard(wb.settings.data_dir / "uploads", source)
    bar = ProgressBar("Finding near-duplicates and splitting the items")
    # The project is there: what goes wrong from here on is said on its page, where it can be done again.
    with told_later():
        wb.data.split(project_id, progress=bar)
    for field, hosts in agreed.items():
        with told_later():
            wb.media.fetch(project_id, field, hosts)
    view = {"view": "files"} if agreed else {}
    st.switch_page(page("data"), query_params={PROJECT: str(project_id), **view})

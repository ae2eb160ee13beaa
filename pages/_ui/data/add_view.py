"""A file added to a project that is there: source, columns, what it comes to. Nothing is stored before the button."""

from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.model import Project, TableData
from core.services.data.bringing import Addition, Check, ImportChoice, KnownColumns, can_be_added, mapped
from core.services.data.sources import Source, discard
from core.workbench import Workbench
from pages._ui.data.addition_words import details, in_short
from pages._ui.data.check_view import (
    checked,
    say_problems,
    settle_conflicts,
    show_hints,
    skip_empty,
    which_answers,
)
from pages._ui.data.columns_view import choose_columns
from pages._ui.data.import_view import is_of_our_kind, read_rows
from pages._ui.data.source_view import choose_source
from pages._ui.shell.connection import these_of
from pages._ui.shell.errors import guarded
from pages._ui.shell.frame import PROJECT
from pages._ui.shell.lead import own
from pages._ui.shell.navigation import page
from pages._ui.shell.press import is_pressed
from pages._ui.shell.progress_bar import ProgressBar
from pages._ui.shell.shelf import shelf
from pages._ui.words.text import count, digest, plain

ADD = "add"
_MOST_NAMED = 8


def is_adding() -> bool:
    """Asked for in the URL."""
    return ADD in st.query_params


def add_file(wb: Workbench, project: Project) -> None:
    """Three steps, as for a new project, with the columns that the project has."""
    with st.container(horizontal=True, vertical_alignment="center", key="add-head"):
        st.subheader("Add a file", anchor=False, width="content")
        st.caption("New rows join this project, known ones are recognised. Nothing is stored before the last step.")
        if is_pressed("Cancel", key="add-cancel", icon=":material/close:", type="tertiary"):
            _leave(project, "items")
    with st.container(border=True, key="import-source"):
        source = choose_source(wb)
        table = read_rows(wb, source, project.id) if source else None
        is_ours = source is not None and table is not None and is_of_our_kind(table, source)
    if source is None or table is None or not is_ours:
        return
    known = wb.data.known_columns(project.id)
    left, right = st.columns([2, 1])
    details_place = st.container()
    with left, st.container(border=True, key="import-columns"):
        st.markdown("**2 Columns**")
        choice = _columns(wb, table, source, known)
    if choice.text_columns:
        with right, st.container(border=True, key="import-check"):
            st.markdown("**3 Check and add**")
            _check_and_add(wb, project, table, choice, source, details_place)


def _columns(wb: Workbench, table: TableData, source: Source, known: KnownColumns) -> ImportChoice:
    found = shelf().get(f"{source.stamp()}-{digest(repr(known))}", lambda: mapped(table, known))
    if found.misfit:
        st.warning(plain(found.misfit), icon=":material/category:")
    choice = choose_columns(wb, table, source, found.found, found.names)
    models = choice.models | {name for name in found.names.values() if name in known.models}
    return replace(
        choice,
        name=source.file,
        models=frozenset(models),
        keep_duplicates=known.keep_duplicates,
        kept_messages=known.messages,
    )


def _check_and_add(
    wb: Workbench, project: Project, table: TableData, choice: ImportChoice, source: Source, place: DeltaGenerator
) -> None:
    facts = st.container()
    choice = replace(choice, skip_empty=skip_empty(wb, table, choice, source))
    choice = which_answers(wb, table, choice, source)
    check = checked(wb, table, choice, source)
    if not check.ok:
        say_problems(check.problems, "Nothing has been added. Fix this in the file, or choose other columns.", place)
        return
    with place:
        choice = settle_conflicts(check, choice)
        show_hints(check)
    with guarded():
        found = _preview(wb, project, table, choice, check, source)
        new_labels = _new_labels(choice, found, source)
        found = _preview(wb, project, table, choice, check, source, found, new_labels) if new_labels else found
        with facts:
            st.markdown(plain(found.here_already) if found.is_empty else in_short(found))
            for sentence in details(found) if not found.is_empty else ():
                st.caption(sentence)
        pressed = is_pressed(
            _what_is_added(found),
            key="add-file",
            type=own("add", presses=not found.is_empty),
            icon=":material/playlist_add:",
            disabled=found.is_empty,
            width="stretch",
        )
        if pressed:
            _add(wb, project, table, choice, check, found, new_labels, source)


def _what_is_added(found: Addition) -> str:
    if found.is_empty:
        return "Nothing to add"
    return f"Add {count(found.new, 'item') if found.new else count(found.annotations, 'annotation')}"


def _preview(
    wb: Workbench,
    project: Project,
    table: TableData,
    choice: ImportChoice,
    check: Check,
    source: Source,
    earlier: Addition | None = None,
    new_labels: tuple[str, ...] = (),
) -> Addition:
    stamp = (project.id, source.stamp(), choice, *wb.data.upload_names(project.id), wb.data.stamp(project.id))

    def make() -> Addition:
        bar = ProgressBar("Looking for items that are here, or nearly")
        try:
            return wb.data.preview(
                project.id, table, choice, check=check, earlier=earlier, new_labels=new_labels, progress=bar
            )
        finally:
            bar.close()

    return shelf().get(f"addition {wb.db.path} {stamp} {new_labels}", make)


def _new_labels(choice: ImportChoice, found: Addition, source: Source) -> tuple[str, ...]:
    """Which labels that the task has not it is to get; asked where there are any."""
    if not found.unknown:
        return ()
    options = [name for name in found.unknown if can_be_added(choice.kind, name)]
    n, most = len(found.unknown), list(found.unknown.items())[:_MOST_NAMED]
    named = plain(", ".join(f"{name} ({times:,})" for name, times in most)) + (" …" if n > len(most) else "")
    st.warning(
        f"{count(n, 'label')} in {count(sum(found.unknown.values()), 'answer')} {'is' if n == 1 else 'are'} not in the "
        f"task: {named}. What is not added is left out.",
        icon=":material/label_off:",
    )
    if not options:
        return ()
    key = f"add_labels_{digest(source.stamp(), *options)}"
    chosen = st.multiselect(
        "Add to the task",
        options,
        default=these_of(key, options, ()),
        format_func=lambda name: f"{name} ({found.unknown[name]:,})",
        key=key,
        placeholder="None",
    )
    return tuple(chosen)


def _add(
    wb: Workbench,
    project: Project,
    table: TableData,
    choice: ImportChoice,
    check: Check,
    found: Addition,
    new_labels: tuple[str, ...],
    source: Source,
) -> None:
    bar = ProgressBar("Adding")
    wb.data.add_table(
        project.id,
        table,
        choice,
        check=check,
        addition=found,
        new_labels=new_labels,
        file=source.file,
        progress=bar,
    )
    bar.close()
    discard(wb.settings.data_dir / "uploads", source)
    _leave(project, "uploads")


def _leave(project: Project, view: str) -> None:
    st.switch_page(page("data"), query_params={PROJECT: str(project.id), "view": view})

"""The last step of the import: what stands in the way, what to know before, and the button."""

from dataclasses import replace

import streamlit as st

from core.model import TableData
from core.services.data.bringing import Check, ImportChoice
from core.services.data.sources import Source
from core.workbench import Workbench
from pages._ui.data.tables import distinct_labels, duplicate_frame, problem_frame, spelling_frame, spoken_problems
from pages._ui.shell.shelf import shelf
from pages._ui.words.text import count, plain


def check_step(wb: Workbench, table: TableData, choice: ImportChoice, source: Source) -> ImportChoice | None:
    """The choice to import once the button is pressed; None before, and while anything stands in the way."""
    facts = st.container()
    with st.container(horizontal=True, gap="medium"):
        skip = _skip_empty(wb, table, choice, source)
        choice = replace(choice, skip_empty=skip)
        check = _check(wb, table, choice, source)
        keep = bool(check.duplicates) and st.checkbox(
            f"Keep {count(check.surplus, 'row')} whose text is in an earlier row",
            key="import_keep",
            help="They land in the same split either way.",
        )
    choice = replace(choice, keep_duplicates=keep)
    _problems(check)
    choice = replace(choice, merge_labels=_spellings(check))
    with facts:
        _facts(table, check, choice)
    _duplicates(check)
    return _name_and_go(wb, check, choice, source)


def _check(wb: Workbench, table: TableData, choice: ImportChoice, source: Source) -> Check:
    with st.spinner("Checking …", show_time=False):
        return shelf().get(f"{source.stamp()}-{choice}", lambda: wb.data.check(table, choice))


def _skip_empty(wb: Workbench, table: TableData, choice: ImportChoice, source: Source) -> bool:
    empty = len(_check(wb, table, choice, source).skipped)
    if not empty or empty == len(table.rows):
        return False
    return st.checkbox(f"Leave out {count(empty, 'row')} without text", key="import_skip")


def _facts(table: TableData, check: Check, choice: ImportChoice) -> None:
    rows = count(len(table.rows), "row")
    parts = [f"**{count(_items(check, choice), 'item')}** to import from {rows}" if check.ok else rows]
    if check.skipped:
        parts.append(f"{len(check.skipped):,} without text")
    if check.duplicates:
        parts.append(f"{check.surplus:,} repeating an earlier text" + (", kept" if choice.keep_duplicates else ""))
    if choice.label_columns:
        labels = distinct_labels(check, choice.merge_labels)
        parts.append(f"{count(labels, 'label')} in {count(len(choice.label_columns), 'column')}")
    st.markdown(" · ".join(parts))


def _items(check: Check, choice: ImportChoice) -> int:
    return check.n_rows - (0 if choice.keep_duplicates else check.surplus)


def _problems(check: Check) -> None:
    if check.ok:
        return
    st.error(plain(spoken_problems(check.problems)), icon=":material/error:")
    if len(check.problems) > 1:
        st.dataframe(problem_frame(check.problems), hide_index=True, placeholder="", height="auto")
    st.caption("Nothing has been imported. Put this right in the file and read it again, or choose other columns.")


def _spellings(check: Check) -> dict[str, str]:
    """The offer to merge, and which spelling each should count as."""
    if not check.label_variants:
        return {}
    n = len(check.label_variants)
    st.warning(
        f"{count(n, 'spelling')} {'differs' if n == 1 else 'differ'} from another label only in case, spaces or "
        "underscores. The import merges them as below; change “Counts as” where another label is meant.",
        icon=":material/merge:",
    )
    edited = st.data_editor(
        spelling_frame(check),
        hide_index=True,
        disabled=["As written", "Rows"],
        key=f"import_spellings_{abs(hash(tuple(check.label_variants)))}",
        column_config={
            "As written": st.column_config.TextColumn(help="Spaces at the ends and doubled ones are shown as dots."),
            "Counts as": st.column_config.TextColumn(required=True, max_chars=200),
        },
    )
    wanted = [str(value or "").strip() for value in edited["Counts as"]]
    return {spelling: new or best for (spelling, best), new in zip(check.label_variants.items(), wanted, strict=True)}


def _duplicates(check: Check) -> None:
    if not check.duplicates:
        return
    title = f"{count(len(check.duplicates), 'text')} in more than one row"
    with st.expander(title, icon=":material/content_copy:"):
        st.dataframe(duplicate_frame(check), hide_index=True)
        if len(check.duplicates) > 200:
            st.caption("The 200 most frequent.")


def _name_and_go(wb: Workbench, check: Check, choice: ImportChoice, source: Source) -> ImportChoice | None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            "Name of the project",
            free_name(source.name, [project.name for project in wb.projects.all()]),
            key=f"import_name_{abs(hash(source))}",
            max_chars=120,
            width=420,
        )
        pressed = st.button(
            f"Import {count(_items(check, choice), 'item')}" if check.ok else "Import",
            type="primary",
            icon=":material/download_done:",
            disabled=not check.ok,
        )
    return replace(choice, name=name or "") if pressed and check.ok else None


def free_name(wanted: str, taken: list[str]) -> str:
    """`wanted`, numbered where another project already has it."""
    used = {name.casefold() for name in taken}
    numbered = (wanted if number == 1 else f"{wanted} {number}" for number in range(1, len(used) + 2))
    return next(name for name in numbered if name.casefold() not in used)

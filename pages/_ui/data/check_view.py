"""The last step of the import: what stands in the way, what to know before, and the button."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.model import Problem, TableData
from core.services.data.bringing import Check, ImportChoice
from core.services.data.choice import Conflicts
from core.services.data.sources import Source
from core.workbench import Workbench
from pages._ui.data.tables import (
    Line,
    asked_lines,
    conflict_frame,
    distinct_labels,
    duplicate_frame,
    problem_frame,
    spelling_lines,
    spoken_problems,
)
from pages._ui.shell.connection import place_of, text_of, value_of
from pages._ui.shell.fields import Column, Row, show_fields
from pages._ui.shell.lead import own
from pages._ui.shell.press import is_pressed
from pages._ui.shell.shelf import shelf
from pages._ui.words.text import count, digest, plain

_CONFLICTS = {
    Conflicts.FIRST: "the label in the first row",
    Conflicts.LAST: "the label in the last row",
    Conflicts.MAJORITY: "the most frequent label; none where there is a tie",
    Conflicts.LEAVE_OUT: "no label: these items stay unlabelled",
}


def check_step(
    wb: Workbench, table: TableData, choice: ImportChoice, source: Source, details: DeltaGenerator
) -> tuple[ImportChoice, Check] | None:
    """The choice to import, and its check, once the button is pressed; None before, and while anything stands in the
    way. What takes room, such as what rows contradict each other, goes into `details`."""
    name = _name(wb, source)
    facts = st.container()
    check, choice = _which_rows(wb, table, choice, source)
    if not check.ok:
        say_problems(
            check.problems,
            "Nothing has been imported. Fix this in the file and read it again, or choose other columns.",
            details,
        )
    with details:
        choice = replace(choice, merge_labels={**_spellings(check), **_asked(check)})
        choice = settle_conflicts(check, choice)
        _duplicates(check, choice)
        show_hints(check)
    with facts:
        _facts(table, check, choice)
        _look_below(check, choice)
    pressed = is_pressed(
        f"Import {count(_items(check, choice), 'item')}" if check.ok else "Import",
        type=own("import", presses=check.ok),
        icon=":material/download_done:",
        disabled=not check.ok,
        width="stretch",
    )
    return (replace(choice, name=name), check) if pressed and check.ok else None


def _which_rows(wb: Workbench, table: TableData, choice: ImportChoice, source: Source) -> tuple[Check, ImportChoice]:
    """Whether rows without text are left out, and repeated ones kept; asked where there are any."""
    skip = skip_empty(wb, table, choice, source)
    choice = which_answers(wb, table, replace(choice, skip_empty=skip), source)
    check = checked(wb, table, choice, source)
    kept = (
        bool(check.duplicates)
        and not choice.is_long
        and st.checkbox(
            f"Keep {count(check.surplus, 'row')} whose text repeats an earlier row",
            value_of("import_keep", False),
            key="import_keep",
            help="They end up in the same split either way.",
        )
    )
    return check, replace(choice, keep_duplicates=kept)


def which_answers(wb: Workbench, table: TableData, choice: ImportChoice, source: Source) -> ImportChoice:
    """Whether spans that fit nowhere are left out, and what an empty list says; asked where there are any."""
    check = checked(wb, table, choice, source)
    if check.misfits:
        said = (
            f"Leave out {count(check.misfits, 'span')} that {'does' if check.misfits == 1 else 'do'} not fit the text"
        )
        choice = replace(choice, skip_misfits=st.checkbox(said, value_of("import_fit", False), key="import_fit"))
    if check.empties:
        said = f"{count(check.empties, 'empty list')} {'means' if check.empties == 1 else 'mean'} that no label applies"
        about = "Otherwise these rows count as not labelled."
        key, usual = "import_empty", bool(table.answers) or choice.is_long
        says_none = st.checkbox(said, value_of(key, usual), key=key, help=about)
        choice = replace(choice, empty_says_none=says_none)
    return choice


def _look_below(check: Check, choice: ImportChoice) -> None:
    """That there is something to decide about, which stands further down."""
    parts = (
        [count(len(check.label_variants), "spelling")] if check.label_variants else [],
        [f"{count(len(check.asked), 'value')} that may be no label"] if check.asked and check.ok else [],
        [count(check.n_conflicts, "contradiction")] if _is_in_conflict(check, choice) else [],
    )
    if said := [part for some in parts for part in some]:
        st.markdown(f":orange[:material/south:] To check below: {', '.join(said)}.")


def _is_in_conflict(check: Check, choice: ImportChoice) -> bool:
    return bool(check.n_conflicts) and (choice.is_long or not choice.keep_duplicates)


def checked(wb: Workbench, table: TableData, choice: ImportChoice, source: Source) -> Check:
    with st.spinner("Checking …", show_time=False):
        return shelf().get(f"{source.stamp()}-{choice}", lambda: wb.data.check(table, choice))


def skip_empty(wb: Workbench, table: TableData, choice: ImportChoice, source: Source) -> bool:
    empty = len(checked(wb, table, choice, source).skipped)
    if not empty or empty == len(table.rows):
        return False
    return st.checkbox(
        f"Leave out {count(empty, 'row')} without text", value_of("import_skip", False), key="import_skip"
    )


def _facts(table: TableData, check: Check, choice: ImportChoice) -> None:
    rows = count(len(table.rows), "row")
    parts = [f"**{count(_items(check, choice), 'item')}** to import from {rows}" if check.ok else rows]
    if check.skipped:
        parts.append(f"{len(check.skipped):,} without text")
    if choice.is_long:
        people = [name for name in check.annotators if name]
        parts.append(f"each row one annotation, by {count(len(people), 'annotator')}")
    elif check.duplicates:
        how = "kept" if choice.keep_duplicates else "joined with it" if choice.label_columns else "left out"
        parts.append(f"{check.surplus:,} repeating an earlier text, {how}")
    if choice.label_columns:
        labels = distinct_labels(check, {**check.counts_as, **choice.merge_labels})
        parts.append(f"{count(labels, 'label')} in {count(len(choice.label_columns), 'column')}")
    st.markdown(" · ".join(parts))


def _items(check: Check, choice: ImportChoice) -> int:
    return check.n_rows - (0 if choice.keep_duplicates else check.repeats)


def show_hints(check: Check) -> None:
    for hint in check.hints:
        st.caption(f":material/lightbulb: {plain(hint.message)} {plain(hint.hint)}")


def say_problems(problems: Sequence[Problem], what_now: str, details: DeltaGenerator | None = None) -> None:
    """What stands in the way, where, and what to do now; of several each one, in `details` where that is given."""
    st.error(plain(spoken_problems(problems)), icon=":material/error:")
    st.caption(what_now)
    if len(problems) > 1:
        with details or st.container():
            st.dataframe(problem_frame(problems), hide_index=True, placeholder="", height="auto")


def _spellings(check: Check) -> dict[str, str]:
    """The offer to merge, and which spelling each should count as."""
    if not check.label_variants:
        return {}
    n = len(check.label_variants)
    st.warning(
        f"{count(n, 'spelling')} {'differs' if n == 1 else 'differ'} from another label only in case, spaces, "
        "underscores, invisible characters or how a whole number is written. The import merges them as below; change "
        "“Counts as” where another label is meant.",
        icon=":material/merge:",
    )
    lines = spelling_lines(check)
    edited = _counts_as("Spellings of labels", lines)
    if n > len(lines):
        st.caption(f"The {len(lines):,} most frequent of {n:,}; the others count as the label they differ from.")
    return {spelling: edited.get(spelling) or best for spelling, best in check.label_variants.items()}


def _asked(check: Check) -> dict[str, str]:
    """Cells that may be no label, and what each should count as."""
    if not check.asked or not check.ok:
        return {}
    rows = sum(check.label_counts[cell] for cell in check.asked)
    n = len(check.asked)
    st.warning(
        f"{count(n, 'value')} in {count(rows, 'row')} may be no label. Each counts as said below; where “Counts as” is "
        "empty, the rows are not labelled.",
        icon=":material/help:",
    )
    lines = asked_lines(check)
    edited = _counts_as("Values that may be no label", lines)
    if n > len(lines):
        st.caption(f"The {len(lines):,} most frequent of {n:,}; the others count as no label, or as written.")
    return {cell: edited[cell] for cell in check.asked if cell in edited}


def _counts_as(title: str, lines: Sequence[Line]) -> dict[str, str]:
    """What each cell should count as, after the user's changes."""
    columns = [
        Column("written", "As written", "3fr", help="Spaces at the ends and double spaces are shown as dots, "
        "invisible characters by their number."),
        Column("rows", "Rows", "70px", is_number=True),
        *([Column("why", "Why", "2fr")] if any(line.why for line in lines) else []),
        Column("counts_as", "Counts as", "3fr", is_typed=True),
    ]  # fmt: skip
    rows = [
        Row(
            str(place),
            line.shown,
            {"written": line.shown, "rows": f"{line.rows:,}", "why": line.why, "counts_as": line.counts_as},
        )
        for place, line in enumerate(lines)
    ]
    typed = show_fields(f"import_counts_{digest(title, *(line.cell for line in lines))}", title, columns, rows)
    return {
        line.cell: typed.get(str(place), {}).get("counts_as", line.counts_as).strip()
        for place, line in enumerate(lines)
    }


def settle_conflicts(check: Check, choice: ImportChoice) -> ImportChoice:
    """What contradicts itself, and the choice with what is to count there."""
    if not _is_in_conflict(check, choice):
        return choice
    n, one = check.n_conflicts, check.n_conflicts == 1
    if choice.is_long:
        said = f"{count(n, 'item')} {'has' if one else 'have'} several labels by the same annotator."
        kept = "the label in the last row; earlier ones stay in the history"
    else:
        said = f"{count(n, 'repeated text')} {'has' if one else 'have'} different labels in different rows."
        kept = "the label in the first row; each other label goes to an additional annotator"
    with st.expander(said, icon=":material/call_split:", expanded=True):
        titles = {Conflicts.KEPT: kept} | _CONFLICTS
        options = list(titles)
        how = st.selectbox(
            "Which label counts",
            options,
            place_of("import_conflicts", options),
            titles.__getitem__,
            key="import_conflicts",
        )
        st.dataframe(conflict_frame(check, choice), hide_index=True)
        if n > len(check.conflicts):
            st.caption(f"The first {len(check.conflicts):,}.")
    return replace(choice, conflicts=how or Conflicts.KEPT)


def _duplicates(check: Check, choice: ImportChoice) -> None:
    if check.varying and not choice.keep_duplicates:
        names = ", ".join(plain(name) for name in check.varying[:5]) + (" …" if len(check.varying) > 5 else "")
        st.caption(f"Rows of one item differ in {names}; the item keeps the value in its first row.")
    if not check.duplicates or choice.is_long:
        return
    title = f"{count(len(check.duplicates), 'text')} in more than one row"
    with st.expander(title, icon=":material/content_copy:"):
        st.dataframe(duplicate_frame(check), hide_index=True)
        if len(check.duplicates) > 200:
            st.caption("The 200 most frequent.")


def _name(wb: Workbench, source: Source) -> str:
    key = f"import_name_{digest(source.stamp())}"
    usual = text_of(key, wb.projects.name_for(source.name))
    return st.text_input("Project name", usual, key=key, max_chars=120) or ""

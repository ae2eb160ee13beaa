"""Further questions about the same rows: which other columns answer one, each as what."""

from dataclasses import replace

import streamlit as st

from core.model import QuestionKind, TableData
from core.services.data.bringing import KINDS, ImportChoice, Recognised
from core.services.data.sources import FurtherQuestion, Source, further_questions
from core.workbench import Workbench
from pages._ui.shell.connection import place_of, these_of
from pages._ui.shell.shelf import shelf
from pages._ui.words.text import count, digest, plain

_COMPARING = (QuestionKind.PREFERENCE, QuestionKind.RANKING)
_ABOUT = (
    "Each of these columns answers a question of its own about the same items: it gets its own task, prompts and "
    "figures; a prompt can ask all of them at once."
)


def further_step(
    wb: Workbench, table: TableData, source: Source, found: Recognised, choice: ImportChoice
) -> ImportChoice:
    """The choice with the further questions that the user wants; those the source itself asks are proposed."""
    taken = [name for name in choice.roles if choice.roles[name] != "text"]
    mark = digest(source.stamp(), *table.columns, *choice.roles)
    offered = shelf().get(f"further-{mark}", lambda: further_questions(table, found, taken))
    if not offered:
        return choice
    key, columns = f"import_further_{mark}", {one.column: one for one in offered}
    chosen = st.multiselect(
        "Further questions",
        list(columns),
        default=these_of(key, list(columns), [one.column for one in offered if one.is_told]),
        format_func=lambda name: f"{plain(name, 40)}: {KINDS[columns[name].kind]}",
        key=key,
        placeholder="None: one question",
        help=_ABOUT,
    )
    asked = {name: _as_kind(columns[name], mark) for name in chosen}
    for one in asked.values():
        _say(wb, table, source, choice, one)
    return replace(choice, further=asked, question=choice.label_columns[0])


def _as_kind(proposed: FurtherQuestion, mark: str) -> FurtherQuestion:
    """As what the column answers: what was proposed, unless something else is chosen. What compares fields stays."""
    if proposed.candidates:
        return proposed
    kinds = {str(kind): title for kind, title in KINDS.items() if kind not in _COMPARING}
    key = f"import_further_kind_{digest(mark, proposed.column)}"
    chosen = st.selectbox(
        f"{plain(proposed.column, 40)} answers",
        list(kinds),
        place_of(key, list(kinds), list(kinds).index(str(proposed.kind))),
        format_func=lambda kind: kinds.get(kind, kind),
        key=key,
    )
    return replace(proposed, kind=QuestionKind(chosen))


def _say(wb: Workbench, table: TableData, source: Source, choice: ImportChoice, asked: FurtherQuestion) -> None:
    """How many labels its answers have, or what is wrong with them."""
    mark = digest(source.stamp(), *choice.roles, *asked.candidates, asked.kind)
    check = shelf().get(f"further-check-{mark}-{asked.column}", lambda: wb.data.check(table, choice.about(asked)))
    if check.ok:
        st.caption(f":material/check: {plain(asked.column, 40)}: {count(len(check.label_counts), 'label')}.")
    else:
        first = check.problems[0]
        st.caption(f":red[:material/error: {plain(asked.column, 40)}: {plain(first.message)} {plain(first.hint)}]")

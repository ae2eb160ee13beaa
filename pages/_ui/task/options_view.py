"""What else of a question is the user's to choose: whether nothing is an answer, whether spans may overlap, what is
compared."""

import streamlit as st

from core.model import Project
from core.services.task.vocabulary import TASKS
from core.workbench import Workbench
from pages._ui.shell.connection import place_of, value_of
from pages._ui.task.draft import TaskDraft
from pages._ui.words.text import plain

_EMPTY = {
    "allow_empty": ("No label at all is an answer", "Off: an item that no label fits gets the fallback."),
    "may_overlap": ("Spans may overlap", "Off: a character belongs to one span at most."),
}


def options_panel(wb: Workbench, project: Project, draft: TaskDraft) -> None:
    """Those that the kind of question looks at; nothing where it looks at none."""
    for name in TASKS[draft.seed.type].options:
        if name == "candidates":
            _candidates(wb, project, draft)
        else:
            title, about = _EMPTY[name]
            key = draft.key(name)
            now = value_of(key, getattr(draft.seed.options, name))
            st.checkbox(title, now, key=key, help=about, on_change=draft.write_down)


def _candidates(wb: Workbench, project: Project, draft: TaskDraft) -> None:
    fields = wb.prompts.fields(project.id)
    for place, (column, chosen) in enumerate(zip(st.columns(2), draft.seed.options.candidates, strict=False)):
        key = draft.key(f"candidate_{place}")
        names = fields if chosen in fields else [chosen, *fields]
        column.selectbox(
            ("First candidate", "Second candidate")[place],
            names,
            place_of(key, names, names.index(chosen)),
            lambda name: plain(name, 60),
            key=key,
            help="The field of the items that holds it.",
            on_change=draft.write_down,
        )

"""The right side of the Task page: guidelines, and how one item will look in review."""

from pathlib import Path

import streamlit as st

from core.model import Item, Project, Split, Task
from core.services.data.bringing import ItemFilter
from core.services.task.vocabulary import TASKS
from core.workbench import Workbench
from pages._ui.shell.connection import text_of
from pages._ui.shell.files import url_of
from pages._ui.shell.frame import link
from pages._ui.shell.typing import keep_typing, one_field
from pages._ui.task.draft import TaskDraft
from pages._ui.words.bundle import bundle
from pages._ui.words.markdown import safe_markdown
from pages._ui.words.parts import parts_of

_HINT = """What is asked? How to decide in borderline cases? What is the fallback for?

- Write a rule for each pair of labels that are easily confused.
- Give one example on either side."""
_MOST_CHOICES = 40
_LONGEST = 600
_HERE = Path(__file__).parent
_MOUNT = st.components.v2.component(
    "labelloop_preview",
    html='<div class="preview">\n</div>',
    css="".join(
        (_HERE / name).read_text(encoding="utf-8")
        for name in ("../shell/choices.css", "../words/parts.css", "preview.css")
    ),
    js=bundle(_HERE.parent, "task/preview.js"),
)


def guidelines_panel(draft: TaskDraft) -> None:
    """Written on one tab, read on the other."""
    st.subheader("Guidelines", anchor=False)
    is_written = bool(draft.seed.guidelines.strip()) and draft.seed.guidelines == draft.saved.guidelines
    read, write = st.tabs(["Read", "Write"], default="Read" if is_written else "Write")
    with write:
        text = one_field("guidelines").text_area(
            "Guidelines in Markdown",
            text_of(draft.key("guidelines"), draft.seed.guidelines),
            key=draft.key("guidelines"),
            height=260,
            placeholder=_HINT,
            label_visibility="collapsed",
            on_change=draft.write_down,
        )
        keep_typing(
            f"labelloop:guidelines:{draft.project_id}",
            {"text": draft.key("guidelines")},
            {"text": draft.written.guidelines},
            {"text": "Guidelines"},
            draft.desk.filling,
        )
        st.caption("Markdown. Images are not shown. Prompts include it as {{guidelines}}.")
    with read, st.container(height=280, border=False):
        if not text.strip():
            st.caption("No guidelines yet: write them in the Write tab.")
        elif (markdown := safe_markdown(text)) is not None:
            st.markdown(markdown)
        else:
            st.caption("Shown as written: it is too long, or has too much Markdown, to be formatted.")
            st.text(text)


def item_preview(wb: Workbench, project: Project, task: Task) -> None:
    """One item, with the choices and their keys as review will show them."""
    st.subheader("In review", anchor=False)
    shown = _not_of_test(wb, project)
    if shown is None:
        st.info("There are no items to show yet.", icon=":material/info:")
        link("data", "Import items", icon=":material/upload_file:")
        return
    parts = parts_of(shown, project.layout, lambda reference: url_of(wb, reference, "preview"))
    _MOUNT(key="task_preview", data={"text": shown.text[:_LONGEST], "parts": parts, "choices": _offered(task)})
    left = len(task.labels) - _MOST_CHOICES
    if left > 0:
        st.caption(f"and {left:,} more labels, found by typing.")
    link("review", "Open review", icon=":material/keyboard:")


def _offered(task: Task) -> list[dict[str, str]]:
    """The labels with their keys; the fallback has 0, as long as nothing else has. A text is written without any."""
    if TASKS[task.type].writes:
        return []
    free = "" if any(label.key == "0" for label in task.labels) else "0"
    return [
        {"name": one.name, "color": one.color, "key": one.key or free * one.is_fallback, "about": one.description}
        for one in (*task.labels[:_MOST_CHOICES], task.fallback)
        if one.name
    ]


def _not_of_test(wb: Workbench, project: Project) -> Item | None:
    """The first train item; where there is none another one that is not of test, which stays unseen."""
    for split in (Split.TRAIN, Split.VALIDATION, None):
        for item in wb.data.page(project.id, ItemFilter(split=split), limit=1):
            if item.split is not Split.TEST:
                return item
    return None

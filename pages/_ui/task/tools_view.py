"""Merging labels, bringing removed ones back, adding many, and the task as a file."""

from collections.abc import Callable

import streamlit as st

from core.model import Project, Task
from core.services.task.editing import with_names
from core.services.task.vocabulary import TASKS
from core.workbench import Workbench
from pages._ui.shell.connection import keep
from pages._ui.shell.errors import guarded
from pages._ui.shell.press import is_pressed, is_submitted
from pages._ui.task.draft import TaskDraft, begin_with, follow
from pages._ui.task.questions_view import questions_panel
from pages._ui.words.text import count, plain

_MERGED, _IN_FILE = "task_merged", "task_in_file"
_LARGEST_FILE = 5_000_000


def tools(wb: Workbench, project: Project, draft: TaskDraft, edited: Task) -> None:
    """What is needed now and then. `edited` is the task as the editors have it, unsaved changes included."""
    of_labels = {
        "Merge two labels": lambda: _merge(wb, project, draft),
        "Add or propose": lambda: _add(wb, project, draft, edited),
        "Removed labels": lambda: _removed(wb, project, draft),
    }
    shown: dict[str, Callable[[], None]] = {} if TASKS[edited.type].writes else of_labels
    shown = shown | {"File": lambda: _file(wb, project, draft), "Questions": lambda: questions_panel(wb, project)}
    first = next(iter(shown)) if draft.saved.labels or len(shown) < len(of_labels) else "Add or propose"
    for tab, draw in zip(st.tabs(list(shown), default=first), shown.values(), strict=True):
        with tab:
            draw()


def _merge(wb: Workbench, project: Project, draft: TaskDraft) -> None:
    labels = {label.id: label.name for label in draft.saved.choices if label.id is not None}
    sources = [label.id for label in draft.saved.labels if label.id is not None]
    one, other, go = st.columns([3, 3, 2], vertical_alignment="bottom")
    source = one.selectbox(
        "Merge", sources, index=None, format_func=labels.get, placeholder="this label", key=keep("merge_source")
    )
    target = other.selectbox(
        "into",
        [i for i in labels if i != source],
        index=None,
        format_func=labels.get,
        placeholder="this one, which stays",
        key=keep("merge_target"),
    )
    chosen = source in labels and target in labels
    pressed = go.button("Merge", icon=":material/merge:", disabled=not chosen)
    if chosen:
        n = wb.tasks.merge_count(project.id, source)
        st.caption(
            f"{count(n.annotations, 'annotation')} of {count(n.annotators, 'annotator')} will read "
            f"{plain(labels[target])}. What was there stays in the history, and the merge can be undone."
        )
    if pressed and chosen:
        touched = wb.tasks.merge(project.id, source, target)
        st.session_state[_MERGED] = {
            "project": project.id,
            "source": source,
            "said": f"{labels[source]} is merged into {labels[target]}: {count(touched, 'annotation')}.",
        }
        follow(wb, draft)
        st.rerun()
    _undo_merge(wb, project, draft)


def _undo_merge(wb: Workbench, project: Project, draft: TaskDraft) -> None:
    merged = st.session_state.get(_MERGED)
    if not merged or merged["project"] != project.id:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f":material/check: {plain(merged['said'])}")
        if is_pressed("Undo the merge", icon=":material/undo:", type="tertiary"):
            del st.session_state[_MERGED]
            wb.tasks.restore(project.id, merged["source"])
            follow(wb, draft)
            st.rerun()


def _add(wb: Workbench, project: Project, draft: TaskDraft, edited: Task) -> None:
    """Several labels at once: pasted, or proposed from a field of the items."""
    for name, found in wb.tasks.proposals(project.id).items():
        shown = ", ".join(found[:6]) + (" …" if len(found) > 6 else "")
        if is_pressed(f"Propose {count(len(found), 'label')} from {plain(name, 40)}", icon=":material/lightbulb:"):
            begin_with(draft, with_names(edited, found))
        st.caption(plain(shown, 200))
    with st.form("add_labels", border=False, clear_on_submit=True):
        names = st.text_area("Names to add, one per line", height=110, placeholder="SPORTS\nPOLITICS")
        if is_submitted("Add to the table", icon=":material/add:") and names.strip():
            begin_with(draft, with_names(edited, names.splitlines()))
    st.caption("They are added to the table above and saved with it.")


def _file(wb: Workbench, project: Project, draft: TaskDraft) -> None:
    st.download_button(
        "Export as JSON",
        wb.task_files.written(project.id),
        file_name="task.json",
        mime="application/json",
        icon=":material/download:",
        on_click="ignore",
        help="All questions with their conditions, and the layout of the items, in Kili's json_interface shape.",
    )
    uploaded = st.file_uploader("Import a task (JSON, Kili's json_interface)", key=draft.key("file"), max_upload_size=5)
    if uploaded is not None:
        text = uploaded.getvalue()[:_LARGEST_FILE].decode("utf-8-sig", "replace")
        with guarded():
            wb.task_files.read(text)
            st.session_state[_IN_FILE] = {"project": project.home, "text": text}
            begin_with(draft, wb.tasks.import_json(project.id, text))
    st.caption(
        "The file fills the table above; nothing changes before you save. Labels of the same name stay the same."
    )
    _other_questions(wb, project)


def _other_questions(wb: Workbench, project: Project) -> None:
    """What else the file asks, where it is not asked of these items yet."""
    held = st.session_state.get(_IN_FILE)
    if not held or held["project"] != project.home:
        return
    missing = wb.task_files.not_asked(project.id, held["text"])
    if not missing:
        return
    named = ", ".join(f"“{plain(one, 60)}”" for one in missing)
    st.caption(f"The file also asks: {named}. The layout of these items stays as it is.")
    if is_pressed(f"Ask {'it' if len(missing) == 1 else 'them'} too", key="ask-others", icon=":material/add:"):
        wb.task_files.ask_others(project.id, held["text"])
        del st.session_state[_IN_FILE]
        st.rerun()


def _removed(wb: Workbench, project: Project, draft: TaskDraft) -> None:
    gone = wb.tasks.removed(project.id)
    if not gone:
        st.caption("None. Labels that are removed or merged away can be restored here.")
    for one in gone[:50]:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(one.label.name)}** · {count(one.annotations, 'annotation')} still with it")
            if is_pressed("Restore", key=f"restore_{one.label.id}", icon=":material/undo:", type="tertiary"):
                wb.tasks.restore(project.id, one.label.id or 0)
                follow(wb, draft)
                st.rerun()

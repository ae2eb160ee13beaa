"""The label table, the fallback, and what saving would do."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from core.model import Project, Task
from core.services.task.editing import fields_of, read_back, rows_of, written_down
from core.services.task.naming import named_anew, still_named
from core.services.task.tasks import task_stamp
from core.services.task.vocabulary import TASKS, complete_labels
from core.workbench import Workbench
from pages._ui.shell.errors import guarded
from pages._ui.shell.lead import own
from pages._ui.shell.press import is_pressed, to_the_end
from pages._ui.task.draft import TaskDraft, begin_anew, discard, fill_with, go_on, let_go
from pages._ui.task.label_table import show_table
from pages._ui.task.words import colors_offered, spoken_change, spoken_unsaved
from pages._ui.words.text import count, plain

_BEFORE = "task_before"


def label_table(wb: Workbench, project: Project, draft: TaskDraft) -> None:
    """The labels and the fallback to be edited, seeded by the draft alone; of free text there are none."""
    kind = TASKS[draft.seed.type]
    if kind.writes:
        st.subheader(plain(kind.title), anchor=False)
        st.caption(plain(f"{kind.about} There are no labels: the guidelines say what is to be written."))
        return
    reference = next((one for one in wb.projects.annotators(project.id) if one.id == project.reference_id), None)
    used = wb.tasks.usage(project.id, reference.id if reference else None)
    st.subheader(f"Labels · {len(draft.edited.task.labels):,}", anchor=False)
    st.caption(plain(kind.about))
    show_table(
        draft.key("labels"),
        rows_of(draft.seed, used),
        fields_of(draft.seed.fallback),
        place=f"labelloop:task:{project.id}",
        confirmed=draft.written.seq,
        palette=colors_offered(draft.seed),
        used_by=reference.name if reference else "Used",
        used_help=f"Items that {reference.name}, the reference, gives this label."
        if reference
        else "Annotations with this label, of all annotators.",
        scaled=kind.is_scaled,
        on_change=draft.write_down,
    )


def save_bar(wb: Workbench, project: Project, draft: TaskDraft) -> Task:
    """What is wrong, what would change, and the buttons; afterwards the way back. Returns the task as edited."""
    edited = draft.edited
    changed = edited.task != draft.saved
    draft.write_down()
    draft.desk.say_elsewhere(written_down(edited.task), draft.base, begin_anew)
    if draft.is_stale:
        _say_stale(draft)
    if not edited.task.labels and not changed and not TASKS[edited.task.type].writes:
        st.info(
            "Name the labels: write into the table, add or propose some below, or import a file.",
            icon=":material/sell:",
        )
    for sentence in edited.problems[:5] if changed else ():
        st.error(plain(sentence), icon=":material/error:")
    if changed and len(edited.problems) > 5:
        st.caption(f"and {count(len(edited.problems) - 5, 'more problem')}")
    change = wb.tasks.preview(project.id, edited.task) if changed else None
    for sentence in spoken_change(change) if change else ():
        st.caption(f":material/edit: {plain(sentence)}")
    if change is not None:
        _old_names(draft, still_named(edited.task, change.renamed))
    with st.container(horizontal=True, vertical_alignment="center"):
        savable = changed and not edited.problems
        look = own("task", presses=savable)
        pressed = is_pressed("Save the task", key="task-save", type=look, icon=":material/save:", disabled=not savable)
        if changed:
            _unsaved(draft, edited.task)
        else:
            _undo(wb, project, draft)
            draft.desk.offer_back(begin_anew)
    if pressed:
        with guarded():
            _save(wb, project, draft, edited.task)
    return replace(edited.task, labels=complete_labels(edited.task.labels))


def _old_names(draft: TaskDraft, old: Sequence[tuple[str, str]]) -> None:
    """That the guidelines go on naming labels as they were called, with the offer to put the new names there."""
    if not old:
        return

    def put() -> None:
        task = draft.edited.task
        fill_with(draft, replace(task, guidelines=named_anew(task.guidelines, old)))

    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f":orange[:material/warning:] The guidelines still say {plain(', '.join(name for name, _ in old))}.")
        new = plain(", ".join(name for _, name in old), 60)
        st.button(
            f"Replace with {new}",
            key="task-old-names",
            icon=":material/find_replace:",
            type="tertiary",
            on_click=to_the_end,
            args=(put,),
        )


def _unsaved(draft: TaskDraft, task: Task) -> None:
    """That there is unsaved work, since when it is kept, and the way to be rid of it."""
    since = f" changes from {draft.desk.since}" if draft.desk.since else ""
    st.markdown(f":orange-badge[:material/edit: Unsaved{since}: {spoken_unsaved(task, draft.saved)}]")
    st.button("Discard changes", icon=":material/close:", type="tertiary", on_click=discard, args=(draft,))


def _say_stale(draft: TaskDraft) -> None:
    st.warning("The task was saved elsewhere since you began to edit it.", icon=":material/sync_problem:")
    st.button(
        "Show the saved task",
        icon=":material/refresh:",
        help="Your unsaved changes here are set aside.",
        on_click=discard,
        args=(draft,),
    )
    st.button(
        "Keep my changes",
        icon=":material/edit:",
        help="Saving then replaces the task that was saved elsewhere.",
        on_click=go_on,
        args=(draft,),
    )


def _save(wb: Workbench, project: Project, draft: TaskDraft, task: Task) -> None:
    wb.tasks.save(project.id, task, base=draft.base)
    after = task_stamp(wb.tasks.get(project.id))

    def is_saved() -> None:
        st.session_state[_BEFORE] = {"project": project.id, "task": written_down(draft.saved), "after": after}
        let_go(draft)

    to_the_end(is_saved)
    st.rerun()


def _undo(wb: Workbench, project: Project, draft: TaskDraft) -> None:
    """Offered only while the task is as that save left it: what a merge, say, has changed since is not its to undo."""
    before = st.session_state.get(_BEFORE)
    if not before or before["project"] != project.id or before["after"] != task_stamp(draft.saved):
        return
    st.caption(":material/check: Saved.")
    if is_pressed("Undo", icon=":material/undo:", type="tertiary", key="undo_save"):
        wb.tasks.save(project.id, read_back(before["task"]), base=before["after"])
        del st.session_state[_BEFORE]
        begin_anew()
        st.rerun()

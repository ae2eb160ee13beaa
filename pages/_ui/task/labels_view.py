"""The label table, the fallback, and what saving would do."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import pandas as pd
import streamlit as st

from core.model import Label, Project, Task
from core.tasks import complete_labels
from core.workbench import Workbench
from pages._ui.shell.errors import guarded
from pages._ui.task.draft import Draft, begin_anew, go_on
from pages._ui.task.rows import COLUMNS, Edited, colors_offered, rows_of, spoken_change, spoken_unsaved, task_of
from pages._ui.words.text import count, plain

_BEFORE = "task_before"
_ROW, _MOST_HEIGHT = 33, 470


def label_table(wb: Workbench, project: Project, draft: Draft) -> list[dict[str, Any]]:
    """The editor; its rows as they now stand. It is seeded by the draft alone and keeps its own changes."""
    reference = next((one for one in wb.projects.annotators(project.id) if one.id == project.reference_id), None)
    used = wb.tasks.usage(project.id, reference.id if reference else None)
    seed = pd.DataFrame(rows_of(draft.seed, used), columns=list(COLUMNS)).astype({"id": "Int64", "place": "Int64"})
    palette = colors_offered(draft.seed)
    st.subheader(f"Labels · {len(draft.seed.labels):,}", anchor=False)
    edited = st.data_editor(
        seed,
        key=draft.key("labels"),
        num_rows="dynamic",
        hide_index=True,
        height=min(_MOST_HEIGHT, _ROW * (len(seed) + 2) + 3),
        column_order=["place", "name", "description", "color", "key", "used"],
        column_config={
            "place": st.column_config.NumberColumn(
                "#", width=34, help="The order in prompts and review: change the numbers to change it.", step=1
            ),
            "name": st.column_config.TextColumn(
                "Name", max_chars=200, help="What models are asked for, letter for letter.", width=156
            ),
            "description": st.column_config.TextColumn(
                "Description", help="One sentence: what belongs here.", width=258
            ),
            "color": st.column_config.MultiselectColumn(
                "Colour",
                options=palette,
                color=palette,
                accept_new_options=True,
                width=72,
                help="Pick one, or type any like #0072B2; the last one picked counts.",
            ),
            "key": st.column_config.TextColumn("Key", max_chars=1, width=52, help="The keypress in review."),
            "used": st.column_config.NumberColumn(
                reference.name if reference else "used",
                disabled=True,
                width=70,
                format="localized",
                help=f"Items that {reference.name}, the reference, gives this label."
                if reference
                else "Annotations with this label, of all annotators.",
            ),
        },
    )
    return edited.to_dict("records")


def fallback_row(draft: Draft) -> Label:
    """The label for what fits none of the others."""
    name, description, key = st.columns([3, 4, 1])
    seed = draft.seed.fallback
    return replace(
        seed,
        name=name.text_input(
            "Fallback", seed.name, key=draft.key("fallback"), max_chars=200, help="For what fits no label."
        ).strip(),
        description=description.text_input(
            "Its description", seed.description, key=draft.key("fallback_description")
        ).strip(),
        key=key.text_input("Key", seed.key, key=draft.key("fallback_key"), max_chars=1).strip(),
    )


def save_bar(
    wb: Workbench,
    project: Project,
    draft: Draft,
    rows: Sequence[Mapping[str, Any]],
    fallback: Label,
    guidelines: str,
) -> Edited:
    """What is wrong, what would change, and the button; afterwards the way back."""
    known = {label.id: label for label in draft.seed.choices if label.id is not None}
    edited = task_of(rows, fallback, guidelines, known)
    changed = edited.task != draft.saved
    if draft.is_stale:
        st.warning("The task was saved elsewhere since you began to edit it.", icon=":material/sync_problem:")
        if st.button("Show the saved task", icon=":material/refresh:", help="Your unsaved changes here are dropped."):
            begin_anew(wb, project.id)
            st.rerun()
        st.button(
            "Go on with mine",
            icon=":material/edit:",
            help="Saving then replaces the task that was saved elsewhere.",
            on_click=go_on,
            args=(draft,),
        )
    if not edited.task.labels and not changed:
        st.info(
            "Name the labels: write into the table, add or propose some below, or import a file.",
            icon=":material/sell:",
        )
    for sentence in edited.problems[:5] if changed else ():
        st.error(plain(sentence), icon=":material/error:")
    if changed and len(edited.problems) > 5:
        st.caption(f"and {count(len(edited.problems) - 5, 'more fault')}")
    change = wb.tasks.preview(project.id, edited.task) if changed else None
    for sentence in spoken_change(change) if change else ():
        st.caption(f":material/edit: {plain(sentence)}")
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            "Save the task", type="primary", icon=":material/save:", disabled=not changed or bool(edited.problems)
        )
        if changed:
            st.markdown(f":orange-badge[:material/edit: Unsaved: {spoken_unsaved(edited.task, draft.saved)}]")
        if changed and st.button("Discard changes", icon=":material/close:", type="tertiary"):
            begin_anew(wb, project.id)
            st.rerun()
        _undo(wb, project, draft, changed)
    if pressed:
        with guarded():
            _save(wb, project, draft, edited.task)
    return replace(edited, task=replace(edited.task, labels=complete_labels(edited.task.labels)))


def _save(wb: Workbench, project: Project, draft: Draft, task: Task) -> None:
    wb.tasks.save(project.id, task, base=draft.base)
    st.session_state[_BEFORE] = {"project": project.id, "task": asdict(draft.saved)}
    begin_anew(wb, project.id)
    st.rerun()


def _undo(wb: Workbench, project: Project, draft: Draft, changed: bool) -> None:
    before = st.session_state.get(_BEFORE)
    if changed or not before or before["project"] != project.id:
        return
    st.caption(":material/check: Saved.")
    if st.button("Undo", icon=":material/undo:", type="tertiary", key="undo_save"):
        held = before["task"]
        labels = tuple(Label(**label) for label in held["labels"])
        wb.tasks.save(project.id, Task(labels, Label(**held["fallback"]), held["guidelines"]), base=draft.base)
        del st.session_state[_BEFORE]
        begin_anew(wb, project.id)
        st.rerun()

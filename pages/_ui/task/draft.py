"""The draft of a task between two saves. It seeds the editors and stays as it is while they are used: their own state
holds the changes, so that no edit is lost to a rerun."""

from dataclasses import asdict, dataclass, replace
from typing import Any

import streamlit as st

from core.model import Label, Project, Task
from core.services.task.tasks import task_stamp
from core.workbench import Workbench

_KEY = "task_draft"


@dataclass(frozen=True)
class Draft:
    """`seed` is what the editors begin with; `revision` makes their keys; `saved` is the task as the database has it.

    `base` is the stamp of the task the draft was begun with; `is_stale`: it was saved elsewhere since.
    """

    project_id: int
    seed: Task
    revision: int
    saved: Task
    base: str

    @property
    def is_stale(self) -> bool:
        return self.base != task_stamp(self.saved)

    def key(self, name: str) -> str:
        return f"task_{name}_{self.project_id}_{self.revision}"


def open_draft(wb: Workbench, project: Project) -> Draft:
    """The draft under way, or a new one from the saved task."""
    saved = wb.tasks.get(project.id)
    held = st.session_state.get(_KEY)
    if held is None or held["project"] != project.id:
        held = _begin(project.id, saved, task_stamp(saved))
    return Draft(project.id, _task(held["seed"]), held["revision"], saved, held["base"])


def begin_with(draft: Draft, seed: Task) -> None:
    """Fill the editors with this task, unsaved, and draw the page anew."""
    _begin(draft.project_id, seed, draft.base)
    st.rerun()


def begin_anew(wb: Workbench, project_id: int) -> None:
    """Fill the editors with what is saved; with the next rerun."""
    saved = wb.tasks.get(project_id)
    _begin(project_id, saved, task_stamp(saved))


def go_on(draft: Draft) -> None:
    """Keep the draft although the task was saved elsewhere: saving it replaces what is there now."""
    st.session_state[_KEY]["base"] = task_stamp(draft.saved)


def _begin(project_id: int, seed: Task, base: str) -> dict[str, Any]:
    number = (st.session_state.get(_KEY) or {"revision": 0})["revision"] + 1
    held = {"project": project_id, "seed": asdict(seed), "revision": number, "base": base}
    st.session_state[_KEY] = held
    return held


def _task(held: dict[str, Any]) -> Task:
    labels = tuple(Label(**label) for label in held["labels"])
    return replace(Task(labels, Label(**held["fallback"]), held["guidelines"]))

"""The draft of a task between two saves. It seeds the editors and stays as it is while they are used: their own state
holds the changes, so that no edit is lost to a rerun."""

import hashlib
from dataclasses import asdict, dataclass, replace
from typing import Any

import streamlit as st

from core.model import Label, Project, Task
from core.workbench import Workbench

_KEY = "task_draft"


@dataclass(frozen=True)
class Draft:
    """`seed` is what the editors begin with; `revision` makes their keys; `saved` is the task as the database has it.

    `is_stale`: it was saved elsewhere since the draft was begun.
    """

    project_id: int
    seed: Task
    revision: int
    saved: Task
    is_stale: bool

    def key(self, name: str) -> str:
        return f"task_{name}_{self.project_id}_{self.revision}"


def open_draft(wb: Workbench, project: Project) -> Draft:
    """The draft under way, or a new one from the saved task."""
    saved = wb.tasks.get(project.id)
    held = st.session_state.get(_KEY)
    if held is None or held["project"] != project.id:
        held = _begin(project.id, saved, saved)
    return Draft(project.id, _task(held["seed"]), held["revision"], saved, held["base"] != _stamp(saved))


def begin_with(draft: Draft, seed: Task) -> None:
    """Fill the editors with this task, unsaved, and draw the page anew."""
    _begin(draft.project_id, seed, draft.saved)
    st.rerun()


def begin_anew(wb: Workbench, project_id: int) -> None:
    """Fill the editors with what is saved; with the next rerun."""
    saved = wb.tasks.get(project_id)
    _begin(project_id, saved, saved)


def _begin(project_id: int, seed: Task, base: Task) -> dict[str, Any]:
    number = (st.session_state.get(_KEY) or {"revision": 0})["revision"] + 1
    held = {"project": project_id, "seed": asdict(seed), "revision": number, "base": _stamp(base)}
    st.session_state[_KEY] = held
    return held


def _task(held: dict[str, Any]) -> Task:
    labels = tuple(Label(**label) for label in held["labels"])
    return replace(Task(labels, Label(**held["fallback"]), held["guidelines"]))


def _stamp(task: Task) -> str:
    return hashlib.blake2b(repr(task).encode(), digest_size=12).hexdigest()

"""The draft of a task between two saves. Its seed fills the editors and stays as it is while they are used: their own
state holds the changes, so that no edit is lost to a rerun; the database holds them for the next visit."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import streamlit as st

from core.model import Options, Project, Task
from core.services.drafts.keeping import Place
from core.services.task.editing import (
    Edited,
    fields_of,
    followed,
    read_back,
    rows_of,
    task_of,
    typed_over,
    written_down,
)
from core.services.task.tasks import task_stamp
from core.workbench import Workbench
from pages._ui.shell.drafts import Desk, in_turn
from pages._ui.shell.press import to_the_end
from pages._ui.task.label_table import TypedTable, typed

_KEY, _WRITTEN = "task_draft", "task_written"


@dataclass(frozen=True)
class Written:
    """How far the editors are written down: up to which change of the table, and which guidelines."""

    revision: str
    seq: int
    guidelines: str


@dataclass(frozen=True)
class TaskDraft:
    """`seed` is what the editors begin with; `revision` makes their keys; `saved` is the task as the database has it.

    `base` is the stamp of the task the draft was begun with; `is_stale`: it was saved elsewhere since.
    """

    project_id: int
    seed: Task
    revision: str
    saved: Task
    base: str
    desk: Desk

    @property
    def is_stale(self) -> bool:
        return self.base != task_stamp(self.saved)

    def key(self, name: str) -> str:
        return f"task_{name}_{self.project_id}_{self.revision}"

    @property
    def table(self) -> TypedTable:
        """The label table as it now stands."""
        return typed(self.key("labels"), rows_of(self.seed, {}), fields_of(self.seed.fallback))

    @property
    def edited(self) -> Edited:
        """The task as the editors have it, also in a callback after the page was left."""
        known = {label.id: label for label in self.seed.choices if label.id is not None}
        table = self.table
        fallback = typed_over(self.seed.fallback, table.fallback)
        return task_of(table.rows, fallback, self._guidelines, known, self.seed.type, self._options)

    @property
    def _options(self) -> Options:
        """Each of them as its field has it, which may not have been drawn."""
        options, held = self.seed.options, st.session_state
        return replace(
            options,
            allow_empty=held.get(self.key("allow_empty"), options.allow_empty),
            may_overlap=held.get(self.key("may_overlap"), options.may_overlap),
            candidates=tuple(
                held.get(self.key(f"candidate_{place}"), name) for place, name in enumerate(options.candidates)
            ),
        )

    @property
    def _guidelines(self) -> str:
        return str(st.session_state.get(self.key("guidelines"), self.seed.guidelines))

    @property
    def written(self) -> Written:
        written: Written | None = st.session_state.get(_WRITTEN)
        if written is None:
            return Written(self.revision, 0, self.seed.guidelines)
        if written.revision != self.revision:
            return Written(self.revision, written.seq, self.seed.guidelines)
        return written

    def write_down(self) -> None:
        """Keep what the editors hold, where it differs from what is saved. For callbacks, too."""
        to_the_end(self._write_down)

    def _write_down(self) -> None:
        with in_turn():
            held = st.session_state.get(_KEY)
            if held is None or held["revision"] != self.revision:
                return  # saved or discarded, while a script of before was still running
            seq, edited = max(self.table.seq, self.written.seq), self.edited
            if edited.task == self.saved:
                self.desk.unchanged()
            else:
                self.desk.keep(written_down(edited.task), self.base)
            st.session_state[_WRITTEN] = Written(self.revision, seq, self._guidelines)


def open_draft(wb: Workbench, project: Project) -> TaskDraft:
    """The draft under way in this tab, else the unsaved work that is kept, else a new one from the saved task."""
    saved = wb.tasks.get(project.id)
    desk = Desk(wb.drafts, Place(project.id, "task"))
    held = st.session_state.get(_KEY)
    # Its editors are gone with the page, or with the project; what they held is in the database.
    if held is None or held["project"] != project.id or _guidelines_key(held) not in st.session_state:
        kept = desk.take_up()
        seed = read_back(kept.content) if kept else saved
        held = _begin(project.id, seed, kept.base if kept else task_stamp(saved))
    return TaskDraft(project.id, read_back(held["seed"]), held["revision"], saved, held["base"], desk)


def begin_with(draft: TaskDraft, seed: Task) -> None:
    """Fill the editors with this task, unsaved, and draw the page anew."""
    to_the_end(lambda: fill_with(draft, seed))
    st.rerun()


def fill_with(draft: TaskDraft, seed: Task) -> None:
    """Fill the editors with this task, unsaved; with the next rerun. To be seen to the end."""
    draft.desk.fill_with(written_down(seed), draft.base, begin_anew)


def follow(wb: Workbench, draft: TaskDraft) -> None:
    """Go on with what is unsaved after labels were merged or brought back; with the next rerun."""
    saved, task = wb.tasks.get(draft.project_id), draft.edited.task
    if task != draft.saved:
        draft.desk.keep(written_down(followed(task, draft.saved, saved)), task_stamp(saved))
    begin_anew()


def begin_anew() -> None:
    """Fill the editors with what is kept or saved; with the next rerun."""
    st.session_state.pop(_KEY, None)


def discard(draft: TaskDraft) -> None:
    """Put what is unsaved away; it can be brought back. For callbacks."""
    draft.write_down()
    draft.desk.put_away(begin_anew)


def let_go(draft: TaskDraft) -> None:
    """It is saved: the editors begin anew, with the next rerun."""
    with in_turn():
        draft.desk.saved()
        begin_anew()


def go_on(draft: TaskDraft) -> None:
    """Keep the draft although the task was saved elsewhere: saving it replaces what is there now."""
    st.session_state[_KEY]["base"] = base = task_stamp(draft.saved)
    draft.desk.keep(written_down(draft.edited.task), base)


def _guidelines_key(held: dict[str, Any]) -> str:
    return f"task_guidelines_{held['project']}_{held['revision']}"


def _begin(project_id: int, seed: Task, base: str) -> dict[str, Any]:
    # Never a number that was used before: a browser that outlived its server would take it for its own.
    held = {"project": project_id, "seed": written_down(seed), "revision": uuid4().hex[:12], "base": base}
    st.session_state[_KEY] = held
    return held

"""What is being written: the editors' state, one draft for each saved version it starts from."""

from dataclasses import dataclass

import streamlit as st

from core.model import Project, PromptVersion
from core.workbench import Workbench

_PARTS = ("system", "user", "examples", "note")


@dataclass(frozen=True)
class Draft:
    """`base` is the version it started from, None for the first prompt of a project."""

    project_id: int
    base: PromptVersion | None
    system: str
    user: str
    examples: tuple[int, ...] = ()

    def key(self, part: str) -> str:
        """Where this part is kept in the session."""
        return f"prompt-{self.project_id}-{self.base.id if self.base else 0}-{part}"

    @property
    def title(self) -> str:
        return f"v{self.base.number}" if self.base else "draft"


def start_draft(wb: Workbench, project: Project, base: PromptVersion | None) -> Draft:
    """The draft as it was before any change; puts it into the editors where they hold nothing yet."""
    if base is None:
        system, user = wb.prompts.proposal(project.id)
        start = Draft(project.id, None, system, user)
    else:
        start = Draft(project.id, base, base.system, base.user, tuple(e.item_id for e in base.examples))
    st.session_state.setdefault(start.key("system"), start.system)
    st.session_state.setdefault(start.key("user"), start.user)
    st.session_state.setdefault(start.key("examples"), list(start.examples))
    return start


def read_draft(start: Draft) -> Draft:
    """As the editors stand now."""
    state = st.session_state
    return Draft(
        start.project_id,
        start.base,
        state[start.key("system")] or "",
        state[start.key("user")] or "",
        tuple(state[start.key("examples")]),
    )


def is_changed(start: Draft, draft: Draft) -> bool:
    """Whether saving would make something new; a first prompt always does."""
    return start.base is None or (start.system, start.user, start.examples) != (
        draft.system,
        draft.user,
        draft.examples,
    )


def forget(start: Draft) -> None:
    """Drop the draft: what was written is saved."""
    for part in _PARTS:
        st.session_state.pop(start.key(part), None)


def discard(start: Draft) -> None:
    """Back to the saved version; `undo_discard` brings the draft back. For callbacks."""
    draft = read_draft(start)
    st.session_state[start.key("discarded")] = (draft.system, draft.user, draft.examples)
    _put(start, start.system, start.user, start.examples)


def undo_discard(start: Draft) -> None:
    """Offers the discarded draft until something new is written."""
    discarded = st.session_state.get(start.key("discarded"))
    if discarded is None:
        return
    if is_changed(start, read_draft(start)):
        del st.session_state[start.key("discarded")]
        return
    st.button("Undo discard", icon=":material/undo:", type="tertiary", on_click=_put, args=(start, *discarded))


def _put(start: Draft, system: str, user: str, examples: tuple[int, ...]) -> None:
    st.session_state[start.key("system")] = system
    st.session_state[start.key("user")] = user
    st.session_state[start.key("examples")] = list(examples)

"""What is being written: the editors' state, one draft for each saved version it starts from, kept as it is typed."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import uuid4

import streamlit as st

from core.model import Project, PromptVersion
from core.services.drafts.keeping import Place
from core.workbench import Workbench
from pages._ui.shell.drafts import Desk, in_turn
from pages._ui.shell.press import to_the_end

_TEXTS = ("system", "user", "note")
_PARTS = (*_TEXTS, "examples")


@dataclass(frozen=True)
class PromptDraft:
    """`base` is the version it started from, None for the first prompt of a project.

    Fields that were filled anew have another `filling` and are other fields, so that what a browser or a script still
    says of those before is not taken for typed again.
    """

    project_id: int
    base: PromptVersion | None
    system: str
    user: str
    examples: tuple[int, ...] = ()
    filling: str = ""

    def key(self, part: str) -> str:
        """Where this part is kept in the session."""
        filled = f"-{self.filling}" if self.filling and part in _TEXTS else ""
        return f"prompt-{self.project_id}-{self.base.id if self.base else 0}-{part}{filled}"

    @property
    def asks_all(self) -> bool:
        """Whether it asks all questions about the items at once."""
        return "{{questions}}" in self.system + self.user

    @property
    def title(self) -> str:
        return f"v{self.base.number}" if self.base else "draft"


def desk_of(wb: Workbench, start: PromptDraft) -> Desk:
    """Where this draft is kept between visits."""
    return Desk(wb.drafts, Place(start.project_id, "prompt", str(start.base.id if start.base else 0)))


def start_draft(wb: Workbench, project: Project, base: PromptVersion | None, newest: int) -> PromptDraft:
    """The draft as it was before any change. Where the editors hold nothing yet, or are to be filled anew, what was
    typed and not saved goes into them, else this. `newest` is the number of the newest version."""
    if base is None:
        system, user = wb.prompts.proposal(project.id)
        start = PromptDraft(project.id, None, system, user)
    else:
        start = PromptDraft(project.id, base, base.system, base.user, tuple(e.item_id for e in base.examples))
    start = replace(start, filling=_filling(wb, start))
    if _is_of_an_earlier_proposal(start):
        to_the_end(lambda: _propose_anew(start))
        start = replace(start, filling=_filling(wb, start))
    if start.key("system") not in st.session_state:
        to_the_end(lambda: _fill(wb, start, newest))
    for part, value in (("system", start.system), ("user", start.user), ("examples", list(start.examples))):
        st.session_state.setdefault(start.key(part), value)
    return start


def _fill(wb: Workbench, start: PromptDraft, newest: int) -> None:
    """Fill the editors with what is kept, else with what the draft begins with."""
    kept = desk_of(wb, start).take_up()
    content = kept.content if kept else _content(start, "")
    st.session_state[start.key("newest")] = int(kept.base or 0) if kept else newest
    for part in _PARTS:
        st.session_state[start.key(part)] = content[part]
    st.session_state[start.key("proposed")] = None if kept or start.base else start.system


def _is_of_an_earlier_proposal(start: PromptDraft) -> bool:
    """Whether the editors hold, as it was put there, what was proposed before the task said more."""
    proposed = st.session_state.get(start.key("proposed"))
    if proposed is None or proposed == start.system:
        return False
    return typed(start) == {**_content(start, ""), "system": proposed}


def _propose_anew(start: PromptDraft) -> None:
    """Not the desk's doing: what somebody typed into the earlier proposal, and is still under way, is not settled."""
    st.session_state[start.key("proposal")] = uuid4().hex
    begin_anew(start)


def _filling(wb: Workbench, start: PromptDraft) -> str:
    return desk_of(wb, start).filling + str(st.session_state.get(start.key("proposal"), ""))


def newest_then(start: PromptDraft, newest: int) -> int:
    """The number of the newest version when this draft was begun."""
    return int(st.session_state.setdefault(start.key("newest"), newest))


def write_down(wb: Workbench, start: PromptDraft) -> None:
    """Keep what the editors hold, where it differs from what they began with. For callbacks, too."""
    to_the_end(lambda: _write_down(wb, start))


def typing_place(start: PromptDraft) -> str:
    """Under which name the browser holds what is typed here."""
    return f"labelloop:{start.key('typed')}"


def _write_down(wb: Workbench, start: PromptDraft) -> None:
    with in_turn():
        desk = desk_of(wb, start)
        if _filling(wb, start) != start.filling or start.key("system") not in st.session_state:
            return  # saved or filled anew, while a script of before was still running
        content = typed(start)
        if content == _content(start, ""):
            desk.unchanged()
        else:
            desk.keep(content, str(st.session_state.get(start.key("newest"), 0)))


def typed(start: PromptDraft) -> dict[str, Any]:
    """What the editors hold, the note included."""
    return _content(read_draft(start), st.session_state.get(start.key("note")) or "")


def _content(draft: PromptDraft, note: str) -> dict[str, Any]:
    return {"system": draft.system, "user": draft.user, "examples": list(draft.examples), "note": note}


def read_draft(start: PromptDraft) -> PromptDraft:
    """As the editors stand now."""
    state = st.session_state
    return replace(
        start,
        system=state[start.key("system")] or "",
        user=state[start.key("user")] or "",
        examples=tuple(state[start.key("examples")]),
    )


def is_changed(start: PromptDraft, draft: PromptDraft) -> bool:
    """Whether saving would make something new; a first prompt always does."""
    return start.base is None or (start.system, start.user, start.examples) != (
        draft.system,
        draft.user,
        draft.examples,
    )


def forget(wb: Workbench, start: PromptDraft) -> None:
    """Drop the draft: what was written is saved."""
    with in_turn():
        desk_of(wb, start).saved()
        begin_anew(start)


def begin_anew(start: PromptDraft) -> None:
    """Fill the editors with what is kept or saved; with the next rerun."""
    for part in (*_PARTS, "newest", "proposed"):
        st.session_state.pop(start.key(part), None)


def ask_all_at_once(wb: Workbench, start: PromptDraft, system: str, user: str) -> None:
    """Fill the editors with the prompt that asks all questions in place of what is written. For callbacks."""

    def fill() -> None:
        content = {**typed(start), "system": system, "user": user}
        base = str(st.session_state.get(start.key("newest"), 0))
        desk_of(wb, start).fill_with(content, base, partial(begin_anew, start))

    to_the_end(fill)


def discard(wb: Workbench, start: PromptDraft) -> None:
    """Back to the saved version; it can be brought back. For callbacks."""
    write_down(wb, start)
    desk_of(wb, start).put_away(partial(begin_anew, start))

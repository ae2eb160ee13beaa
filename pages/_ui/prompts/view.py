"""The parts of the Prompts page: choosing versions, the editors, what is known of each version."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from core.model import Project, PromptVersion, QuestionKind
from core.services.prompts.results import KnownResult
from core.workbench import Workbench
from pages._ui.hosts.retirement import warn_of_prompt
from pages._ui.prompts.draft import (
    PromptDraft,
    ask_all_at_once,
    begin_anew,
    desk_of,
    discard,
    forget,
    is_changed,
    newest_then,
    read_draft,
    start_draft,
    typed,
    typing_place,
    write_down,
)
from pages._ui.prompts.examples import examples_editor
from pages._ui.prompts.rows import headings, intervals_in_words, results_rows
from pages._ui.prompts.said import show_preview
from pages._ui.prompts.try_panel import try_panel
from pages._ui.shell.connection import text_of
from pages._ui.shell.errors import guarded
from pages._ui.shell.frame import link
from pages._ui.shell.lead import own
from pages._ui.shell.pick import pick
from pages._ui.shell.press import is_pressed, to_the_end
from pages._ui.shell.typing import keep_typing, one_field
from pages._ui.words.figures import unbroken
from pages._ui.words.table import table
from pages._ui.words.text import plain

VERSION, COMPARED, NOTHING = "prompt", "prompt_vs", "0"
_TO_OPEN = "prompt_to_open"
_TALL = 330
"""Pixels of the table of results: of very many the others are scrolled to."""


def needs(wb: Workbench, project: Project) -> bool:
    """Says what is missing before a prompt can be tried; True where something is."""
    counts = wb.data.split_facts(project.id).counts
    task = wb.tasks.get(project.id)
    lacks_labels = task.type is not QuestionKind.TEXT and len(task.labels) < 2
    if not counts:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info("There are no items yet, so there is nothing to try a prompt on.", icon=":material/info:")
            link("data", "Import items", icon=":material/upload_file:")
    elif lacks_labels:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info("The task has no labels yet, so a model would not know what to answer.", icon=":material/info:")
            link("task", "Name the labels", icon=":material/sell:")
    return not counts or lacks_labels


def choose_versions(
    wb: Workbench, project: Project, versions: Sequence[PromptVersion]
) -> tuple[PromptVersion | None, PromptVersion | None]:
    """The version to work on and the one to compare it with; both live in the URL. Says if a model of it will end."""
    if not versions:
        st.markdown("**No prompt yet.** Here is a proposal: try it, change it, save it as v1.")
        return None, None
    titles = {str(version.id): version.title for version in versions}
    if (saved := st.session_state.pop(_TO_OPEN, None)) in titles:
        st.session_state[VERSION] = saved
    by_id = {str(version.id): version for version in versions}
    chosen, compared, _ = st.columns([1, 1, 1.2])
    with chosen:
        base = by_id[pick("Version", titles, key=VERSION)]
    other = NOTHING
    if len(versions) > 1:
        before = next((str(version.id) for version in versions if version.number < base.number), NOTHING)
        with compared:
            other = pick("Compare with", {NOTHING: "nothing", **titles}, key=COMPARED, default=before)
    warn_of_prompt(wb, project, base)
    return base, by_id.get(other)


@st.fragment
def workspace(
    wb: Workbench,
    project: Project,
    versions: Sequence[PromptVersion],
    base: PromptVersion | None,
    nothing_to_try: bool,
) -> None:
    """The editors beside the panel that tries what is in them; reruns on its own, so that typing stays quick."""
    newest = max((version.number for version in versions), default=0)
    start = start_draft(wb, project, base, newest)
    left, right = st.columns([1, 1], gap="medium")
    with left, guarded():
        draft = _editors(wb, project, start)
        _save_line(wb, project, newest, start, draft)
    with right:
        if not nothing_to_try:
            try_panel(wb, project, draft)
        if versions:
            _results(wb, project, versions)


def _editors(wb: Workbench, project: Project, start: PromptDraft) -> PromptDraft:
    keeps: dict[str, Any] = {"on_change": write_down, "args": (wb, start)}
    with st.container(key="prompt-editors"):
        one_field("system").text_area(
            "System message",
            key=start.key("system"),
            value=text_of(start.key("system")),
            height="content",
            persist_state="session",
            **keeps,
        )
        one_field("user").text_area(
            "User message, one for each item",
            key=start.key("user"),
            value=text_of(start.key("user")),
            height="content",
            persist_state="session",
            **keeps,
        )
    draft = read_draft(start)
    _status(wb, project, draft)
    _offer_all_at_once(wb, project, start, draft)
    examples_editor(wb, project, draft)
    return read_draft(start)


def _status(wb: Workbench, project: Project, draft: PromptDraft) -> None:
    """Problems by name; otherwise that all is well, and what one call takes."""
    problems = wb.prompts.check(project.id, draft.system, draft.user)
    for problem in problems:
        icon, color = ("error", "red") if problem.blocks else ("warning", "orange")
        st.markdown(f":{color}[:material/{icon}:] {plain(problem.message)}")
    if not any(problem.blocks for problem in problems):
        version = wb.prompts.draft(project.id, draft.system, draft.user, draft.examples)
        tokens = wb.prompts.tokens_per_item(version)
        size = f" · about {tokens:,} tokens per item" if tokens else ""
        st.caption(f":green[:material/check:] Variables are valid{size}")
        show_preview(wb, version)
    known = wb.prompts.variables(project.id)
    shown = " ".join(f"`{{{{{name}}}}}`" if "`" not in name else plain("{{" + name + "}}") for name in known[:40])
    more = f" and {len(known) - 40:,} more columns" if len(known) > 40 else ""
    st.caption(f"Variables: {shown}{more}")


def _offer_all_at_once(wb: Workbench, project: Project, start: PromptDraft, draft: PromptDraft) -> None:
    """Where several questions are asked about the items: one request can answer all of them."""
    asked = [one.question for one in wb.projects.questions(project.id)]
    proposed = wb.prompts.proposal_at_once(project.id) if len(asked) > 1 else None
    if proposed is None:
        return
    if draft.asks_all:
        st.caption(plain(f"One answer for all {len(asked)} questions: {', '.join(asked)}."))
        return
    st.button(
        f"Ask all {len(asked)} questions at once",
        key="prompt-all",
        icon=":material/checklist:",
        type="tertiary",
        help="One request about an item, and one answer with a part for each question. It replaces what is written "
        "above; “Discard changes” brings that back.",
        on_click=ask_all_at_once,
        args=(wb, start, *proposed),
    )


def _save_line(wb: Workbench, project: Project, newest: int, start: PromptDraft, draft: PromptDraft) -> None:
    write_down(wb, start)
    desk, changed = desk_of(wb, start), is_changed(start, draft)
    _keep_typing(start, desk.filling)
    show_kept = partial(begin_anew, start)
    desk.say_elsewhere(typed(start), str(newest_then(start, newest)), show_kept)
    blocked = any(problem.blocks for problem in wb.prompts.check(project.id, draft.system, draft.user))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        note = one_field("note").text_input(
            "Note",
            key=start.key("note"),
            value=text_of(start.key("note")),
            placeholder="what is new in this version",
            max_chars=120,
            persist_state="session",
            on_change=write_down,
            args=(wb, start),
        )
        savable, name = changed and not blocked, f"Save as v{newest + 1}"
        look = own("prompts", presses=savable)
        if is_pressed(name, key="prompt-save", type=look, icon=":material/save:", disabled=not savable):
            saved = wb.prompts.save(project.id, draft.system, draft.user, note, draft.examples)
            to_the_end(lambda: _open_saved(wb, start, saved))
            st.rerun()
        if desk.since:
            st.button("Discard changes", icon=":material/undo:", type="tertiary", on_click=discard, args=(wb, start))
        else:
            desk.offer_back(show_kept)
    if desk.since:
        st.markdown(f":orange-badge[:material/edit: Unsaved changes from {desk.since}]")
    _about_saving(start, changed, newest)


def _open_saved(wb: Workbench, start: PromptDraft, saved: PromptVersion) -> None:
    forget(wb, start)
    st.session_state[_TO_OPEN] = str(saved.id)


def _keep_typing(start: PromptDraft, filling: str) -> None:
    titles = {"system": "System message", "user": "User message", "note": "Note"}
    written = typed(start)
    keep_typing(
        typing_place(start),
        {part: start.key(part) for part in titles},
        {part: written[part] for part in titles},
        titles,
        filling,
    )


def _about_saving(start: PromptDraft, changed: bool, newest: int) -> None:
    """What saving makes of it; and that other versions were saved since it was begun."""
    began = newest_then(start, newest)
    if changed and newest > began:
        later = f"v{began + 1}" if newest == began + 1 else f"v{began + 1} to v{newest}"
        st.caption(
            f":orange[:material/history:] {later} was saved after you began to change {start.title}: your text does "
            "not include it."
        )
    if start.base is not None:
        st.caption(
            f"Changed since v{start.base.number}. Versions never change: saving creates v{newest + 1}."
            if changed
            else f"Saved on {start.base.created_at.astimezone():%d %b %Y, %H:%M}. Change it to make v{newest + 1}."
        )


def _results(wb: Workbench, project: Project, versions: Sequence[PromptVersion]) -> None:
    """What each version scored on validation, with everything it takes to read it."""
    st.subheader("Known results", anchor=False)
    results, words = _known_results(
        wb, str(wb.settings.database_path), project.id, wb.prompts.results_stamp(project.id)
    )
    if project.reference_id is None:
        st.caption("There is no reference yet: results are measured against one.")
        link("agreement", "Choose a reference", icon=":material/handshake:")
        return
    if not results:
        st.caption("No version has been run on validation items yet.")
        link("runs", "Run this prompt", icon=":material/play_circle:", new_run=1, run_prompts=versions[0].id)
        return
    reference = wb.projects.titles(project.id).get(project.reference_id, "")
    table(headings(results), results_rows(results), key="prompt-results", tall=_TALL)
    first = f"{results[0].measure} against {reference} on the validation split, newest version first."
    st.caption(unbroken(plain(" ".join((first, *words, intervals_in_words(results))))))


@st.cache_data(max_entries=50, show_spinner=False)
def _known_results(_wb: Workbench, database: str, project_id: int, stamp: str) -> tuple[list[KnownResult], list[str]]:
    return _wb.prompts.known_results(project_id), _wb.prompts.results_in_words(project_id)

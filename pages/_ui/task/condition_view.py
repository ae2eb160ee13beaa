"""Where a further question is asked: of every item, or only where an earlier one has certain answers."""

import streamlit as st

from core.model import Condition, Project
from core.workbench import Workbench
from pages._ui.shell.connection import keep, place_of, these_of
from pages._ui.shell.press import is_pressed
from pages._ui.words.text import count, plain

_CHANGED = "condition_changed"
_ALWAYS = 0


def condition_panel(wb: Workbench, project: Project) -> None:
    """The choice, what it comes to in items before it is saved, and the way back after it was."""
    earlier = {one.id: one for one in wb.projects.can_decide(project.id)}
    if not earlier:
        return
    stored = wb.projects.condition(project.id)
    with st.container(border=True, key="asked_where"):
        st.markdown(f"**Where “{plain(project.question, 60)}” is asked**")
        _propose(wb, project, earlier)
        chosen = _chosen(wb, project, earlier, stored)
        is_new = chosen != stored and (chosen is None or len(chosen.labels) > 0)
        if is_new and is_pressed("Save where it is asked", icon=":material/check:"):
            _save(wb, project.id, chosen)
            st.session_state[_CHANGED] = (project.id, stored)
            st.rerun()
        _undo(wb, project)


def _chosen(wb: Workbench, project: Project, earlier: dict[int, Project], stored: Condition | None) -> Condition | None:
    """What is chosen in the form, and its sentence."""
    options, key = [_ALWAYS, *earlier], f"asked_on_{project.id}_{hash(stored)}"
    usual = options.index(stored.on) if stored and stored.on in options else 0
    first, second = st.columns([1, 1.6], vertical_alignment="bottom")
    on = first.selectbox(
        "Ask it",
        options,
        place_of(key, options, usual),
        format_func=lambda one: f"only after an answer to {earlier[one].question}" if one else "about every item",
        key=keep(key),
    )
    if not on:
        return None
    names = {label.id or 0: label.name for label in wb.tasks.get(on).choices}
    key = f"asked_labels_{project.id}_{on}_{hash(stored)}"
    usual_labels = stored.labels if stored and stored.on == on else ()
    labels = second.multiselect(
        "Only where that is one of",
        list(names),
        these_of(key, list(names), usual_labels),
        format_func=lambda one: names.get(one, ""),
        key=keep(key),
        placeholder="Choose labels",
    )
    chosen = Condition(on, tuple(labels))
    _say(wb, project, earlier[on], chosen)
    return stored if stored and (stored.on, set(stored.labels)) == (on, set(labels)) else chosen


def _propose(wb: Workbench, project: Project, earlier: dict[int, Project]) -> None:
    """What the answers there are suggest, one click from being saved."""
    found = wb.projects.proposed_condition(project.id)
    if found is None:
        return
    names = {label.id: label.name for label in wb.tasks.get(found.on).choices}
    labels = " or ".join(plain(names[one], 40) for one in found.labels)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f":material/lightbulb: It is answered only where “{plain(earlier[found.on].question, 60)}” is {labels}."
        )
        if is_pressed("Ask it only there", key="condition-proposed", type="tertiary"):
            _save(wb, project.id, found)
            st.session_state[_CHANGED] = (project.id, None)
            st.rerun()


def _say(wb: Workbench, project: Project, on: Project, chosen: Condition) -> None:
    if not chosen.labels:
        return
    about = wb.projects.asked_about(project.id, chosen.on, chosen.labels)
    earlier = f"“{plain(on.question, 60)}”"
    if about.by is None:
        said = f"Nobody is the reference of {earlier} yet, so it is not known of how many items it would be asked."
    else:
        said = (
            f"Asked about {about.asked:,} of {count(about.items, 'item')}, by what {plain(about.by.name, 40)} answered."
        )
        if about.unknown:
            said += f" {count(about.unknown, 'item')} {'has' if about.unknown == 1 else 'have'} no such answer to"
            said += f" {earlier} yet."
    st.caption(
        f"{said} In Review each person's own answer to {earlier} decides. What was answered elsewhere is kept, and"
        " counts in no figure."
    )


def _save(wb: Workbench, project_id: int, chosen: Condition | None) -> None:
    if chosen is None:
        wb.projects.ask_always(project_id)
    else:
        wb.projects.ask_only_where(project_id, chosen.on, chosen.labels)


def _undo(wb: Workbench, project: Project) -> None:
    changed = st.session_state.get(_CHANGED)
    if not changed or changed[0] != project.id:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        now = wb.projects.asked_where(project.id) or "about every item"
        st.caption(f":material/check: Saved: it is asked {plain(now, 200)}.")
        if is_pressed("Undo", key="condition-undo", icon=":material/undo:", type="tertiary"):
            del st.session_state[_CHANGED]
            _save(wb, project.id, changed[1])
            st.rerun()

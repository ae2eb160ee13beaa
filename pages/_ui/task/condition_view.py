"""Where a further question is asked: of every item, or only where an earlier one has certain answers."""

import streamlit as st

from core.model import Condition, Having, Project, QuestionKind, Task
from core.services.task.vocabulary import TASKS
from core.workbench import Workbench
from pages._ui.shell.connection import keep, place_of, these_of
from pages._ui.shell.press import is_pressed
from pages._ui.words.text import count, plain

_CHANGED = "condition_changed"
_ALWAYS = 0
_UP = Having.AT_LEAST
_WAYS = {
    (None, Having.ONE_OF): "is one of",
    (None, Having.NONE_OF): "is none of",
    (None, Having.AT_LEAST): "is at least",
    (None, Having.AT_MOST): "is at most",
    (None, Having.ANY): "has any mark",
    (None, Having.NOTHING): "has no mark",
    (QuestionKind.SEVERAL_LABELS, Having.ONE_OF): "has one of",
    (QuestionKind.SEVERAL_LABELS, Having.NONE_OF): "has none of",
    (QuestionKind.SPANS, Having.ONE_OF): "has a mark of",
    (QuestionKind.SPANS, Having.NONE_OF): "has no mark of",
}
"""What the answer has to have, to follow the question; where a kind of question has no words of its own, the usual."""


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
        is_new = chosen != stored and (chosen is None or is_whole(chosen))
        if is_new and is_pressed("Save where it is asked", icon=":material/check:"):
            _save(wb, project.id, chosen)
            st.session_state[_CHANGED] = (project.id, stored)
            st.rerun()
        _undo(wb, project)


def _chosen(wb: Workbench, project: Project, earlier: dict[int, Project], stored: Condition | None) -> Condition | None:
    """What is chosen in the form, and its sentence."""
    options, key = [_ALWAYS, *earlier], f"asked_on_{project.id}_{hash(stored)}"
    usual = options.index(stored.on) if stored and stored.on in options else 0
    first, second, third = st.columns([1.1, 0.8, 1.2], vertical_alignment="bottom")
    on = first.selectbox(
        "Ask it",
        options,
        place_of(key, options, usual),
        format_func=lambda one: f"only after an answer to {earlier[one].question}" if one else "about every item",
        key=keep(key),
    )
    if not on:
        return None
    held = stored if stored and stored.on == on else None
    task = wb.tasks.get(on)
    ways, key = list(TASKS[task.type].decides), f"asked_having_{project.id}_{on}_{hash(stored)}"
    usual = ways.index(held.having) if held and held.having in ways else 0
    having = second.selectbox(
        "Only where it",
        ways,
        place_of(key, ways, usual),
        format_func=lambda one: _WAYS[task.type, one] if (task.type, one) in _WAYS else _WAYS[None, one],
        key=keep(key),
    )
    with third:
        chosen = Condition(on, _labels(task, having, held, f"asked_labels_{project.id}_{on}_{hash(stored)}"), having)
    _say(wb, project, earlier[on], chosen)
    return stored if held and _same(held, chosen) else chosen


def _labels(task: Task, having: Having, held: Condition | None, key: str) -> tuple[int, ...]:
    """The labels that it is about, by id: none, one level, or several."""
    offered = task.choices if having.labels is None and task.type is not QuestionKind.SPANS else task.labels
    names = {label.id or 0: label.name for label in offered}
    usual = held.labels if held else ()
    if having.labels == 0:
        return ()
    if having.labels == 1:
        scored = [label.id or 0 for label in sorted(offered, key=lambda one: one.score or 0)]
        at = scored.index(usual[0]) if usual and usual[0] in scored else (len(scored) - 1 if having is _UP else 0)
        key = f"{key}_level"
        level = st.selectbox(
            "Level", scored, place_of(key, scored, at), format_func=lambda one: names.get(one, ""), key=keep(key)
        )
        return (level,) if level else ()
    return tuple(
        st.multiselect(
            "Labels",
            list(names),
            these_of(key, list(names), usual),
            format_func=lambda one: names.get(one, ""),
            key=keep(key),
            placeholder="Choose labels",
        )
    )


def _same(one: Condition, other: Condition) -> bool:
    return (one.on, one.having, {*one.labels}) == (other.on, other.having, {*other.labels})


def is_whole(chosen: Condition) -> bool:
    """Whether it says all there is to say."""
    return chosen.having.labels == 0 or len(chosen.labels) > 0


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
    if not is_whole(chosen):
        return
    about = wb.projects.asked_about(project.id, chosen.on, chosen.labels, chosen.having)
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
        wb.projects.ask_only_where(project_id, chosen.on, chosen.labels, chosen.having)


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

"""Worked examples: train items picked by hand, shown to the model before each item."""

import streamlit as st

from core.model import Item, Project
from core.services.prompts.prompting import MAX_EXAMPLES
from core.workbench import Workbench
from pages._ui.prompts.draft import PromptDraft
from pages._ui.shell.frame import link
from pages._ui.words.parts import in_a_line
from pages._ui.words.text import count, plain

_SHOWN = 6


def examples_editor(wb: Workbench, project: Project, draft: PromptDraft) -> None:
    """The chosen examples, each removable, and a search among labelled train items to add more."""
    chosen = list(draft.examples)
    # The title stays the same: a new one would be a new expander, and closed.
    place = st.expander(
        "Worked examples", icon=":material/school:", key=f"{draft.key('examples')}-open", on_change="rerun"
    )
    if chosen:
        st.caption(f"{count(len(chosen), 'worked example')} shown to the model before each item.")
    if not place.open:
        return
    with place:
        for item, label in wb.prompts.as_examples(project.id, chosen):
            _example(draft, item, label, chosen=True)
        if len(chosen) >= MAX_EXAMPLES:
            st.caption(f"{MAX_EXAMPLES} examples are the most a prompt can have.")
        elif project.reference_id is None:
            st.caption("Examples are train items with the reference's label, and there is no reference yet.")
            link("agreement", "Choose a reference", icon=":material/handshake:")
        else:
            _candidates(wb, project, draft, project.reference_id)


def _candidates(wb: Workbench, project: Project, draft: PromptDraft, reference_id: int) -> None:
    seed = st.session_state.setdefault(draft.key("seed"), 0)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(
            "Add train items as examples",
            key=draft.key("search"),
            type="search",
            live="300ms",
            placeholder="words in the text; empty for random ones",
        )
        st.button(
            "Others",
            key=draft.key("others"),
            icon=":material/casino:",
            disabled=bool(search.strip()),
            on_click=lambda: st.session_state.update({draft.key("seed"): seed + 1}),
        )
    wanted = _SHOWN + len(draft.examples)
    found = wb.prompts.example_candidates(project.id, reference_id, wanted, search=search, seed=seed)
    offered = [(item, label) for item, label in found if item.id not in draft.examples][:_SHOWN]
    for item, label in offered:
        _example(draft, item, label, chosen=False)
    if not offered:
        st.caption(
            "No labelled train item matches these words."
            if search.strip()
            else "No train item has a label of the reference: label some in Review, or split the items on Data."
        )


def _example(draft: PromptDraft, item: Item, label: str | None, *, chosen: bool) -> None:
    with st.container(horizontal=True, wrap=False, gap="small"):
        st.button(
            "Remove" if chosen else "Add",
            key=draft.key(f"{'remove' if chosen else 'add'}-{item.id}"),
            icon=":material/close:" if chosen else ":material/add:",
            type="tertiary",
            on_click=_remove if chosen else _add,
            args=(draft, item.id),
        )
        told = f"**{plain(label)}**" if label else ":orange[no reference label any more: remove it]"
        st.markdown(f"{told}  \n{plain(in_a_line(item), 120)}", width="stretch")


def _add(draft: PromptDraft, item_id: int) -> None:
    state = st.session_state
    state[draft.key("examples")] = list(dict.fromkeys([*state[draft.key("examples")], item_id]))


def _remove(draft: PromptDraft, item_id: int) -> None:
    state = st.session_state
    state[draft.key("examples")] = [i for i in state[draft.key("examples")] if i != item_id]

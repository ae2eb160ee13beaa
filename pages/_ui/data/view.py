"""The Data page's head, its distributions and its near-duplicates."""

from dataclasses import replace

import streamlit as st

from core.model import Annotator, Project
from core.workbench import Workbench
from pages._ui.data.charts import MOST_LABELS, label_chart, split_table
from pages._ui.shell.connection import keep, place_of
from pages._ui.shell.frame import PROJECT, link
from pages._ui.shell.navigation import page
from pages._ui.shell.pick import pick, pick_segment
from pages._ui.shell.press import is_pressed
from pages._ui.shell.shelf import shelf
from pages._ui.words.lengths import length_chart
from pages._ui.words.parts import in_a_line
from pages._ui.words.table import Cell, Heading, table
from pages._ui.words.text import count, plain

_VIEWS = {
    "items": "Items",
    "labels": "Labels and lengths",
    "near": "Near-duplicates",
    "splits": "Splits",
    "uploads": "Uploads",
}
_FILES = {"files": "Files"}
_MOST_OF_GROUP, _BEGINNING = 6, 600


def head(wb: Workbench, project: Project) -> str:
    """What to look at, the reference, and the way to another project; gives the chosen view, which is in the URL."""
    views = _VIEWS | (_FILES if wb.media.has_addresses(project.id) else {})
    with st.container(horizontal=True, vertical_alignment="center", key="data-head"):
        view = pick_segment("View", views, key="view", default="items", label_visibility="collapsed")
        with st.container(horizontal=True, vertical_alignment="center", wrap=False, gap="xsmall", key="data-reference"):
            _choose_reference(wb, project)
        if is_pressed("Add a file", key="add-a-file", icon=":material/playlist_add:"):
            st.switch_page(page("data"), query_params={PROJECT: str(project.id), "add": "1"})
        if is_pressed("New project", key="new-project", icon=":material/add:"):
            st.switch_page(page("data"), query_params=_new(project))
    dealt = wb.data.split_facts(project.id)
    if dealt.counts.get(""):
        missing = count(dealt.counts[""], "item")
        st.warning(f"{missing} are in no split yet. Assign them under Splits.", icon=":material/call_split:")
    return view


def _new(project: Project) -> dict[str, str]:
    return {PROJECT: str(project.id), "new": "1"}


def _choose_reference(wb: Workbench, project: Project) -> None:
    counts = wb.projects.annotated_counts(project.id)
    everyone = {one.id: one for one in wb.projects.annotators(project.id) if counts.get(one.id)}
    if not everyone:
        st.caption("Nobody has labelled here yet.")
        return
    key = f"data_reference_{project.id}_{project.reference_id}"

    def store() -> None:
        wb.projects.set_reference(project.id, st.session_state[key])

    ids = list(everyone)
    st.caption("Reference", help="The annotator treated as the truth unless a page says otherwise.", width="content")
    st.selectbox(
        "Reference",
        ids,
        index=place_of(key, ids, ids.index(project.reference_id) if project.reference_id in everyone else None),
        format_func=lambda one: f"{everyone[one].name} ({counts[one]:,})",
        key=keep(key),
        on_change=store,
        placeholder="Choose",
        label_visibility="collapsed",
    )


def annotators_with_labels(wb: Workbench, project: Project) -> list[Annotator]:
    """Under the names that tell them apart."""
    counts, called = wb.projects.annotated_counts(project.id), wb.projects.titles(project.id)
    everyone = wb.projects.annotators(project.id)
    return [replace(one, name=called[one.id]) for one in everyone if counts.get(one.id)]


def distribution(wb: Workbench, project: Project) -> None:
    """Labels per split of one annotator, and how long the texts are."""
    labels, lengths = st.columns([3, 2], gap="large")
    with labels:
        _label_distribution(wb, project)
    with lengths:
        st.subheader("Text lengths", anchor=False)
        # Items never change, so one count of their characters serves until others join them or go.
        came_with = tuple(wb.data.upload_names(project.id))
        kept = f"lengths {wb.db.path} {project.id} {came_with}"
        lengths = shelf().get(kept, lambda: wb.data.text_lengths(project.id, 1))
        summary = length_chart(lengths)
        st.caption(
            f"{count(summary.n, 'item')} · median {summary.median:,} characters · "
            f"shortest {summary.shortest:,} · longest {summary.longest:,}"
        )
        st.plotly_chart(summary.figure, config={"displayModeBar": False}, key="length_chart")
        if summary.beyond:
            st.caption(f"{count(summary.beyond, 'item')} longer than the axis are in the last bar.")


def _label_distribution(wb: Workbench, project: Project) -> None:
    everyone = {str(one.id): one for one in annotators_with_labels(wb, project)}
    if not everyone:
        st.info("Nobody has labelled these items yet, so there is nothing to count.", icon=":material/info:")
        link("runs", "Let a model label them", icon=":material/play_circle:", new_run=1)
        link("review", "Label them yourself", icon=":material/keyboard:")
        return
    st.subheader("Labels by split", anchor=False)
    names = {i: one.name for i, one in everyone.items()}
    with st.container(width=260):
        chosen = pick("Labels of", names, key="labels_of", default=str(project.reference_id))
    rows = wb.data.label_distribution(project.id, int(chosen))
    order = [label.name for label in wb.tasks.get(project.id).choices]
    total = wb.projects.annotated_counts(project.id)[int(chosen)]
    st.caption(f"n = {count(total, 'item')} labelled by {plain(everyone[chosen].name)}")
    st.plotly_chart(label_chart(rows, order), config={"displayModeBar": False}, key="label_chart")
    counted = split_table(rows, order)
    if len(counted) > MOST_LABELS:
        st.caption(
            f"The chart shows the {MOST_LABELS} most frequent of {len(counted):,} labels; the table has all of them."
        )
    with st.expander("As a table"):
        st.dataframe(counted.rename(columns=str.capitalize), hide_index=True)


def near_duplicates(wb: Workbench, project: Project) -> None:
    """Groups of near-identical texts, largest first, with what the reference says of each member."""
    dealt = wb.data.split_facts(project.id)
    if not dealt.near_duplicates:
        st.info("No two texts are near-identical.", icon=":material/check_circle:")
        return
    groups = wb.data.near_duplicates(project.id, 20)
    shown = f", the {len(groups)} largest groups" if sum(map(len, groups)) < dealt.near_duplicates else ""
    st.caption(
        f"{count(dealt.near_duplicates, 'item')} with a near-identical one{shown}. "
        "A group always stays together in one split, so that the test split measures on new texts."
    )
    ids = [item.id for group in groups for item in group[:_MOST_OF_GROUP]]
    named = wb.data.labels_of(project.id, ids)
    colors = {label.name: label.color for label in wb.tasks.get(project.id).choices}
    reference = wb.projects.titles(project.id).get(project.reference_id or 0, "Label")
    for group in groups:
        given = {named.get(item.id, {}).get(project.reference_id or 0, "") for item in group[:_MOST_OF_GROUP]} - {""}
        with st.container(border=True):
            split = " and ".join(dict.fromkeys(str(item.split or "no split") for item in group))
            differ = " · **labelled differently**" if len(given) > 1 else ""
            st.markdown(f"**{len(group)} texts** · {split}{differ}")
            rows = []
            for item in group[:_MOST_OF_GROUP]:
                says = named.get(item.id, {}).get(project.reference_id or 0, "")
                rows.append([Cell(in_a_line(item)[:_BEGINNING]), Cell(says, chip=colors.get(says, ""))])
            table([Heading("Text"), Heading(reference, width="24%")], rows, key=f"near-{group[0].id}")
            if len(group) > _MOST_OF_GROUP:
                st.caption(f"and {len(group) - _MOST_OF_GROUP:,} more")

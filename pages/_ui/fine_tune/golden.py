"""Golden answers: recorded before a model ends, and held beside the model that takes its place."""

import streamlit as st

from core.errors import WorkbenchError
from core.model import Project, Split
from core.services.portable.golden import GoldenSet
from core.services.portable.moving import HeldBeside
from core.workbench import Workbench
from pages._ui.review.links import review_parameters
from pages._ui.shell.errors import guarded
from pages._ui.shell.frame import link
from pages._ui.shell.pick import pick, pick_switch
from pages._ui.shell.press import is_pressed
from pages._ui.words.table import Cell, Heading, table
from pages._ui.words.text import count, plain

MODEL, SPLIT = "golden_model", "golden_split"


def golden_answers(wb: Workbench, project: Project) -> None:
    """Nothing where no model was asked yet."""
    models = wb.golden.can_be_kept(project.id)
    if not models:
        return
    st.subheader("Golden answers", anchor=False)
    st.caption(
        "A model that ends cannot be asked again. What it says of chosen items is kept here as it is, with raw "
        "answers, prompt version and date, so that the model that takes its place can be held beside it."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        tuned_first = sorted(models.items(), key=lambda one: (one[1].fine_tune_id is None, -one[0]))
        newest = {str(i): one.name for i, one in tuned_first}
        chosen = pick("Model", newest, key=MODEL)
        split = Split(pick("Items", {str(one): f"{one} split" for one in reversed(Split)}, key=SPLIT))
        if is_pressed("Record golden answers", key="record-golden", icon=":material/verified:"):
            with guarded():
                wb.golden.record(int(chosen), split)
                st.toast("Recorded, or as soon as its run has ended.")
                st.rerun()
    sets = wb.golden.all(project.id)
    waits = any(one.recorded_at is None for one in sets)
    st.fragment(_sets, run_every=2.0 if waits else None)(wb, project, waits=waits)


def _sets(wb: Workbench, project: Project, *, waits: bool) -> None:
    try:
        sets = wb.golden.all(project.id)
    except WorkbenchError as error:
        st.caption(plain(str(error)))
        return
    if waits and all(one.recorded_at for one in sets):
        st.rerun()
    for one in sets:
        with st.container(border=True, key=f"golden-{one.id}"):
            _one(wb, project, one)


def _one(wb: Workbench, project: Project, one: GoldenSet) -> None:
    where = f"{one.split} split" if one.split else "chosen items"
    kept = f"{one.answered:,} of {count(one.n_items, 'item')}"
    facts = f"{where} · {kept} · recorded {one.created_at.astimezone():%d %b %Y, %H:%M}"
    mark = ":green-badge[kept]" if one.recorded_at else ":blue-badge[being recorded]"
    st.markdown(f"**{plain(one.source.name)}** {mark}  \n:small[:gray[{plain(facts)}]]")
    if one.recorded_at is None:
        st.caption("What was missing is being asked for; it is recorded when that run has ended.")
        link("runs", "See the run", icon=":material/arrow_forward:", run=one.run.id if one.run else None)
        return
    place = st.expander("Side by side with another model", key=f"golden-beside-{one.id}", on_change="rerun")
    if place.open:
        with place, guarded():
            _beside(wb, project, one)


def _beside(wb: Workbench, project: Project, one: GoldenSet) -> None:
    others = {str(i): each.name for i, each in wb.golden.successors(project.id, one.id).items()}
    if not others:
        st.info("No other model has answered these items yet.", icon=":material/info:")
        link("runs", "Run another model on them", icon=":material/arrow_forward:", run_split=one.split)
        return
    other = int(pick("Model that takes its place", others, key=f"golden_other_{one.id}"))
    ahead = wb.golden.looks_ahead(project.id, one.id, other)
    if ahead and not pick_switch(f"Show figures on test ({count(ahead, 'look')})", key=f"golden_look_{one.id}_{other}"):
        st.caption(":material/lock: Figures on test are shown when you ask for them: each model shown is a look.")
        return
    found = wb.golden.side_by_side(project.id, one.id, other)
    st.markdown(plain(found.view.conclusion()))
    _figures(found, one.id, other)
    st.markdown(plain(found.flipped()))
    frozen = one.frozen.id if one.frozen else 0
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download report",
            wb.golden.report(project.id, one.id, other),
            f"golden-answers-{one.id}-{other}.md",
            "text/markdown",
            icon=":material/download:",
            on_click="ignore",
            key=f"golden-report-{one.id}-{other}",
        )
        split = str(one.split) if one.split else "all"
        flips = review_parameters(
            queue="disagreements", split=split, shown=(frozen, other), reviewed_too=True, seen=True
        )
        link("review", "Review the flips", icon=":material/keyboard:", **flips)
        sides = {"compare_a": frozen, "compare_b": other, "compare_split": one.split}
        link("compare", "Compare in full", icon=":material/arrow_forward:", **sides)


def _figures(found: HeldBeside, set_id: int, other: int) -> None:
    headings = [
        Heading("", least="13rem"),
        Heading("Golden answers", least="9rem"),
        Heading("Other model", least="9rem"),
        Heading("Other − golden", least="9rem"),
    ]
    rows = [[Cell(one) for one in row] for row in found.rows()]
    table(headings, rows, key=f"golden-figures-{set_id}-{other}")

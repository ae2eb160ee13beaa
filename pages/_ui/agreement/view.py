"""Agreement's upper half: the choices, the sentence, the figures of every candidate."""

from dataclasses import dataclass

import streamlit as st

from core.model import Project, QuestionKind, Split
from core.services.agreement.agreeing import AgreementView
from core.services.agreement.vocabulary import METRICS
from core.services.export.exporting import as_csv
from core.workbench import Workbench
from pages._ui.agreement.figures_table import methods, reservations, show_figures, shown
from pages._ui.review.keeper import receive
from pages._ui.shell.address import belongs_to
from pages._ui.shell.frame import link
from pages._ui.shell.pick import pick, pick_many
from pages._ui.words.figures import unbroken
from pages._ui.words.looks import test_is_in_view
from pages._ui.words.text import plain

_AT_FIRST = 5
_ALL = "all"
SPLITS = {
    "validation": "Validation",
    "train": "Train",
    "test": "Test · looks counted",
    _ALL: "All · looks counted",
}
_UNDO = "agreement_reference_before"
_SAME = (
    " With one label per item, as here, it equals accuracy, so the table leaves it out; the file of figures has both."
)
_VERBAL = "The word for kappa follows Landis & Koch (1977): a convention, not a law."


@dataclass(frozen=True)
class Asked:
    """Whose agreement with whom, on what."""

    reference: int
    candidates: tuple[int, ...]
    split: Split | None


def bring_decisions(wb: Workbench) -> None:
    """What was decided in this browser and is not stored yet is stored first, or it is said why not."""
    receive(wb, None)


def nothing_to_compare(wb: Workbench, project: Project) -> bool:
    """Says what is missing where fewer than two annotators have labelled."""
    counts = wb.projects.annotated_counts(project.id)
    if sum(1 for number in counts.values() if number) >= 2:
        return False
    st.info("Agreement takes two annotators who labelled the same items.", icon=":material/info:")
    if wb.data.count(project.id) == 0:
        link("data", "Import items, with a column of labels", icon=":material/upload_file:")
    else:
        link("runs", "Let a model label", icon=":material/play_circle:", new_run=1)
        link("review", "Label some items yourself", icon=":material/keyboard:")
    return True


def choose(wb: Workbench, project: Project) -> Asked:
    """Reference, candidates and split; in the URL."""
    belongs_to(project.id, ["agree_with", "agree_who", "agree_on"])
    counts = wb.projects.annotated_counts(project.id)
    names = {str(i): title for i, title in wb.projects.titles(project.id).items() if counts.get(i)}
    first, second, third = st.columns([1.8, 5.2, 2.8])
    with third:
        chosen = pick("Split", SPLITS, key="agree_on", help=_about_test(wb.agreement.looks(project.id)))
    split = None if chosen == _ALL else Split(chosen)
    usual, others = wb.agreement.defaults(project.id, split)
    with first:
        reference = pick("Reference", names, key="agree_with", default=str(usual))
    candidates = {i: name for i, name in names.items() if i != reference}
    wanted = [str(i) for i in others if str(i) in candidates] or list(candidates)
    with second:
        who = pick_many("Candidates", candidates, key="agree_who", default=wanted[:_AT_FIRST])
    return Asked(int(reference), tuple(int(i) for i in who), split)


def _about_test(looks: int) -> str:
    return (
        "What models say about test items counts as a look for each model, and each look makes its scores a little "
        f"less trustworthy. Test so far: {looked(looks)}."
    )


def looked(times: int) -> str:
    """`never looked at`, `looked at once`, `looked at 3 times`."""
    return {0: "never looked at", 1: "looked at once"}.get(times, f"looked at {times:,} times")


def load(wb: Workbench, project: Project, asked: Asked) -> AgreementView:
    """The figures. On test asked for each time, since a look is counted; elsewhere kept until news."""
    if asked.split in (Split.TEST, None):
        return wb.agreement.view(project.id, asked.reference, asked.candidates, asked.split)
    return _kept(wb, f"{wb.settings.database_path}:{wb.agreement.stamp(project.id)}", project.id, asked)


@st.cache_resource(max_entries=8, show_spinner=False)
def _kept(_wb: Workbench, stamp: str, project_id: int, asked: Asked) -> AgreementView:
    return _wb.agreement.view(project_id, asked.reference, asked.candidates, asked.split)


def summary(view: AgreementView) -> None:
    """The first line, and what has to be known to read it."""
    if view.split in (Split.TEST, None):
        test_is_in_view(f"test, {looked(view.looks)} so far", "each model shown here counts as a look")
    st.markdown(f"#### {unbroken(plain(view.sentence()))}")
    if notes := [*_missing(view), *_left_out(view)]:
        st.caption(" ".join(plain(note) for note in notes))


def _missing(view: AgreementView) -> list[str]:
    """`12 of the 400 have no label from v3.`"""
    return [_lacking(one.annotator.name, one.missing, one.whole) for one in view.candidates if one.missing]


def _lacking(name: str, missing: int, whole: int) -> str:
    if missing == whole:
        return f"None of the {whole:,} has a label from {name}."
    return f"{missing:,} of the {whole:,} {'has' if missing == 1 else 'have'} no label from {name}."


def _left_out(view: AgreementView) -> list[str]:
    """`tuned 1: 53 of 88 items left out: the model learned from them.` And what only one of the two was asked."""
    return [
        f"{one.annotator.name}: {said}"
        for one in view.candidates
        for said in (one.taught_sentence(), one.asked_of_one)
        if said
    ]


def reference_act(wb: Workbench, project: Project, view: AgreementView) -> None:
    """Make the chosen reference the project's, with a way back."""
    before = st.session_state.get(_UNDO)
    with st.container(horizontal=True, vertical_alignment="center"):
        if view.reference.id != project.reference_id:
            st.button(
                f"Set {plain(view.reference.name, 40)} as the project's reference",
                icon=":material/flag:",
                on_click=_set_reference,
                args=(wb, project, view.reference.id),
            )
        elif before is not None and before[0] == project.id:
            st.caption(f"{plain(view.reference.name)} is now the project's reference on every page.")
            st.button("Undo", icon=":material/undo:", type="tertiary", on_click=_take_back, args=(wb, *before))


def _set_reference(wb: Workbench, project: Project, annotator_id: int) -> None:
    wb.projects.set_reference(project.id, annotator_id)
    if project.reference_id is not None:
        st.session_state[_UNDO] = (project.id, project.reference_id)


def _take_back(wb: Workbench, project_id: int, annotator_id: int) -> None:
    wb.projects.set_reference(project_id, annotator_id)
    st.session_state.pop(_UNDO, None)


def figures(view: AgreementView) -> None:
    """Every candidate's metrics, who is best on the same rows, and folded away how they came about."""
    show_figures(view)
    if said := view.on_same_rows():
        st.markdown(unbroken(plain(" ".join(said))))
    about, file = st.columns([7, 1], vertical_alignment="top")
    with about.expander("What these measure, and why a figure is rough or undefined"):
        keys = tuple(view.candidates[0].figures) if view.kind is not QuestionKind.SINGLE_LABEL else shown(view)
        for key in (*keys, "jaccard") if view.kind is QuestionKind.SINGLE_LABEL else keys:
            st.markdown(f"**{METRICS[key].title}** {plain(METRICS[key].about)}{_SAME if key == 'jaccard' else ''}")
        has_kappa = any("kappa" in one.figures for one in view.candidates)
        for said in (*reservations(view), _basis(view), *([_VERBAL] if has_kappa else [])):
            st.caption(plain(said))
    with file:
        download("Every figure as a file", "agreement.csv", view.rows() + view.people_rows() + view.position_rows())


def _basis(view: AgreementView) -> str:
    where = f"{view.split} items" if view.split else "items of all splits"
    together = "both" if len(view.candidates) < 2 else "all of them"
    return f"Against {view.reference.name}, on the {where} {together} have labelled. 95 % intervals: {methods(view)}."


def download(what: str, name: str, rows: list[dict[str, object]]) -> None:
    """The figures as a file."""
    st.download_button(
        "CSV",
        as_csv(rows),
        name,
        "text/csv",
        icon=":material/download:",
        disabled=not rows,
        key=name,
        width="stretch",
        help=f"{what}, with intervals, and the reason where one is undefined.",
    )

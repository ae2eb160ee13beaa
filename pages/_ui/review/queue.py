"""Review's queue line: which items, by whom, in which order. All of it lives in the URL."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.model import Annotator, AnnotatorKind, Project, Run, Split, Task
from core.services.review.reviewing import QueueFilter
from core.workbench import Workbench
from pages._ui.review.links import ALL, COMPARISON, DISAGREEMENTS, FLAGGED, LABELLED, RUN, UNSURE
from pages._ui.shell.pick import pick, pick_many, pick_text
from pages._ui.words.text import plain

ANY = "any"
KINDS = {
    DISAGREEMENTS: "Disagreements",
    ALL: "All items",
    LABELLED: "Labelled as",
    UNSURE: "Low confidence",
    RUN: "Items of a run",
    FLAGGED: "Flagged by me",
    COMPARISON: "A comparison",
}
OUTCOMES = {"fixed": "fixed", "broken": "broken", "still_wrong": "still wrong", "both_right": "both right"}
ORDERS = {"random": "Random order", "uncertain": "Uncertain first"}
SPLITS = {"validation": "Validation", "train": "Train", "test": "Test", "all": "All splits"}
TROUBLES = {"errors": "errors and unclear answers", "all": "all its items"}
PENDING = {"true": "Not yet reviewed by me", "false": "Including reviewed"}
BELOW = {f"{n / 100:.2f}": f"at most {n} % confident" for n in range(10, 101, 10)}
DEFAULT_REVIEWER = "me"
_PEOPLE_AT_FIRST = 12
_MODELS_AT_FIRST = 6


@dataclass(frozen=True)
class Cast:
    """Who and what a queue can be made of. `annotators` are those with a label on some item."""

    project: Project
    task: Task
    items: int
    annotators: Mapping[int, Annotator]
    titles: Mapping[int, str]
    labels: Mapping[int, str]
    runs: Mapping[int, Run]

    def models(self) -> list[int]:
        return [i for i, annotator in self.annotators.items() if annotator.kind is AnnotatorKind.MODEL]

    def name(self, annotator_id: int) -> str:
        return self.titles[annotator_id]


@dataclass(frozen=True)
class Queue:
    """What was chosen. `shown` are the annotators side by side, those the queue is about first."""

    kind: str
    where: QueueFilter
    shown: tuple[int, ...]
    uncertain_first: bool
    pending: bool
    reviewer: str
    title: str


def load_cast(wb: Workbench, project: Project) -> Cast:
    counts = wb.projects.annotated_counts(project.id)
    return Cast(
        project=project,
        task=wb.tasks.get(project.id),
        items=wb.data.count(project.id),
        annotators={a.id: a for a in wb.projects.annotators(project.id) if counts.get(a.id)},
        titles=wb.projects.titles(project.id),
        labels=wb.review.label_names(project.id),
        runs={run.id: run for run in wb.runs.all(project.id)},
    )


def default_shown(cast: Cast, reviewer: str) -> list[int]:
    """The reference, the others, then models newest first; never the reviewer, who has a line of their own.

    Both people and models, so that no label looks undisputed only because the others are out of sight.
    """
    others = [a for a in cast.annotators.values() if not (a.kind is AnnotatorKind.PERSON and a.name == reviewer)]
    reference = [a.id for a in others if a.id == cast.project.reference_id]
    models = [a.id for a in reversed(others) if a.kind is AnnotatorKind.MODEL]
    people = [a.id for a in others if a.kind is not AnnotatorKind.MODEL]
    return list(dict.fromkeys([*reference, *people[:_PEOPLE_AT_FIRST], *models[:_MODELS_AT_FIRST]]))


def queue_line(wb: Workbench, cast: Cast) -> Queue:
    """The line of choices, and what they amount to."""
    _read_short_link()
    first, second, third, fourth, fifth = st.columns([1.7, 1.4, 2.1, 1.7, 2.6], vertical_alignment="center")
    kind = _choose(first, "Queue", KINDS, "queue", DISAGREEMENTS if len(cast.annotators) > 1 else ALL)
    pending = _choose(third, "Already reviewed", PENDING, "pending") == "true"
    order = _choose(fourth, "Order", ORDERS, "order")
    with fifth.popover("Annotators shown, my name", icon=":material/tune:", width="stretch"):
        reviewer = _reviewer(cast)
        shown = _side_by_side(cast, reviewer)
        st.button(
            "Make the queue anew",
            icon=":material/refresh:",
            key="review_again",
            help="The queue stays as it was made while you review. This takes in what has changed since.",
            on_click=start_over,
        )
    split = _choose(second, "Split", SPLITS, "split", _split_at_first(wb, cast, shown, reviewer))
    where, title = _DETAILS[kind](cast, tuple(shown), reviewer, wb)
    where = replace(where, split=None if split == "all" else Split(split))
    return Queue(kind, where, where.shown, order == "uncertain", pending, reviewer, title)


def _split_at_first(wb: Workbench, cast: Cast, shown: Sequence[int], reviewer: str) -> str | None:
    """Where there is most to settle; else where the newest run was. Never test, which nobody asked to look at."""
    if "split" in st.session_state or "split" in st.query_params:
        return None
    person = wb.review.person(cast.project.id, reviewer)
    where = QueueFilter(
        Split.TEST, tuple(shown), only_disagreements=True, not_reviewed_by=person.id if person else None
    )
    # Of what is elsewhere than on test, the first of equals is validation.
    open_in = wb.review.elsewhere(cast.project.id, where)
    if open_in:
        return str(max(open_in, key=lambda split: open_in[split]))
    newest = cast.runs[max(cast.runs)].config.get("split") if cast.runs else None
    return str(newest) if newest in (Split.TRAIN, Split.VALIDATION) else None


def start_over() -> None:
    """Forget the queue being reviewed, so that it is made anew."""
    st.session_state.pop("review_seat", None)


def _read_short_link() -> None:
    """A link may leave out what follows from the rest: `?who=4&label=2` is the queue `labelled`, reviewed ones too."""
    given = st.query_params
    kind = given.get("queue")
    if kind is None:
        told_by = (("outcome", COMPARISON), ("run", RUN), ("below", UNSURE), ("who", LABELLED))
        kind = next((kind for name, kind in told_by if name in given), None)
        if kind is None:
            return
        st.session_state["queue"] = kind
    if "shown" not in given:
        st.session_state.pop("shown", None)  # Of an earlier queue; this one shows what it is about.
    if "pending" not in given and kind not in (ALL, DISAGREEMENTS, UNSURE) and kind in KINDS:
        st.session_state["pending"] = "false"


def _choose(where: DeltaGenerator, label: str, options: Mapping[str, str], key: str, default: str | None = None) -> str:
    with where:
        return pick(label, options, key=key, default=default, label_visibility="collapsed")


def _reviewer(cast: Cast) -> str:
    people = [a.name for a in cast.annotators.values() if a.kind is AnnotatorKind.PERSON]
    return pick_text(
        "You review as",
        key="me",
        default=people[-1] if people else DEFAULT_REVIEWER,
        help="Your labels are kept under this name, beside those of everybody else.",
    )


def _side_by_side(cast: Cast, reviewer: str) -> list[int]:
    names = {str(i): cast.name(i) for i in cast.annotators}
    default = [str(i) for i in default_shown(cast, reviewer)]
    return [int(i) for i in pick_many("Shown side by side", names, key="shown", default=default)]


# what each kind of queue asks beside the line


def _all(cast: Cast, shown: tuple[int, ...], reviewer: str, wb: Workbench) -> tuple[QueueFilter, str]:
    return QueueFilter(shown=shown), "all items"


def _disagreements(cast: Cast, shown: tuple[int, ...], reviewer: str, wb: Workbench) -> tuple[QueueFilter, str]:
    names = ", ".join(cast.name(i) for i in shown)
    st.caption(
        f"Items on which these differ: {plain(names, 120)}" if len(shown) > 1 else "Show two annotators or more."
    )
    return QueueFilter(shown=shown, only_disagreements=True), "disagreements"


def _flagged(cast: Cast, shown: tuple[int, ...], reviewer: str, wb: Workbench) -> tuple[QueueFilter, str]:
    person = wb.review.person(cast.project.id, reviewer)
    return QueueFilter(shown=shown, flagged_by=person.id if person else -1), "flagged items"


def _labelled(cast: Cast, shown: tuple[int, ...], reviewer: str, wb: Workbench) -> tuple[QueueFilter, str]:
    who_at, label_at, also_at, also_label_at = st.columns(4)
    who = _annotator(who_at, cast, "who", list(cast.annotators))
    label = _label(label_at, cast, "label")
    also = _annotator(also_at, cast, "also", list(cast.annotators), anyone="and anybody")
    also_label = _label(also_label_at, cast, "also_label") if also is not None else None
    if who is None:
        return QueueFilter(shown=shown), "all items"
    where = QueueFilter(
        shown=_with(cast, shown, who, also), labelled_by=who, label_id=label, also_by=also, also_label_id=also_label
    )
    return where, _cell_title(cast, who, label, also, also_label)


def _cell_title(cast: Cast, who: int, label: int | None, also: int | None, also_label: int | None) -> str:
    said = f"{cast.name(who)} says {cast.labels[label] if label is not None else 'anything'}"
    if also is None:
        return said
    return f"{said}, {cast.name(also)} says {cast.labels[also_label] if also_label is not None else 'anything'}"


def _unsure(cast: Cast, shown: tuple[int, ...], reviewer: str, wb: Workbench) -> tuple[QueueFilter, str]:
    who_at, below_at, _ = st.columns([2, 2, 3])
    who = _annotator(who_at, cast, "who", cast.models())
    below = float(_choose(below_at, "Confidence", BELOW, "below", "0.50"))
    if who is None:
        st.caption("No model has labelled here yet.")
        return QueueFilter(shown=shown, item_ids=()), "low confidence"
    title = f"{cast.name(who)} at most {below:.2f} confident"
    return QueueFilter(shown=_with(cast, shown, who), confidence_of=who, max_confidence=below), title


def _run(cast: Cast, shown: tuple[int, ...], reviewer: str, wb: Workbench) -> tuple[QueueFilter, str]:
    run_at, only_at = st.columns([2, 1])
    if not cast.runs:
        st.caption("There is no run yet.")
        return QueueFilter(shown=shown, item_ids=()), "items of a run"
    names = {str(i): f"Run {i}: {_run_name(cast, run)}" for i, run in cast.runs.items()}
    chosen = int(_choose(run_at, "Run", names, "run"))
    only = _choose(only_at, "Which of its items", TROUBLES, "only")
    by = cast.runs[chosen].annotator_id
    shown = _with(cast, shown, by) if by in cast.annotators else shown
    where = QueueFilter(shown=shown, run_id=chosen if only == "all" else None)
    return replace(where, errors_of_run=chosen if only == "errors" else None), f"{TROUBLES[only]} of run {chosen}"


def _run_name(cast: Cast, run: Run) -> str:
    annotator = cast.annotators.get(run.annotator_id)
    return f"{annotator.name if annotator else run.config.get('model', '')}, {run.created_at.astimezone():%d %b %H:%M}"


def _comparison(cast: Cast, shown: tuple[int, ...], reviewer: str, wb: Workbench) -> tuple[QueueFilter, str]:
    outcome_at, a_at, b_at, ref_at = st.columns(4)
    outcome = _choose(outcome_at, "Outcome", OUTCOMES, "outcome")
    everyone = list(cast.annotators)
    a = _annotator(a_at, cast, "a", everyone, words="from {}")
    b = _annotator(b_at, cast, "b", everyone, words="to {}", index=1)
    ref = _annotator(ref_at, cast, "ref", everyone, words="reference {}")
    if a is None or b is None or ref is None:
        return QueueFilter(shown=shown, item_ids=()), "a comparison"
    where = QueueFilter(shown=_with(cast, shown, ref, a, b), outcome=(outcome, ref, a, b))
    return where, f"{OUTCOMES[outcome]} from {cast.name(a)} to {cast.name(b)}"


_DETAILS: Mapping[str, Callable[[Cast, tuple[int, ...], str, Workbench], tuple[QueueFilter, str]]] = {
    ALL: _all,
    DISAGREEMENTS: _disagreements,
    LABELLED: _labelled,
    UNSURE: _unsure,
    RUN: _run,
    FLAGGED: _flagged,
    COMPARISON: _comparison,
}


def _annotator(
    where: DeltaGenerator,
    cast: Cast,
    key: str,
    ids: Sequence[int],
    *,
    anyone: str = "",
    words: str = "{}",
    index: int = 0,
) -> int | None:
    names = ({ANY: anyone} if anyone else {}) | {str(i): words.format(cast.name(i)) for i in ids}
    if not names:
        return None
    chosen = _choose(where, "Annotator", names, key, list(names)[min(index, len(names) - 1)])
    return None if chosen == ANY else int(chosen)


def _label(where: DeltaGenerator, cast: Cast, key: str) -> int | None:
    names = {ANY: "says anything"} | {str(i): f"says {name}" for i, name in cast.labels.items()}
    chosen = _choose(where, "Label", names, key)
    return None if chosen == ANY else int(chosen)


def _with(cast: Cast, shown: tuple[int, ...], *about: int | None) -> tuple[int, ...]:
    """Those shown and those the queue is about: reference, people, models, and among each the latter first."""
    everyone = dict.fromkeys([*(one for one in about if one is not None), *shown])
    models = set(cast.models())
    return tuple(sorted(everyone, key=lambda one: (one != cast.project.reference_id, one in models)))

"""The kinds of queue, each one entry of QUEUES: the line of choices, the links and the filter all follow from it.

Whether a queue on test tells of models, and so is a look, and whether its items are in doubt, follows from the filter:
`QueueFilter.told_of` and `.in_doubt`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.model import Outcome, QuestionKind, Run
from core.services.review.reviewing import QueueFilter
from pages._ui.review.cast import Cast
from pages._ui.words.figures import percent
from pages._ui.words.text import plain

ANY = "any"
OPEN, ALL_SPLITS = "open", "all"
HOLDING_TEST = ("test", ALL_SPLITS)
MODELS_ON_TEST = "models_on_test"
TROUBLES = {"errors": "errors and unclear answers", "all": "all its items"}
_ONE_LINE = 90
BELOW = {f"{n / 100:.2f}": f"at most {n} % confident" for n in range(10, 101, 10)}


@dataclass(frozen=True)
class Pick:
    """A choice that a kind of queue asks for; `key` is its name in the URL.

    `options` are titles by what the URL says. `usual` is what a link says that leaves it out, `first` the place of the
    option that stands before anybody has chosen. It is asked for only where `after`, another pick, names something.
    """

    key: str
    title: str
    options: Callable[[Cast], Mapping[str, str]]
    read: Callable[[str], Any] = int
    spell: Callable[[Any], str] = str
    usual: str | None = None
    first: int = 0
    after: str = ""
    width: int = 1


@dataclass(frozen=True)
class QueueAsked:
    """What was chosen for a queue: `picked` by key, None where that is anything or nothing. `mine` are the reviewer's
    annotators, `me` first: one for each question that is asked, as far as there is one."""

    cast: Cast
    shown: tuple[int, ...]
    me: int | None
    picked: Mapping[str, Any]
    mine: tuple[int, ...] = ()


@dataclass(frozen=True)
class Made:
    """The filter, what it is called in a sentence, and what the line says below it, as Markdown."""

    where: QueueFilter
    title: str
    note: str = ""


@dataclass(frozen=True)
class QueueKind:
    """`told_by` is the pick by which a link that names no queue tells it is this one.

    With `leaves_out_reviewed` the items the reviewer has labelled are left out unless asked for; without, the queue is
    the same set of items whoever looks.
    """

    title: str
    make: Callable[[QueueAsked], Made]
    picks: tuple[Pick, ...] = ()
    told_by: str = ""
    leaves_out_reviewed: bool = False
    only: tuple[QuestionKind, ...] = ()
    """The kinds of question it is offered for; all where empty."""


def read_picks(kind: QueueKind, picked: Mapping[str, str | None]) -> dict[str, Any]:
    """What was chosen, as the kind reads it."""
    said = {one.key: picked.get(one.key) for one in kind.picks}
    return {one.key: None if said[one.key] in (None, ANY) else one.read(said[one.key] or "") for one in kind.picks}


# what can be chosen


def _annotators(cast: Cast) -> dict[str, str]:
    return {str(i): cast.name(i) for i in cast.annotators}


def _models(cast: Cast) -> dict[str, str]:
    return {str(i): cast.name(i) for i in cast.models()}


def _and_anybody(cast: Cast) -> dict[str, str]:
    return {ANY: "and anybody"} | _annotators(cast)


def _labels(cast: Cast) -> dict[str, str]:
    return {ANY: "says anything"} | {str(i): f"says {name}" for i, name in cast.labels.items()}


def _runs(cast: Cast) -> dict[str, str]:
    return {str(i): f"Run {run.number}: {_run_name(cast, run)}" for i, run in cast.runs.items()}


def _run_name(cast: Cast, run: Run) -> str:
    annotator = cast.annotators.get(run.annotator_id)
    return f"{annotator.name if annotator else run.config.get('model', '')}, {run.created_at.astimezone():%d %b %H:%M}"


def _worded(words: str) -> Callable[[Cast], dict[str, str]]:
    return lambda cast: {i: words.format(name) for i, name in _annotators(cast).items()}


# what each kind makes of it


def _all(asked: QueueAsked) -> Made:
    return Made(QueueFilter(shown=asked.shown), "all items")


def _disagreements(asked: QueueAsked) -> Made:
    names = ", ".join(asked.cast.name(i) for i in asked.shown)
    several = f"Items on which these differ: {plain(names)}"
    if len(names) > _ONE_LINE:  # They stand beside the item.
        several = f"Items on which the {len(asked.shown)} annotators beside them differ"
    where = QueueFilter(shown=asked.shown, only_disagreements=True)
    return Made(where, "disagreements", several if len(asked.shown) > 1 else "Show two annotators or more.")


def _labelled(asked: QueueAsked) -> Made:
    cast, (who, label, also, also_label) = asked.cast, asked.picked.values()
    if who is None:
        return Made(QueueFilter(shown=asked.shown), "all items")
    shown = cast.beside(asked.shown, who, also)
    where = QueueFilter(shown=shown, labelled_by=who, label_id=label, also_by=also, also_label_id=also_label)
    said = [(who, label)] if also is None else [(who, label), (also, also_label)]
    return Made(where, ", ".join(f"{cast.name(one)} says {cast.labels.get(what, 'anything')}" for one, what in said))


def _unsure(asked: QueueAsked) -> Made:
    who, below = asked.picked["who"], asked.picked["below"]
    if who is None:
        return Made(QueueFilter(shown=asked.shown, item_ids=()), "low confidence", "No model has labelled here yet.")
    where = QueueFilter(shown=asked.cast.beside(asked.shown, who), confidence_of=who, max_confidence=below)
    return Made(where, f"{asked.cast.name(who)} at most {percent(below)} confident")


def _run(asked: QueueAsked) -> Made:
    run, only = asked.picked["run"], asked.picked["only"]
    if run is None:
        return Made(QueueFilter(shown=asked.shown, item_ids=()), "items of a run", "There is no run yet.")
    shown = asked.cast.beside(asked.shown, asked.cast.runs[run].annotator_id)
    where = QueueFilter(shown=shown, **{"run_id" if only == "all" else "errors_of_run": run})
    return Made(where, f"{TROUBLES[only]} of run {asked.cast.runs[run].number}")


def _came_with(asked: QueueAsked) -> Made:
    upload = asked.picked["came_with"]
    name = asked.cast.uploads.get(upload, "")
    return Made(QueueFilter(shown=asked.shown, upload_id=upload), f"items of {name}")


def _flagged(asked: QueueAsked) -> Made:
    return Made(QueueFilter(shown=asked.shown, flagged_by=asked.mine), "flagged items")


def _comparison(asked: QueueAsked) -> Made:
    cast, (outcome, a, b, ref) = asked.cast, asked.picked.values()
    if a is None:
        return Made(QueueFilter(shown=asked.shown, item_ids=()), "a comparison", "Nobody has labelled here yet.")
    where = QueueFilter(shown=cast.beside(asked.shown, ref, a, b), outcome=(outcome, ref, a, b))
    return Made(where, f"{outcome.words} from {cast.name(a)} to {cast.name(b)}")


ORDERS = {"reversed": "reversed", "tied": "tied", "untied": "not tied"}
CELLS = {
    "missed": "missed",
    "spurious": "spurious",
    "wrong_label": "wrong label",
    "longer": "longer",
    "shorter": "shorter",
    "shifted": "shifted",
}
_SORTS = CELLS | ORDERS


def _sorts(cast: Cast) -> Mapping[str, str]:
    """The sorts of error that the kind of question can have."""
    return ORDERS if cast.task.type is QuestionKind.RANKING else CELLS


def _cell(asked: QueueAsked) -> Made:
    cast, (error, who, ref, label, also_label) = asked.cast, asked.picked.values()
    if who is None or ref is None:
        return Made(QueueFilter(shown=asked.shown, item_ids=()), "errors", "Nobody has labelled here yet.")
    shown = cast.beside(asked.shown, ref, who)
    where = QueueFilter(shown=shown, cell=(error, ref, who, label, also_label))
    named = [cast.labels[one] for one in (label, also_label) if one in cast.labels]
    between = " before " if error in ORDERS else " called "
    about = f" ({between.join(named)})" if named else ""
    return Made(where, f"{_SORTS[error]}{about} by {cast.name(who)}, against {cast.name(ref)}")


DISAGREEMENTS, ALL, LABELLED, UNSURE = "disagreements", "all", "labelled", "unsure"
RUN, UPLOAD, FLAGGED, COMPARISON, CELL = "run", "upload", "flagged", "comparison", "cell"
QUEUES: dict[str, QueueKind] = {
    DISAGREEMENTS: QueueKind("Disagreements", _disagreements, leaves_out_reviewed=True),
    ALL: QueueKind("All items", _all, leaves_out_reviewed=True),
    LABELLED: QueueKind(
        "Labelled as",
        _labelled,
        (
            Pick("who", "Annotator", _annotators),
            Pick("label", "Label", _labels, usual=ANY),
            Pick("also", "Annotator", _and_anybody, usual=ANY),
            Pick("also_label", "Label", _labels, usual=ANY, after="also"),
        ),
        told_by="who",
    ),
    UNSURE: QueueKind(
        "Low confidence",
        _unsure,
        (
            Pick("who", "Annotator", _models),
            Pick("below", "Confidence", lambda cast: BELOW, float, "{:.2f}".format, first=4),
        ),
        told_by="below",
        leaves_out_reviewed=True,
    ),
    RUN: QueueKind(
        "Items of a run",
        _run,
        (
            Pick("run", "Run", _runs, width=2),
            Pick("only", "Which of its items", lambda cast: TROUBLES, str, usual="all"),
        ),
        told_by="run",
    ),
    UPLOAD: QueueKind(
        "Items of an upload",
        _came_with,
        (Pick("came_with", "Upload", lambda cast: {str(i): name for i, name in cast.uploads.items()}, width=2),),
        told_by="came_with",
        leaves_out_reviewed=True,
    ),
    FLAGGED: QueueKind("Flagged by me", _flagged),
    COMPARISON: QueueKind(
        "A comparison",
        _comparison,
        (
            Pick("outcome", "Outcome", lambda cast: {str(one): one.words for one in Outcome}, Outcome),
            Pick("a", "Annotator", _worded("from {}")),
            Pick("b", "Annotator", _worded("to {}"), first=1),
            Pick("ref", "Annotator", _worded("reference {}")),
        ),
        told_by="outcome",
    ),
    CELL: QueueKind(
        "Errors of a sort",
        _cell,
        (
            Pick("cell", "Error", _sorts, str),
            Pick("who", "Annotator", _worded("by {}"), first=1),
            Pick("ref", "Annotator", _worded("reference {}")),
            Pick("label", "Label", _labels, usual=ANY),
            Pick("also_label", "Label", _labels, usual=ANY),
        ),
        told_by="cell",
        only=(QuestionKind.SPANS, QuestionKind.SEVERAL_LABELS, QuestionKind.RANKING),
    ),
}
"""By what the URL says. The order is the order on screen; where a link tells of several, it is the last of them."""


def every_pick() -> list[Pick]:
    """What any kind of queue asks for."""
    return [one for kind in QUEUES.values() for one in kind.picks]


def told(given: Mapping[str, object]) -> str | None:
    """The kind of queue that these parameters are about, where they tell."""
    return next((key for key, kind in reversed(QUEUES.items()) if kind.told_by and kind.told_by in given), None)

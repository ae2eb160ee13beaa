"""Review's queue line: which items, by whom, in which order. All of it lives in the URL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.model import AnnotatorKind, Project, Split
from core.services.review.reviewing import Decides, QueueFilter
from core.workbench import Workbench
from pages._ui.review.asking import casts_of
from pages._ui.review.cast import Cast, default_shown
from pages._ui.review.on_test import models_on_test
from pages._ui.review.queues import (
    ALL,
    ALL_SPLITS,
    ANY,
    DISAGREEMENTS,
    FLAGGED,
    MODELS_ON_TEST,
    OPEN,
    QUEUES,
    QueueAsked,
    QueueKind,
    every_pick,
    read_picks,
    told,
)
from pages._ui.review.seat import start_over
from pages._ui.shell.address import belongs_to
from pages._ui.shell.pick import pick, pick_many, pick_segment, pick_text
from pages._ui.words.text import plain

ORDERS = {"random": "Random order", "uncertain": "Uncertain first"}
SPLITS = {
    "validation": "Validation",
    "train": "Train",
    OPEN: "All but test",
    "test": "Test",
    ALL_SPLITS: "All, including test",
}
PENDING = {"true": "Not reviewed yet", "false": "Including reviewed"}
DEFAULT_REVIEWER = "me"
TOGETHER = "questions"
_LINE = [1.5, 1.6, 1.75, 1.4, 1.45]  # of the first line: nothing is cut at 1024 pixels
_WIDTH = 4.0  # of the second line, in units of a pick


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
    lead: Cast
    asked: tuple[Cast, ...]
    """The question that the queue is about, and all that are asked of its items, in their order."""
    models_on_test: bool = False
    looks_ahead: int = 0
    """As how many looks it would count to open it, where models' labels of test pick its items: not made unasked."""
    mine: tuple[int, ...] = ()
    """The reviewer's annotators of the questions that are asked."""

    @property
    def split(self) -> str:
        """As the URL says it."""
        return str(self.where.split or (OPEN if self.where.without_test else ALL_SPLITS))


def queue_line(wb: Workbench, cast: Cast) -> Queue:
    """The line of choices, and what they amount to."""
    belongs_to(
        cast.project.id,
        ["queue", "split", "pending", "order", "shown", TOGETHER, MODELS_ON_TEST, *(one.key for one in every_pick())],
    )
    _read_short_link()
    questions = wb.projects.questions(cast.project.id)
    first, second, third, fourth, fifth = st.columns(_LINE, gap="xsmall", vertical_alignment="center")
    asked = st.session_state.get("queue", st.query_params.get("queue"))
    offered = {
        key: kind for key, kind in QUEUES.items() if not kind.only or cast.task.type in kind.only or key == asked
    }
    kinds = {key: kind.title for key, kind in offered.items()}
    kind = _choose(first, "Queue", kinds, "queue", DISAGREEMENTS if len(cast.annotators) > 1 else ALL)
    asked = _asked(wb, cast, questions, kind) if len(questions) > 1 else (cast,)
    pending = _choose(third, "Already reviewed", PENDING, "pending") == "true"
    order = _choose(fourth, "Order", ORDERS, "order")
    with fifth.popover("Annotators", icon=":material/tune:", width="stretch"):
        reviewer = _reviewer(cast)
        shown = tuple(_side_by_side(cast, reviewer))
        st.button(
            "Rebuild the queue",
            icon=":material/refresh:",
            key="review_again",
            help="The queue stays the same while you review. Rebuilding it takes in what has changed since.",
            on_click=start_over,
        )
    persons = {one.project.id: wb.review.person(one.project.id, reviewer) for one in (cast, *asked)}
    mine = tuple(person.id for person in persons.values() if person)
    me = person.id if (person := persons[cast.project.id]) else None
    split = _choose(second, "Split", SPLITS, "split", _split_at_first(wb, cast, shown, me))
    picked = read_picks(QUEUES[kind], _picked(cast, QUEUES[kind]))
    opened = replace(QUEUES[kind].make(QueueAsked(cast, shown, me, picked, mine)).where, **split_of(split))
    cost = wb.review.looks_to_open(cast.project.id, opened) + _looks_beside(wb, asked, cast, split, reviewer)
    on_test = models_on_test(cast, split, cost)
    beside = shown if on_test or split != "test" else cast.people(shown)
    made = QUEUES[kind].make(QueueAsked(cast, beside, me, picked, mine))
    if made.note:
        st.caption(made.note)
    where = replace(made.where, **split_of(split), asked=_own(wb, asked, kind, reviewer))
    is_veiled = not on_test and wb.review.looks_ahead(cast.project.id, where) > 0
    ahead = cost if is_veiled else 0
    uncertain = order == "uncertain"
    return Queue(kind, where, where.shown, uncertain, pending, reviewer, made.title, cast, asked, on_test, ahead, mine)


def _asked(wb: Workbench, cast: Cast, questions: Sequence[Project], kind: str) -> tuple[Cast, ...]:
    """All questions about the items, or the one that is open alone: that at first for items behind a figure of it. What
    was flagged was so for any of them."""
    options = {"all": f"All {len(questions)} questions", "one": f"Only {plain(cast.project.question, 40)}"}
    usual = "all" if QUEUES[kind].leaves_out_reviewed or kind == FLAGGED else "one"
    together = pick_segment("Questions", options, key=TOGETHER, default=usual, label_visibility="collapsed")
    return casts_of(wb, cast, questions) if together == "all" else (cast,)


def _own(wb: Workbench, asked: Sequence[Cast], kind: str, reviewer: str) -> tuple[Decides, ...] | None:
    """What has to hold of the reviewer's own answers, where a question that hangs on an earlier one is asked alone; but
    the items behind a figure are the same whoever looks."""
    if len(asked) > 1 or not asked[0].condition or not QUEUES[kind].leaves_out_reviewed:
        return None
    return wb.review.answering(asked[0].project.id, reviewer).asked


def _looks_beside(wb: Workbench, asked: Sequence[Cast], cast: Cast, split: str, reviewer: str) -> int:
    """As how many looks it would count to show what models say of the other questions."""
    others = [one for one in asked if one is not cast]
    return sum(
        wb.review.looks_to_open(
            one.project.id, QueueFilter(**split_of(split), shown=tuple(default_shown(one, reviewer)))
        )
        for one in others
    )


def split_of(chosen: str) -> dict[str, Any]:
    """The choice of splits as parts of a filter."""
    if chosen in (OPEN, ALL_SPLITS):
        return {"split": None, "without_test": chosen == OPEN or None}
    return {"split": Split(chosen)}


def _picked(cast: Cast, kind: QueueKind) -> dict[str, str | None]:
    """What the kind asks beside the line, as the URL says it; no more once there is nothing to choose from."""
    chosen: dict[str, str | None] = {}
    for one, place in zip(kind.picks, _places([one.width for one in kind.picks]), strict=False):
        options = one.options(cast)
        if not options:
            break
        if not one.after or chosen[one.after] != ANY:
            default = list(options)[min(one.first, len(options) - 1)]
            chosen[one.key] = _choose(place, one.title, options, one.key, default)
    return chosen


def _places(widths: Sequence[float]) -> Sequence[DeltaGenerator]:
    free = _WIDTH - sum(widths)
    return st.columns([*widths, free] if free > 0 else widths) if widths else ()


def _split_at_first(wb: Workbench, cast: Cast, shown: tuple[int, ...], me: int | None) -> str | None:
    """Where there is most to settle; else where the newest run was. Never test, which nobody asked to look at."""
    if "split" in st.session_state or "split" in st.query_params:
        return None
    where = QueueFilter(Split.TEST, shown=shown, only_disagreements=True, not_reviewed_by=me)
    # Of what is elsewhere than on test, the first of equals is validation.
    open_in = wb.review.elsewhere(cast.project.id, where)
    if open_in:
        return str(max(open_in, key=lambda split: open_in[split]))
    newest = cast.runs[max(cast.runs)].config.get("split") if cast.runs else None
    return str(newest) if newest in (Split.TRAIN, Split.VALIDATION) else None


def _read_short_link() -> None:
    """A link may leave out what follows from the rest: `?who=4&label=2` is the queue `labelled`, reviewed ones too."""
    given = st.query_params
    kind = given.get("queue") or told(given)
    if kind is None:
        return
    if "queue" not in given:
        st.session_state["queue"] = kind
    if "shown" not in given:
        st.session_state.pop("shown", None)  # Of an earlier queue; this one shows what it is about.
    if "pending" not in given and kind in QUEUES and not QUEUES[kind].leaves_out_reviewed:
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
        help="Your labels are kept under this name, beside everyone else's.",
    )


def _side_by_side(cast: Cast, reviewer: str) -> list[int]:
    names = {str(i): cast.name(i) for i in cast.annotators}
    default = [str(i) for i in default_shown(cast, reviewer)]
    return [int(i) for i in pick_many("Shown side by side", names, key="shown", default=default)]

"""Review's screen: the keyboard with its batch, what an empty queue says, and what comes after the last item."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import streamlit as st

from core.model import AnnotatorKind, FieldShow
from core.services.media.vocabulary import parse_reference
from core.services.review.reviewing import QueueFilter, Summary
from core.workbench import Workbench
from pages._ui.review import component as review_component
from pages._ui.review.asking import asked, labels_missing, unasked
from pages._ui.review.cast import Cast
from pages._ui.review.component import ReviewRow, ReviewState
from pages._ui.review.links import review_link
from pages._ui.review.queue import SPLITS, TOGETHER, Queue, split_of
from pages._ui.review.queues import ALL, DISAGREEMENTS, FLAGGED, OPEN
from pages._ui.review.seat import Batch, Seat, place, start_over
from pages._ui.review.sitting import seek, still_open
from pages._ui.shell.files import urls_within
from pages._ui.shell.frame import link
from pages._ui.words.parts import references_in
from pages._ui.words.text import count, plain

_SURE_ENOUGH = 0.5


def needs_more(cast: Cast) -> bool:
    """Says what is missing where there is nothing to review yet."""
    if not cast.items:
        st.info("There is nothing to review yet: the project has no items.", icon=":material/info:")
        link("data", "Import items", icon=":material/upload_file:")
        return True
    if missing := labels_missing(cast):
        st.info(
            f"The task needs at least {'two labels' if missing > 1 else 'one label'} before anyone can review.",
            icon=":material/info:",
        )
        link("task", "Name the labels", icon=":material/sell:")
        return True
    return False


def work(wb: Workbench, cast: Cast, queue: Queue, seat: Seat, batch: Batch) -> ReviewState:
    """The keyboard; the next batch when it is asked for, and the one in which somebody was before."""
    rows = batch.rows
    state = review_component.review(
        [asked(one, batch.said[one.project.id], queue.asked, batch.paces.get(one.project.id)) for one in queue.asked],
        revision=batch.revision,
        key="review_keys",
        knows=batch.knows,
        project_id=cast.project.id,
        reviewer=queue.reviewer,
        queue=seat.queue_name,
        done_before=seat.at,
        reviewed_before=seat.reviewed,
        total=len(seat.ids),
        start_at=first_open(queue.asked, batch.said),
        shows={one.show for one in cast.project.layout} | _shown_in(rows),
        files=lambda near: urls_within(wb, _references(near[:1]), _references(near), "review"),
    )
    if state.asked_more and seat.at + len(rows) < len(seat.ids):
        place().move(seat, seat.at + len(rows))
        st.rerun()
    if seek(seat, state.seek, rows):
        st.rerun()
    return state


def _references(rows: Sequence[ReviewRow]) -> Iterator[str]:
    return (reference for row in rows for part in row.parts for reference in references_in(part))


def _shown_in(rows: Sequence[ReviewRow]) -> set[FieldShow]:
    """What there is to look at and to hear, also inside messages."""
    found = (parse_reference(reference) for reference in _references(rows))
    return {one.format.show for one in found if one is not None}


def first_open(asked: Sequence[Cast], said: Mapping[int, Sequence[ReviewRow]]) -> int:
    """The first row that lacks an answer of the reviewer's to one of the questions that are asked of it, each with its
    rows; the first of all where none does."""
    for number in range(len(next(iter(said.values()), ()))):
        left = {project for project, rows in said.items() if rows[number].mine is None}
        if left and left - unasked(asked, said, number):
            return number
    return 0


def empty_queue(wb: Workbench, cast: Cast, queue: Queue) -> None:
    """Why there is nothing in this queue, and where there is."""
    reviewed = wb.review.count(cast.project.id, queue.where) if queue.pending else 0
    unasked = wb.review.count(cast.project.id, replace(queue.where, asked=None)) if queue.where.asked else 0
    if unasked and not reviewed:
        st.info(
            f"“{plain(cast.project.question, 60)}” is asked {plain(cast.where, 120)}, by your own answers: of the"
            f" {count(unasked, 'item')} here there is none.",
            icon=":material/info:",
        )
        st.button("Answer all questions together", icon=":material/checklist:", on_click=_show_all_questions)
    elif reviewed:
        st.success(f"You have reviewed {_all_of(reviewed)} in this queue.", icon=":material/done_all:")
        st.button(f"Go through {'it' if reviewed == 1 else 'them'} again", on_click=_show_reviewed)
    elif queue.kind == DISAGREEMENTS and len(queue.shown) < 2:
        st.info("Disagreements need two annotators side by side. Choose them above.", icon=":material/info:")
    else:
        st.info(f"No item matches: {plain(queue.title)}, {_where(queue)}.", icon=":material/info:")
    _other_splits(wb, cast, queue)
    if not any(annotator.kind is AnnotatorKind.MODEL for annotator in cast.annotators.values()):
        link("runs", "Let a model label first", icon=":material/play_circle:", new_run=1)
    next_queues(wb, cast, queue)


def _other_splits(wb: Workbench, cast: Cast, queue: Queue) -> None:
    """The same filter in the other splits that hold something."""
    if queue.where.split is None:
        return
    where = still_open(wb, queue) if queue.pending else queue.where
    with st.container(horizontal=True, gap="small"):
        for split, number in wb.review.elsewhere(cast.project.id, where).items():
            st.button(f"{SPLITS[split]}: {count(number, 'such item')}", on_click=_show_split, args=(str(split),))


def end_of_queue(wb: Workbench, cast: Cast, queue: Queue, seat: Seat) -> None:
    """What was done on this queue, and the next useful ones."""
    persons = [wb.review.person(one.project.id, queue.reviewer) for one in queue.asked]
    known = [(one, person) for one, person in zip(queue.asked, persons, strict=True) if person]
    done = [(one, wb.review.summary(person.id, seat.ids)) for one, person in known]
    if done:
        about = f"{queue.title[:1].upper()}{queue.title[1:]}, {_where(queue)}: {count(len(seat.ids), 'item')}"
        facts = [_done(one, said, named=len(queue.asked) > 1) for one, said in done]
        st.caption(plain(", ".join([about, *facts])) + ".")
    left = (
        len({*seat.ids}.intersection(wb.review.queue(cast.project.id, still_open(wb, queue)))) if queue.pending else 0
    )
    if left:
        st.button(f"Back to the {left:,} skipped", icon=":material/undo:", on_click=start_over)
    next_queues(wb, cast, queue)


def _done(cast: Cast, said: Summary, *, named: bool) -> str:
    """What was answered to one of the questions."""
    changed = f", {said.changed:,} where you changed your mind" if said.changed else ""
    flagged = f", {said.flagged:,} flagged" if said.flagged else ""
    return f"{said.labelled:,} labelled{f' for {cast.project.question}' if named else ''}{changed}{flagged}"


def next_queues(wb: Workbench, cast: Cast, queue: Queue) -> None:
    """Other queues that hold something, as links."""
    person = wb.review.person(cast.project.id, queue.reviewer)
    mine, split = person.id if person else None, split_of(queue.split)
    found = []
    if len(queue.shown) > 1 and queue.kind != DISAGREEMENTS:
        where = QueueFilter(**split, shown=queue.shown, only_disagreements=True, not_reviewed_by=mine)
        found.append(("where the annotators differ", where, {"queue": DISAGREEMENTS, "shown": queue.shown}))
    for model in list(reversed(cast.models()))[:1]:
        name = plain(cast.name(model), 40)
        unsure = QueueFilter(
            **split, shown=(model,), confidence_of=model, max_confidence=_SURE_ENOUGH, not_reviewed_by=mine
        )
        asked = {"who": model, "below": _SURE_ENOUGH, "uncertain_first": True}
        found.append((f"where {name} is at most {_SURE_ENOUGH * 100:.0f} % confident", unsure, asked))
        if mine is not None:
            differ = QueueFilter(**split, shown=(mine, model), only_disagreements=True)
            also = {"queue": DISAGREEMENTS, "shown": (mine, model), "reviewed_too": True}
            found.append((f"where {name} and you differ", differ, also))
    if queue.mine and queue.kind != FLAGGED:
        found.append(("flagged by you", QueueFilter(**split, flagged_by=queue.mine), {"queue": FLAGGED}))
    if (queue.kind, queue.split) != (ALL, OPEN):
        where = QueueFilter(without_test=True, open_to=still_open(wb, queue).open_to)
        found.append(("not reviewed yet, in all splits but test", where, {"split": OPEN}))
    counted = [(_number(wb, cast, where), text, asked) for text, where, asked in found]
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if any(number for number, _, _ in counted):
            st.markdown("**Next**", width="content")
        for number, text, asked in counted:
            if number:
                review_link(f"{number} {text}", **({"split": queue.split, "seen": queue.models_on_test} | asked))
        if cast.models() and mine is not None:
            link("agreement", "See who agrees with whom", icon=":material/handshake:")


def _number(wb: Workbench, cast: Cast, where: QueueFilter) -> str:
    """How many items it holds, empty where none; no number where that would be a look at test."""
    if wb.review.looks_ahead(cast.project.id, where):
        return "Items"
    number = wb.review.count(cast.project.id, where)
    return count(number, "item") if number else ""


def _where(queue: Queue) -> str:
    split = f"{queue.where.split} split" if queue.where.split else "all splits"
    split += " but test" if queue.where.without_test else ""
    return f"{split}, not reviewed yet" if queue.pending else split


def _all_of(number: int) -> str:
    return "the one item" if number == 1 else f"all {number:,} items"


def _show_split(split: str) -> None:
    st.session_state["split"] = split


def _show_all_questions() -> None:
    st.session_state[TOGETHER] = "all"


def _show_reviewed() -> None:
    st.session_state["pending"] = "false"

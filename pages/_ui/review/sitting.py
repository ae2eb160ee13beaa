"""A sitting at Review: what the browser did is stored, the queue as it was when it was made, and the batch in view.

The queue stays while the reviewer works through it, whatever their labels do to the filter; it is made anew when a
choice of the queue line changes, on request, after a reload, and where a browser brings what it had kept.
"""

from collections.abc import MutableMapping, Sequence
from dataclasses import astuple, dataclass, replace
from hashlib import sha256
from itertools import groupby
from typing import Any
from uuid import uuid4

import streamlit as st

from core.errors import WorkbenchError
from core.services.review.reviewing import Decision, Refused, ReviewItem
from core.workbench import Workbench
from pages._ui.review import component as review_component
from pages._ui.review.cast import Cast
from pages._ui.review.component import Act, Choice, Opinion, ReviewRow, Told
from pages._ui.review.queue import Queue
from pages._ui.shell.errors import held, show_held
from pages._ui.words.text import count

BATCH = 200
BATCH_CHARACTERS = 4_000_000
SEAT = "review_seat"
ROWS = "review_rows"
Seat = MutableMapping[str, Any]


def take_seat(wb: Workbench, project_id: int, queue: Queue) -> Seat:
    """The session's place in this queue: item ids, where the batch begins, and the turn that names it."""
    seat = _seat()
    chosen = signature(project_id, queue)
    if seat.get("chosen") != chosen:
        person = wb.review.person(project_id, queue.reviewer)
        where = replace(queue.where, not_reviewed_by=person.id if queue.pending and person else None)
        ids = wb.review.queue(project_id, where, uncertain_first=queue.uncertain_first)
        first = wb.review.first_open(person.id, ids) if person and not queue.pending else 0
        done = wb.review.reviewed(person.id, ids) if person and not queue.pending else 0
        at, turn = first // BATCH * BATCH, uuid4().hex[:12]
        seat.clear()
        seat.update({"chosen": chosen, "ids": ids, "at": at, "turn": turn, "reviewed": done})
    return seat


def _seat() -> Seat:
    seat: Seat = st.session_state.setdefault(SEAT, {})
    return seat


def signature(project_id: int, queue: Queue) -> str:
    """What makes two queues the same. The reviewer counts by name, since their first label makes them an annotator."""
    where = replace(queue.where, flagged_by=None)
    return repr((project_id, queue.kind, astuple(where), queue.uncertain_first, queue.pending, queue.reviewer))


def queue_name(seat: Seat) -> str:
    """Names the queue whenever it is made, so that a browser finds its place in it again."""
    return sha256(seat["chosen"].encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Batch:
    """Rows in view, and how far each log was dealt with when they were read."""

    rows: list[ReviewRow]
    knows: dict[str, int]


def load_batch(wb: Workbench, cast: Cast, queue: Queue, seat: Seat) -> Batch:
    """The batch at the seat's place: read once per revision and visit, so that it carries what is said by now."""
    named = revision(cast, seat)
    held: dict[str, Batch] = st.session_state.setdefault(ROWS, {})
    if named not in held or review_component.is_new_here():
        knows = review_component.dealt()  # Before the rows are read: of what is said meanwhile they may know less.
        person = wb.review.person(cast.project.id, queue.reviewer)
        rows = _read(wb, cast, queue, seat["ids"][seat["at"] : seat["at"] + BATCH], person.id if person else None)
        held.clear()
        held[named] = Batch(rows, knows)
        seat["pace"] = wb.review.pace(person.id, seat["ids"]) if person else None
    return held[named]


def seek(seat: Seat, item_id: int | None, rows: Sequence[ReviewRow]) -> bool:
    """Whether that item is in another batch of the queue: then that one is in view from now on."""
    if item_id not in seat["ids"] or any(row.id == item_id for row in rows):
        return False
    place = seat["ids"].index(item_id)
    begins = place // BATCH * BATCH
    # A batch of long texts is cut short: then one begins with the item.
    seat["at"] = begins if begins != seat["at"] else place
    return True


def revision(cast: Cast, seat: Seat) -> str:
    """Changes with the queue, the batch and the task; never with a decision."""
    task = repr((cast.task.choices, cast.task.guidelines)).encode()
    return f"{seat['turn']}:{seat['at']}:{sha256(task).hexdigest()[:8]}"


def _read(wb: Workbench, cast: Cast, queue: Queue, ids: Sequence[int], reviewer_id: int | None) -> list[ReviewRow]:
    loaded = wb.review.load(cast.project.id, ids, queue.shown, reviewer_id, in_doubt=queue.where.in_doubt)
    return within(BATCH_CHARACTERS, [_row(item, cast.project.reference_id) for item in loaded])


def within(characters: int, rows: Sequence[ReviewRow]) -> list[ReviewRow]:
    """As many of the rows as that many characters of text allow, one at least: what a browser is sent at once."""
    kept: list[ReviewRow] = []
    for row in rows:
        characters -= len(row.text) + sum(map(len, row.fields.values()))
        if kept and characters < 0:
            break
        kept.append(row)
    return kept


def _row(item: ReviewItem, reference_id: int | None) -> ReviewRow:
    opinions = tuple(
        Opinion(
            annotator.name,
            annotator.color,
            said.label if said else None,
            said.confidence if said else None,
            said.reason if said else "",
            annotator.id == reference_id,
        )
        for annotator, said in item.opinions
    )
    return ReviewRow(
        item.item.id,
        item.item.text,
        item.item.fields,
        opinions,
        item.suggestion,
        item.mine,
        item.history,
        item.note,
        item.flagged,
        item.differ,
    )


def choices(cast: Cast) -> list[Choice]:
    """The task's labels as the keyboard offers them."""
    return [Choice(one.name, one.key, one.color, one.description, one.is_fallback, one.id) for one in cast.task.choices]


def receive(wb: Workbench) -> None:
    """Store what browsers bring, and say what could not be: before anything else of the page is looked at."""
    keeper = Keeper(wb, _seat(), held())
    review_component.receive(review_component.LINE, wb.review.workbench_name(), keeper)
    show_held()


class Keeper:
    """Stores what a browser brings, each act for its own project and reviewer, whoever reviews now.

    Calls nothing of Streamlit. `seat` is the session's, `trouble` what has to be said.
    """

    def __init__(self, wb: Workbench, seat: Seat, trouble: list[WorkbenchError]) -> None:
        self._wb, self._seat, self._trouble = wb, seat, trouble

    def __call__(self, acts: Sequence[Act], told: Told) -> None:
        # What waits comes again, all of it, and may be stored by now: what was said of it counts no more.
        self._trouble[:] = [one for one in self._trouble if isinstance(one, Refused)]
        waiting: set[str] = set()
        for (log, project_id, reviewer), group in groupby(acts, lambda act: (act.log, act.project_id, act.reviewer)):
            # A later one stored before would make those that wait look stored.
            if log not in waiting and not self._store(log, project_id, reviewer, list(group), told):
                waiting.add(log)

    def _store(self, log: str, project_id: int, reviewer: str, acts: Sequence[Act], told: Told) -> bool:
        try:
            number = self._wb.review.store(project_id, log, reviewer, [_decision(act) for act in acts])
        except Refused as refused:
            told.refused.extend((log, act.n) for act in acts if act.n in refused.seqs)
            self._trouble.append(refused)
            number = len(acts)
        except WorkbenchError as error:
            self._trouble += error, _not_stored_yet(len(acts))
            return False
        told.up_to[log] = max(told.up_to.get(log, 0), acts[-1].n)
        if number and self._seat and any(not act.turn.startswith(self._seat["turn"]) for act in acts):
            self._seat["chosen"] = None  # The queue was made before these were known.
        return True


def _not_stored_yet(decisions: int) -> WorkbenchError:
    are = "is" if decisions == 1 else "are"
    return WorkbenchError(
        f"{count(decisions, 'decision')} {are} not stored yet.",
        "Meanwhile this browser keeps what you decided, and then brings it by itself.",
    )


def _decision(act: Act) -> Decision:
    return Decision(
        act.n,
        act.item_id,
        act.label,
        act.note,
        act.flagged,
        act.seconds or None,
        act.blind,
        act.takes_back,
        act.label_id,
    )

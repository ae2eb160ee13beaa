"""A sitting at Review: the queue as it was when it was made, the batch in view, and what the browser is known to hold.

The queue stays while the reviewer works through it, whatever their labels do to the filter; it is made anew when a
choice of the queue line changes, on request, and after a reload.
"""

from collections.abc import MutableMapping, Sequence
from dataclasses import astuple, replace
from itertools import groupby
from threading import Lock
from typing import Any
from uuid import uuid4

import streamlit as st

from core.errors import WorkbenchError
from core.services.review.reviewing import ReviewItem, Verdict, Word
from core.workbench import Workbench
from pages._ui.review.cast import Cast
from pages._ui.review.component import Choice, Decision, Opinion, ReviewRow
from pages._ui.review.queue import Queue

BATCH = 200
BATCH_CHARACTERS = 4_000_000
LOG = "review_log"
SEAT = "review_seat"
Seat = MutableMapping[str, Any]
Held = MutableMapping[int, tuple[str | None, str, bool]]
Waiting = tuple[tuple[int, str], Verdict]


def take_seat(wb: Workbench, project_id: int, queue: Queue) -> Seat:
    """The session's place in this queue: item ids, where the batch begins, and the revision shown to the browser."""
    chosen = signature(project_id, queue)
    seat: Seat | None = st.session_state.get(SEAT)
    if seat is None or seat["chosen"] != chosen:
        person = wb.review.person(project_id, queue.reviewer)
        where = replace(queue.where, not_reviewed_by=person.id if queue.pending and person else None)
        ids = wb.review.queue(project_id, where, uncertain_first=queue.uncertain_first)
        first = wb.review.first_open(person.id, ids) if person and not queue.pending else 0
        done = wb.review.reviewed(person.id, ids) if person and not queue.pending else 0
        seat = {
            "chosen": chosen,
            "ids": ids,
            "at": first // BATCH * BATCH,
            "turn": uuid4().hex[:12],
            "reviewed": done,
        }
        st.session_state[SEAT] = seat
    return seat


def signature(project_id: int, queue: Queue) -> str:
    """What makes two queues the same. The reviewer counts by name, since their first label makes them an annotator."""
    where = replace(queue.where, flagged_by=None)
    return repr((project_id, queue.kind, astuple(where), queue.uncertain_first, queue.pending, queue.reviewer))


def load_batch(wb: Workbench, cast: Cast, queue: Queue, seat: Seat) -> list[ReviewRow]:
    """The batch at the seat's place, read once per revision. Its rows become what the browser is known to hold."""
    rows = _batch(wb, cast, queue, list(seat["ids"][seat["at"] : seat["at"] + BATCH]), revision(cast, seat))
    held = _held()
    if seat.get("holding") != revision(cast, seat):
        held.update((row.id, (row.mine, row.note, row.flagged)) for row in rows)
        person = wb.review.person(cast.project.id, queue.reviewer)
        seat["pace"] = wb.review.pace(person.id, seat["ids"]) if person else None
        seat["holding"] = revision(cast, seat)
    return rows


def revision(cast: Cast, seat: Seat) -> str:
    """Changes with the queue, the batch and the task; never with a decision."""
    return f"{seat['turn']}:{seat['at']}:{hash((cast.task.choices, cast.task.guidelines)) & 0xFFFFFFFF:x}"


@st.cache_resource(max_entries=8, show_spinner=False)
def _batch(_wb: Workbench, _cast: Cast, _queue: Queue, _ids: list[int], revision: str) -> list[ReviewRow]:
    person = _wb.review.person(_cast.project.id, _queue.reviewer)
    doubtful = _queue.where.in_doubt
    loaded = _wb.review.load(_cast.project.id, _ids, _queue.shown, person.id if person else None, in_doubt=doubtful)
    return within(BATCH_CHARACTERS, [_row(item, _cast.project.reference_id) for item in loaded])


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
    return [Choice(one.name, one.key, one.color, one.description, one.is_fallback) for one in cast.task.choices]


class Keeper:
    """Stores what the browser decided, for whoever reviewed when the batch was shown. Calls nothing of Streamlit.

    What cannot be stored waits in the session and goes along with the next attempt, each for its own project and
    reviewer, whoever reviews then.
    """

    def __init__(self, wb: Workbench, project_id: int, reviewer: str) -> None:
        self._wb, self._whose = wb, (project_id, reviewer)
        self._log, self._held = _log(), _held()
        self._waiting: list[Waiting] = st.session_state.setdefault("review_waiting", [])
        self._trouble: list[tuple[str, str]] = st.session_state.setdefault("review_trouble", [])

    def __call__(self, decisions: Sequence[Decision]) -> None:
        self._waiting.extend((self._whose, verdict) for verdict in verdicts(decisions, self._held))
        self._held.update((one.item_id, (one.label, one.note, one.flagged)) for one in decisions)
        self.flush()

    def flush(self) -> None:
        """Try to store what waits."""
        with _ONE_AT_A_TIME:
            # In the order they came: what is stored under a higher number would make the rest look stored already.
            for (project_id, reviewer), group in groupby(list(self._waiting), key=lambda one: one[0]):
                told = [verdict for _, verdict in group]
                try:
                    self._wb.review.store(project_id, self._log, reviewer, told)
                except WorkbenchError as error:
                    self._trouble[:] = [(error.message, error.hint)]
                    return
                del self._waiting[: len(told)]

    def trouble(self) -> WorkbenchError | None:
        """Why something could not be stored, if so: told once, and again as long as something waits."""
        self.flush()
        told = WorkbenchError(*self._trouble[0]) if self._trouble else None
        self._trouble.clear()
        return told


_ONE_AT_A_TIME = Lock()


def verdicts(decisions: Sequence[Decision], held: Held) -> list[Verdict]:
    """Each decision beside the word the browser held before it; `held` is left as it is."""
    now = {one.item_id: held.get(one.item_id) for one in decisions}
    told = []
    for one in decisions:
        before = now[one.item_id]
        told.append(
            Verdict(
                one.seq,
                one.item_id,
                one.label,
                one.note,
                one.flagged,
                one.seconds or None,
                one.blind,
                Word(*before) if before is not None else None,
            )
        )
        now[one.item_id] = (one.label, one.note, one.flagged)
    return told


def _log() -> str:
    """Names this browser session; the component numbers its decisions within it."""
    return str(st.session_state.setdefault(LOG, uuid4().hex))


def _held() -> Held:
    found: Held = st.session_state.setdefault("review_held", {})
    return found

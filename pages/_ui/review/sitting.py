"""A sitting at Review: the queue as it was when it was made, and the batch in view.

The queue stays while the reviewer works through it, whatever their labels do to the filter; it is made anew when a
choice of the queue line changes, on request, after a reload, and where a browser brings what it had kept.
"""

from collections.abc import Sequence
from dataclasses import astuple, replace
from hashlib import sha256

from core.model import Project, QuestionKind
from core.services.review.doubts import doubts
from core.services.review.reviewing import QueueFilter, ReviewItem
from core.workbench import Workbench
from pages._ui.review import component as review_component
from pages._ui.review.cast import Cast, default_shown
from pages._ui.review.component import Opinion, ReviewRow
from pages._ui.review.held import held_row
from pages._ui.review.queue import Queue
from pages._ui.review.seat import BATCH, Batch, Seat, place
from pages._ui.words.parts import parts_of

BATCH_CHARACTERS = 4_000_000


def take_seat(wb: Workbench, project_id: int, queue: Queue) -> Seat:
    """The session's place in this queue."""
    held = place()
    seat, news, chosen = held.seat, held.news, signature(project_id, queue)
    if seat is None or (seat.chosen, seat.news) != (chosen, news):
        person = wb.review.person(project_id, queue.reviewer)
        where = still_open(wb, queue) if queue.pending else queue.where
        ids = wb.review.queue(project_id, where, uncertain_first=queue.uncertain_first)
        first = 0 if queue.pending else _first_open(wb, queue, ids)
        done = wb.review.reviewed(person.id, ids) if person and not queue.pending else 0
        seat = held.seat = Seat(chosen, news, ids, first // BATCH * BATCH, done)
    return seat


def _first_open(wb: Workbench, queue: Queue, ids: Sequence[int]) -> int:
    """Where the first item comes that leaves something to answer; 0 where none does."""
    if any(one.condition for one in queue.asked):
        left = set(wb.review.queue(queue.lead.project.id, still_open(wb, queue)))
        return next((place for place, one in enumerate(ids) if one in left), 0)
    places = []
    for one in queue.asked:
        person = wb.review.person(one.project.id, queue.reviewer)
        if person is None:
            return 0
        if wb.review.reviewed(person.id, ids) < len(ids):
            places.append(wb.review.first_open(person.id, ids))
    return min(places, default=0)


def still_open(wb: Workbench, queue: Queue) -> QueueFilter:
    """The queue without the items on which its reviewer has answered all that is asked."""
    answering = (wb.review.answering(one.project.id, queue.reviewer) for one in queue.asked)
    return replace(queue.where, open_to=tuple(answering))


def signature(project_id: int, queue: Queue) -> str:
    """What makes two queues the same. The reviewer counts by name, since their first label makes them an annotator."""
    where = replace(queue.where, flagged_by=None)
    named = repr((project_id, queue.kind, astuple(where), queue.uncertain_first, queue.pending, queue.reviewer))
    named += " with models on test" if queue.models_on_test else ""
    return named + (f" of {[one.project.id for one in queue.asked]}" if len(queue.asked) > 1 else "")


def load_batch(wb: Workbench, cast: Cast, queue: Queue, seat: Seat) -> Batch:
    """The batch at the seat's place: read once per revision and visit, so that it carries what is said by now."""
    held, named = place(), revision(queue, seat)
    batch = held.batch
    if batch is None or batch.revision != named or review_component.is_new_here():
        knows = review_component.dealt()  # Before the rows are read: of what is said meanwhile they may know less.
        rows = within(BATCH_CHARACTERS, _read(wb, cast, queue, seat.ids[seat.at : seat.at + BATCH]))
        said = {
            one.project.id: _read(wb, one, queue, [row.id for row in rows]) for one in queue.asked if one is not cast
        }
        paces = _paces(wb, queue, seat)
        batch = held.batch = Batch(named, rows, said | {cast.project.id: rows}, knows, paces)
    return batch


def _paces(wb: Workbench, queue: Queue, seat: Seat) -> dict[int, float]:
    """Seconds an answer on these items to each question, by its project, as far as known."""
    persons = [wb.review.person(one.project.id, queue.reviewer) for one in queue.asked]
    found = {person.project_id: wb.review.pace(person.id, seat.ids) for person in persons if person}
    return {project: pace for project, pace in found.items() if pace is not None}


def seek(seat: Seat, item_id: int | None, rows: Sequence[ReviewRow]) -> bool:
    """Whether that item is in another batch of the queue: then that one is in view from now on."""
    if item_id is None or any(row.id == item_id for row in rows) or item_id not in seat.ids:
        return False
    found = seat.ids.index(item_id)
    begins = found // BATCH * BATCH
    # A batch of long texts is cut short: then one begins with the item.
    place().move(seat, begins if begins != seat.at else found)
    return True


def revision(queue: Queue, seat: Seat) -> str:
    """Changes with the queue, the batch, the tasks and how items are shown; never with a decision."""
    tasks = [
        (one.task.choices, one.task.guidelines, one.project.question, one.project.layout, one.condition, one.holds)
        for one in queue.asked
    ]
    return f"{seat.turn}:{seat.at}:{sha256(repr(tasks).encode()).hexdigest()[:8]}"


def _read(wb: Workbench, cast: Cast, queue: Queue, ids: Sequence[int]) -> list[ReviewRow]:
    """What one question's rows say. Nobody but those that the queue is about is chosen for another question: there its
    own reference, people and newest models stand beside the item."""
    person = wb.review.person(cast.project.id, queue.reviewer)
    is_led = cast is queue.lead
    loaded = wb.review.load(
        cast.project.id,
        ids,
        queue.shown if is_led else default_shown(cast, queue.reviewer),
        person.id if person else None,
        in_doubt=is_led and queue.where.in_doubt,
        models_on_test=queue.models_on_test,
    )
    ids = {name: label for label, name in cast.labels.items()}
    by_number = cast.task.type is QuestionKind.RANKING
    return [held_row(_row(item, cast.project, by_number=by_number), ids) for item in loaded]


def within(characters: int, rows: Sequence[ReviewRow]) -> list[ReviewRow]:
    """As many of the rows as that many characters of text allow, one at least: what a browser is sent at once."""
    kept: list[ReviewRow] = []
    for row in rows:
        characters -= (
            len(row.text) + sum(map(len, row.fields.values())) + sum(len(one.value or "") for one in row.opinions)
        )
        if kept and characters < 0:
            break
        kept.append(row)
    return kept


def _row(item: ReviewItem, project: Project, *, by_number: bool) -> ReviewRow:
    opinions = tuple(
        Opinion(
            annotator.name,
            annotator.color,
            said.said if said else None,
            said.confidence if said else None,
            said.reason or doubts(said, item.item.text) if said else "",
            annotator.id == project.reference_id,
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
        tuple((one.began, one.said, one.ended) if by_number and one.said else str(one) for one in item.history),
        item.note,
        item.flagged,
        item.differ,
        parts_of(item.item, project.layout),
    )

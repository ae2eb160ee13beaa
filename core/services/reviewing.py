"""Review: queues, what is shown of an item, and storing a reviewer's decisions."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import WorkbenchError
from core.model import Annotation, Annotator, AnnotatorKind, Item, Task
from core.services.lookup import ensure_annotator, project_of
from core.storage import annotations, annotators, items, projects, review
from core.storage.annotations import NewAnnotation
from core.storage.engine import Database
from core.storage.review import QueueFilter


@dataclass(frozen=True)
class ReviewItem:
    """One item of a queue. `opinions` are the shown annotators' current annotations, in the order shown."""

    item: Item
    opinions: tuple[tuple[Annotator, Annotation | None], ...]
    suggestion: str | None
    mine: str | None
    history: tuple[str, ...]
    flagged: bool
    note: str


@dataclass(frozen=True)
class Verdict:
    """A reviewer's whole word on an item after one act; `label` None is no label (any more)."""

    seq: int
    item_id: int
    label: str | None
    note: str = ""
    flagged: bool = False
    seconds: float | None = None


class Reviewing:
    def __init__(self, db: Database) -> None:
        self._db = db

    def reviewer(self, project_id: int, name: str) -> Annotator:
        """The person of this name, made where new."""
        name = " ".join(name.split())
        if not name:
            raise WorkbenchError("The reviewer needs a name.", "Enter yours, so that your labels can be told apart.")
        with self._db.read() as conn:
            known = _person(annotators.list_all(conn, project_id), name)
        if known is not None:
            return known
        with self._db.write() as conn:
            project_of(conn, project_id)
            ensure_annotator(conn, project_id, AnnotatorKind.PERSON, name)
            found = _person(annotators.list_all(conn, project_id), name)
            assert found is not None
            return found

    def queue(self, project_id: int, where: QueueFilter, *, uncertain_first: bool = False, seed: int = 0) -> list[int]:
        """Item ids in order; random orders repeat for the same seed."""
        with self._db.read() as conn:
            return review.queue(conn, project_id, where, uncertain_first=uncertain_first, seed=seed)

    def load(
        self, project_id: int, item_ids: Sequence[int], shown: Sequence[int], reviewer_id: int | None
    ) -> list[ReviewItem]:
        """What the review screen needs of these items, in this order; `shown` are annotator ids."""
        with self._db.read() as conn:
            names = projects.label_names(conn, project_id)
            everyone = {a.id: a for a in annotators.list_all(conn, project_id)}
            found = items.get_many(conn, item_ids)
            present = annotations.current_of(conn, item_ids, names)
            past = annotations.history(conn, item_ids, names)
            marks = annotations.marks_of(conn, reviewer_id, item_ids) if reviewer_id is not None else {}
            task = projects.task(conn, project_id)
            reference = project_of(conn, project_id).reference_id
        return [
            _review_item(
                found[item_id],
                present[item_id],
                past[item_id],
                [everyone[i] for i in shown if i in everyone],
                everyone,
                reviewer_id,
                reference,
                task,
                marks.get(item_id, (False, "")),
            )
            for item_id in item_ids
            if item_id in found
        ]

    def store(self, project_id: int, revision: str, reviewer_name: str, verdicts: Sequence[Verdict]) -> int:
        """Store what is new among a batch's cumulative verdicts; returns how many were. Doing it twice changes nothing.

        Every act is an entry of its own: an undo appends what was there before.
        """
        if not verdicts:
            return 0
        reviewer = self.reviewer(project_id, reviewer_name)
        with self._db.write() as conn:
            done = review.stored_seq(conn, revision)
            fresh = sorted((v for v in verdicts if v.seq > done), key=lambda v: v.seq)
            if not fresh:
                return 0
            ids = {label.name: label.id for label in projects.all_labels(conn, project_id)}
            touched = list({v.item_id for v in fresh})
            held: dict[int, int | None] = dict(annotations.label_ids_of(conn, reviewer.id, touched))
            marks = annotations.marks_of(conn, reviewer.id, touched)
            for verdict in fresh:
                label_id = ids.get(verdict.label) if verdict.label is not None else None
                if verdict.label is not None and label_id is None:
                    raise WorkbenchError(f"The task has no label “{verdict.label}” any more.", "Reload the page.")
                if held.get(verdict.item_id) != label_id:
                    entry = NewAnnotation(verdict.item_id, reviewer.id, label_id, seconds=verdict.seconds or None)
                    annotations.append(conn, [entry])
                    held[verdict.item_id] = label_id
                if marks.get(verdict.item_id, (False, "")) != (verdict.flagged, verdict.note):
                    annotations.add_mark(conn, verdict.item_id, reviewer.id, verdict.flagged, verdict.note)
                    marks[verdict.item_id] = (verdict.flagged, verdict.note)
            review.set_stored_seq(conn, revision, fresh[-1].seq)
            return len(fresh)

    def pace(self, reviewer_id: int) -> float | None:
        """Median seconds a decision, lately; None before the fifth."""
        with self._db.read() as conn:
            return review.pace(conn, reviewer_id)

    def reviewed(self, reviewer_id: int, item_ids: Sequence[int]) -> int:
        """How many of these items the reviewer has labelled."""
        with self._db.read() as conn:
            return len(annotations.label_ids_of(conn, reviewer_id, item_ids))


def _person(everyone: Sequence[Annotator], name: str) -> Annotator | None:
    return next((a for a in everyone if a.kind is AnnotatorKind.PERSON and a.name == name), None)


def _review_item(
    item: Item,
    present: dict[int, Annotation],
    past: Sequence[Annotation],
    shown: Sequence[Annotator],
    everyone: dict[int, Annotator],
    reviewer_id: int | None,
    reference: int | None,
    task: Task,
    mark: tuple[bool, str],
) -> ReviewItem:
    mine = present.get(reviewer_id) if reviewer_id is not None else None
    return ReviewItem(
        item=item,
        opinions=tuple((annotator, present.get(annotator.id)) for annotator in shown if annotator.id != reviewer_id),
        suggestion=_suggestion(present, shown, reference, task),
        mine=mine.label if mine else None,
        history=tuple(_told(entry, everyone) for entry in past),
        flagged=mark[0],
        note=mark[1],
    )


def _suggestion(
    present: dict[int, Annotation], shown: Sequence[Annotator], reference: int | None, task: Task
) -> str | None:
    """What Enter accepts: the most confident model's label among those shown, else the reference's."""
    labels = [present[a.id] for a in shown if a.id in present]
    models = [present[a.id] for a in shown if a.id in present and a.kind is AnnotatorKind.MODEL]
    ranked = sorted(models, key=lambda annotation: -(annotation.confidence or 0.0))
    for annotation in [*ranked, *([present[reference]] if reference in present else []), *labels]:
        if annotation.label in task.names:
            return annotation.label
    return None


def _told(entry: Annotation, everyone: dict[int, Annotator]) -> str:
    who = everyone[entry.annotator_id].name if entry.annotator_id in everyone else "?"
    said = entry.label if entry.label is not None else "took it back"
    why = f" ({entry.reason})" if entry.reason else ""
    return f"{entry.created_at:%Y-%m-%d %H:%M} · {who}: {said}{why}"

"""Review: queues, what is shown of an item, and storing a reviewer's decisions."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import WorkbenchError
from core.model import Annotation, Annotator, AnnotatorKind, Item, Task
from core.services.lookup import ensure_annotator, project_of
from core.storage import annotations, annotators, items, projects, review
from core.storage.annotations import NewAnnotation
from core.storage.engine import Connection, Database
from core.storage.review import QueueFilter as QueueFilter


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
class Word:
    """What a reviewer holds on one item."""

    label: str | None = None
    note: str = ""
    flagged: bool = False

    @property
    def mark(self) -> tuple[bool, str]:
        return self.flagged, self.note


@dataclass(frozen=True)
class Verdict:
    """A reviewer's whole word on an item after one act; `label` None is no label (any more).

    `before` is the word the same browser held before the act. With it only what the act changed is stored, so that a
    mere flag leaves alone a label given meanwhile in another tab; an act that changed nothing confirms the label.
    `blind` says whether the others' labels were hidden; it is kept as the entry's reason.
    """

    seq: int
    item_id: int
    label: str | None
    note: str = ""
    flagged: bool = False
    seconds: float | None = None
    blind: bool = False
    before: Word | None = None

    @property
    def word(self) -> Word:
        return Word(self.label, self.note, self.flagged)

    @property
    def says_label(self) -> bool:
        """Whether the act was about the label."""
        before = self.before
        return before is None or before.label != self.label or before == self.word

    @property
    def says_mark(self) -> bool:
        """Whether the act was about flag or note."""
        return self.before is None or self.before.mark != self.word.mark


@dataclass(frozen=True)
class Summary:
    """What a reviewer did on some items. `changed` counts those whose label the reviewer gave and later altered.

    `agreed` holds, per shown annotator, on how many of the items both labelled they gave the same label.
    """

    labelled: int
    changed: int
    flagged: int
    agreed: tuple[tuple[Annotator, int, int], ...]


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

    def store(self, project_id: int, log: str, reviewer_name: str, verdicts: Sequence[Verdict]) -> int:
        """Store what is new among one browser's cumulative verdicts; returns how many were. Twice changes nothing.

        `log` names the browser session that numbers them: its `seq` only rises, also from batch to batch. Every act is
        an entry of its own: an undo appends what was there before. A label the task no longer has is not stored, all
        else is; then raises `WorkbenchError`, once.
        """
        if not verdicts:
            return 0
        reviewer = self.reviewer(project_id, reviewer_name)
        with self._db.write() as conn:
            done = review.stored_seq(conn, log)
            fresh = sorted((v for v in verdicts if v.seq > done), key=lambda v: v.seq)
            if not fresh:
                return 0
            ids = {label.name: label.id for label in projects.all_labels(conn, project_id) if label.id is not None}
            gone = sorted({v.label for v in fresh if v.says_label and v.label is not None and v.label not in ids})
            _append_labels(conn, reviewer.id, [v for v in fresh if v.says_label and v.label not in gone], ids)
            _append_marks(conn, reviewer.id, [v for v in fresh if v.says_mark])
            review.set_stored_seq(conn, log, fresh[-1].seq)
        if gone:
            raise WorkbenchError(
                f"The task has no label “{gone[0]}” any more, so it was not stored.", "Reload the page and go back."
            )
        return len(fresh)

    def person(self, project_id: int, name: str) -> Annotator | None:
        """The person of this name, where there is one; makes none."""
        with self._db.read() as conn:
            return _person(annotators.list_all(conn, project_id), " ".join(name.split()))

    def count(self, project_id: int, where: QueueFilter) -> int:
        """How many items a queue holds."""
        with self._db.read() as conn:
            return review.count(conn, project_id, where)

    def first_open(self, reviewer_id: int, item_ids: Sequence[int]) -> int:
        """Where in the queue the first item comes that the reviewer has not labelled; 0 where there is none."""
        with self._db.read() as conn:
            labelled = annotations.label_ids_of(conn, reviewer_id)
        return next((place for place, item_id in enumerate(item_ids) if item_id not in labelled), 0)

    def label_names(self, project_id: int) -> dict[int, str]:
        """Name by id: the task's labels in their order, the fallback, then removed ones; each name once."""
        with self._db.read() as conn:
            present = {label.id: label.name for label in projects.all_labels(conn, project_id) if label.id is not None}
            removed = {i: name for i, name in projects.label_names(conn, project_id).items() if i not in present}
        names = present | removed
        first = {name: i for i, name in reversed(names.items())}
        return {i: name for i, name in names.items() if first[name] == i}

    def summary(self, project_id: int, reviewer_id: int, item_ids: Sequence[int], shown: Sequence[int]) -> Summary:
        """What the reviewer has done on these items, and with whom of the shown they agreed."""
        with self._db.read() as conn:
            mine = annotations.label_ids_of(conn, reviewer_id, item_ids)
            marks = annotations.marks_of(conn, reviewer_id, item_ids[:5000])
            changed = review.changed_minds(conn, reviewer_id, item_ids[:5000])
            agreed = []
            for annotator in annotators.list_all(conn, project_id):
                if annotator.id in shown and annotator.id != reviewer_id:
                    theirs = annotations.label_ids_of(conn, annotator.id, list(mine))
                    same = sum(mine[item_id] == label_id for item_id, label_id in theirs.items())
                    agreed.append((annotator, same, len(theirs)))
        return Summary(len(mine), changed, sum(flagged for flagged, _ in marks.values()), tuple(agreed))

    def pace(self, reviewer_id: int) -> float | None:
        """Median seconds a decision, lately; None before the fifth."""
        with self._db.read() as conn:
            return review.pace(conn, reviewer_id)

    def reviewed(self, reviewer_id: int, item_ids: Sequence[int]) -> int:
        """How many of these items the reviewer has labelled."""
        with self._db.read() as conn:
            return len(annotations.label_ids_of(conn, reviewer_id, item_ids))


def _append_labels(conn: Connection, reviewer_id: int, verdicts: Sequence[Verdict], ids: dict[str, int]) -> None:
    held: dict[int, int | None] = dict(annotations.label_ids_of(conn, reviewer_id, list({v.item_id for v in verdicts})))
    for verdict in verdicts:
        label_id = ids[verdict.label] if verdict.label is not None else None
        if held.get(verdict.item_id) != label_id:
            why = "labelled blind" if verdict.blind and label_id is not None else None
            seconds = verdict.seconds or None
            entry = NewAnnotation(verdict.item_id, reviewer_id, label_id, reason=why, seconds=seconds)
            annotations.append(conn, [entry])
            held[verdict.item_id] = label_id


def _append_marks(conn: Connection, reviewer_id: int, verdicts: Sequence[Verdict]) -> None:
    marks = annotations.marks_of(conn, reviewer_id, list({v.item_id for v in verdicts}))
    for verdict in verdicts:
        if marks.get(verdict.item_id, (False, "")) != verdict.word.mark:
            annotations.add_mark(conn, verdict.item_id, reviewer_id, *verdict.word.mark)
            marks[verdict.item_id] = verdict.word.mark


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
        suggestion=_suggestion(present, [a for a in shown if a.id != reviewer_id], reference, task),
        mine=mine.label if mine else None,
        history=tuple(_told(entry, everyone) for entry in past),
        flagged=mark[0],
        note=mark[1],
    )


def _suggestion(
    present: dict[int, Annotation], shown: Sequence[Annotator], reference: int | None, task: Task
) -> str | None:
    """What Enter accepts: the most confident model's label among those shown, else the reference's.

    An answer recorded as the fallback because it named no one label suggests nothing.
    """
    present = {who: said for who, said in present.items() if not said.reason}
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
    return f"{entry.created_at.astimezone():%Y-%m-%d %H:%M} · {who}: {said}{why}"

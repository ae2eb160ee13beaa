"""Review: queues, what is shown of an item, and storing a reviewer's decisions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.errors import WorkbenchError
from core.model import Annotation, Annotator, AnnotatorKind, Item, Split, Task
from core.services.common.looking import count_look
from core.services.common.lookup import ensure_annotator, project_of
from core.services.common.titles import titled
from core.storage import annotations, annotators, items, projects, review
from core.storage.annotations import NewAnnotation
from core.storage.engine import Connection, Database
from core.storage.review import QueueFilter as QueueFilter


@dataclass(frozen=True)
class ReviewItem:
    """One item of a queue. `opinions` are the shown annotators' current annotations, in the order shown.

    `suggestion` is the label offered before the reviewer has chosen; `differ` says that there is none because the
    shown annotators differ.
    """

    item: Item
    opinions: tuple[tuple[Annotator, Annotation | None], ...]
    suggestion: str | None
    mine: str | None
    history: tuple[str, ...]
    flagged: bool
    note: str
    differ: bool = False


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
    """What a reviewer did on some items. `changed` counts those whose label the reviewer gave and later altered."""

    labelled: int
    changed: int
    flagged: int


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
        """Item ids in order; random orders repeat for the same seed. Where its length is a score on test, a look."""
        if where.split in (Split.TEST, None) and (compared := _compared(where)) is not None:
            count_look(self._db, project_id, compared[0], where.split, compared[1])
        with self._db.read() as conn:
            # A queue about one model's confidence goes by that confidence, whoever else is shown.
            by = where if where.confidence_of is None else replace(where, shown=(where.confidence_of,))
            return review.queue(conn, project_id, by, uncertain_first=uncertain_first, seed=seed)

    def load(
        self,
        project_id: int,
        item_ids: Sequence[int],
        shown: Sequence[int],
        reviewer_id: int | None,
        *,
        in_doubt: bool = False,
    ) -> list[ReviewItem]:
        """What the review screen needs of these items, in this order; `shown` are annotator ids.

        `in_doubt`: the items were picked because somebody may be wrong on them (see `in_doubt`), so nobody's label is
        suggested over another's.
        """
        with self._db.read() as conn:
            names = projects.label_names(conn, project_id)
            everyone = titled(conn, project_id)
            found = items.get_many(conn, item_ids)
            present = annotations.current_of(conn, item_ids, names)
            past = annotations.history(conn, item_ids, names)
            marks = annotations.marks_of(conn, reviewer_id, item_ids) if reviewer_id is not None else {}
            task = projects.task(conn, project_id)
        return [
            _review_item(
                found[item_id],
                present[item_id],
                past[item_id],
                [everyone[i] for i in shown if i in everyone],
                everyone,
                reviewer_id,
                task,
                marks.get(item_id, (False, "")),
                in_doubt,
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

    def elsewhere(self, project_id: int, where: QueueFilter) -> dict[Split, int]:
        """How many items the same filter holds in each other split where it holds any; train and validation first.

        Test is left out where the number would be a look at its scores.
        """
        splits = [s for s in (Split.VALIDATION, Split.TRAIN, Split.TEST) if s is not where.split]
        if _compared(where) is not None and Split.TEST in splits:
            splits.remove(Split.TEST)
        with self._db.read() as conn:
            found = {split: review.count(conn, project_id, replace(where, split=split)) for split in splits}
        return {split: number for split, number in found.items() if number}

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

    def summary(self, reviewer_id: int, item_ids: Sequence[int]) -> Summary:
        """What the reviewer has done on these items."""
        with self._db.read() as conn:
            mine = annotations.label_ids_of(conn, reviewer_id, item_ids)
            marks = annotations.marks_of(conn, reviewer_id, item_ids[:5000])
            changed = review.changed_minds(conn, reviewer_id, item_ids[:5000])
        return Summary(len(mine), changed, sum(flagged for flagged, _ in marks.values()))

    def pace(self, reviewer_id: int, item_ids: Sequence[int]) -> float | None:
        """Median seconds a decision on these items, lately; None before the fifth."""
        with self._db.read() as conn:
            return review.pace(conn, reviewer_id, item_ids)

    def reviewed(self, reviewer_id: int, item_ids: Sequence[int]) -> int:
        """How many of these items the reviewer has labelled."""
        with self._db.read() as conn:
            return len(annotations.label_ids_of(conn, reviewer_id, item_ids))


def in_doubt(where: QueueFilter) -> bool:
    """Whether such a queue picks its items because somebody may be wrong on them: disagreements, cells, outcomes."""
    return where.only_disagreements or where.labelled_by is not None or where.outcome is not None


def _compared(where: QueueFilter) -> tuple[str, tuple[int, ...]] | None:
    """The figures the length of such a queue gives away, as `count_look` takes them; None where it gives none away."""
    if where.outcome is not None:
        _, reference, a, b = where.outcome
        return "compare", (reference, *sorted((a, b)))
    if where.labelled_by is not None and where.also_by is not None:
        return "agreement", (where.labelled_by, where.also_by)
    if where.only_disagreements and len(where.shown) > 1:
        return "disagreements", tuple(sorted(where.shown))
    return None


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
    task: Task,
    mark: tuple[bool, str],
    in_doubt: bool,
) -> ReviewItem:
    mine = present.get(reviewer_id) if reviewer_id is not None else None
    opinions = [(annotator, present.get(annotator.id)) for annotator in shown if annotator.id != reviewer_id]
    said = [(annotator.kind, one) for annotator, one in opinions if one is not None and _answered(annotator, one)]
    suggestion = suggest(said, task, in_doubt=in_doubt)
    return ReviewItem(
        item=item,
        opinions=tuple(opinions),
        suggestion=suggestion,
        mine=mine.label if mine else None,
        history=tuple(_told(entry, everyone) for entry in past),
        flagged=mark[0],
        note=mark[1],
        differ=suggestion is None and len({one.label for _, one in said}) > 1,
    )


def _answered(annotator: Annotator, said: Annotation) -> bool:
    """Whether this is a label somebody meant: neither taken back nor a model's fallback for want of a clear answer."""
    return said.label is not None and not (annotator.kind is AnnotatorKind.MODEL and said.reason)


def suggest(said: Sequence[tuple[AnnotatorKind, Annotation]], task: Task, *, in_doubt: bool) -> str | None:
    """What Enter accepts: the label on which all who are shown agree. Where they differ, nothing.

    Except where only models have labelled and the queue is not about their being wrong: then the most confident one's,
    so that many items can be gone through quickly.
    """
    labels = {one.label for _, one in said}
    if len(labels) > 1 and not in_doubt and all(kind is AnnotatorKind.MODEL for kind, _ in said):
        labels = {max((one for _, one in said), key=lambda one: one.confidence or 0.0).label}
    label = labels.pop() if len(labels) == 1 else None
    return label if label in task.names else None


def _told(entry: Annotation, everyone: dict[int, Annotator]) -> str:
    who = everyone[entry.annotator_id].name if entry.annotator_id in everyone else "?"
    said = entry.label if entry.label is not None else "took it back"
    why = f" ({entry.reason})" if entry.reason else ""
    return f"{entry.created_at.astimezone():%Y-%m-%d %H:%M} · {who}: {said}{why}"

"""Storing a reviewer's decisions: once each, as far as each changed anything, and every act an entry of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import WorkbenchError
from core.services.review.people import reviewer
from core.storage import annotations, projects, review
from core.storage.annotations import NewAnnotation
from core.storage.engine import Connection, Database


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
    `blind` says whether the others' labels were hidden; the entry keeps it.
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


def store(db: Database, project_id: int, log: str, reviewer_name: str, verdicts: Sequence[Verdict]) -> int:
    """Store what is new among one browser's cumulative verdicts; returns how many were. Twice changes nothing.

    `log` names the browser session that numbers them: its `seq` only rises, also from batch to batch. Every act is
    an entry of its own: an undo appends what was there before. A label the task no longer has is not stored, all
    else is; then raises `WorkbenchError`, once.
    """
    if not verdicts:
        return 0
    person = reviewer(db, project_id, reviewer_name)
    with db.write() as conn:
        done = review.stored_seq(conn, log)
        fresh = sorted((v for v in verdicts if v.seq > done), key=lambda v: v.seq)
        if not fresh:
            return 0
        ids = {label.name: label.id for label in projects.all_labels(conn, project_id) if label.id is not None}
        gone = sorted({v.label for v in fresh if v.says_label and v.label is not None and v.label not in ids})
        _append_labels(conn, person.id, [v for v in fresh if v.says_label and v.label not in gone], ids)
        _append_marks(conn, person.id, [v for v in fresh if v.says_mark])
        review.set_stored_seq(conn, log, fresh[-1].seq)
    if gone:
        raise WorkbenchError(
            f"The task has no label “{gone[0]}” any more, so it was not stored.", "Reload the page and go back."
        )
    return len(fresh)


def _append_labels(conn: Connection, reviewer_id: int, verdicts: Sequence[Verdict], ids: dict[str, int]) -> None:
    held: dict[int, int | None] = dict(annotations.label_ids_of(conn, reviewer_id, list({v.item_id for v in verdicts})))
    for verdict in verdicts:
        label_id = ids[verdict.label] if verdict.label is not None else None
        if held.get(verdict.item_id) != label_id:
            blind = verdict.blind and label_id is not None or None
            seconds = verdict.seconds or None
            entry = NewAnnotation(verdict.item_id, reviewer_id, label_id, seconds=seconds, blind=blind)
            annotations.append(conn, [entry])
            held[verdict.item_id] = label_id


def _append_marks(conn: Connection, reviewer_id: int, verdicts: Sequence[Verdict]) -> None:
    marks = annotations.marks_of(conn, reviewer_id, list({v.item_id for v in verdicts}))
    for verdict in verdicts:
        if marks.get(verdict.item_id, (False, "")) != verdict.word.mark:
            annotations.add_mark(conn, verdict.item_id, reviewer_id, *verdict.word.mark)
            marks[verdict.item_id] = verdict.word.mark

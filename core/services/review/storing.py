"""Storing a reviewer's decisions: once each, as far as each says something, and every act an entry of its own."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from core.errors import WorkbenchError
from core.model import Item, Project, Task
from core.services.common.orders import ORDERS
from core.services.common.values import append
from core.services.review.meant import OPEN_KINDS, Meaning, value_meant
from core.services.review.people import PATIENCE, reviewer
from core.storage import annotations, facts, items, marks, projects, review, tasks
from core.storage.annotations import NewAnnotation
from core.storage.engine import Connection, Database
from core.tasks import TASKS

_NAME_OF_WORKBENCH = "workbench"
_REFUSED = "refused of "


@dataclass(frozen=True)
class Decision:
    """One act of a reviewer on an item: it says what it changes, and is silent (None) on all else.

    What is given is one label, or a `value` by ids of labels as JSON holds it; either is taken back by `takes_back`
    alone. `label_id` says which label is meant whatever it is called by now. `shown` is in which order the candidates
    of a preference stood: their places in the item, "0,1" or "1,0".
    `seq` numbers the acts of one log and only rises. `blind` says whether the others' labels were hidden; it is kept
    with the entry.
    """

    seq: int
    item_id: int
    label: str | None = None
    note: str | None = None
    flagged: bool | None = None
    seconds: float | None = None
    blind: bool = False
    takes_back: bool = False
    label_id: int | None = None
    value: Any = None
    shown: str | None = None

    @property
    def gives(self) -> bool:
        return self.label is not None or self.value is not None


class Refused(WorkbenchError):
    """Some decisions will never be stored: those numbered `seqs`. All others were."""

    def __init__(self, message: str, hint: str, seqs: Collection[int]) -> None:
        super().__init__(message, hint)
        self.seqs = frozenset(seqs)


class Waits(WorkbenchError):
    """Nothing was stored, since the project was removed. All of it can be once that is restored; and before, where it
    is to lie with the removed project (see `store`)."""

    def __init__(self, message: str, hint: str, project_id: int) -> None:
        super().__init__(message, hint)
        self.project_id = project_id


def store(
    db: Database,
    project_id: int,
    log: str,
    reviewer_name: str,
    decisions: Sequence[Decision],
    *,
    even_removed: bool = False,
) -> int:
    """Store what is new among the decisions of one log; returns how many were. Twice changes nothing.

    `log` names who numbers them; of one log and project, decisions come in their order, though maybe again and again.
    While the project is removed none of them is stored: that raises `Waits`, and whoever has them keeps them, for they
    are as new as ever once it is restored; unless they are to be stored `even_removed`, to lie with the project. Those
    that cannot ever be stored (the label is gone, the item is another project's, there is no such project) are left
    out, all others are stored; then raises `Refused`, and again where one of these comes again: nobody heard it then.
    """
    if not decisions:
        return 0
    with db.read() as conn:
        is_open = _takes(conn, project_id, log, decisions, even_removed)
    # Nobody becomes an annotator of a project that is gone.
    person = reviewer(db, project_id, reviewer_name) if is_open else None
    with db.write(PATIENCE) as conn:
        _takes(conn, project_id, log, decisions, even_removed)
        fresh = _fresh(conn, project_id, log, decisions)
        known = _refused_before(conn, log)
        again = {one.seq for one in decisions if one.seq in known}
        sorted_out = _sorted_out(conn, project_id, fresh)
        if person is not None:
            _append_values(conn, project_id, person.id, sorted_out.labels, sorted_out.meant)
            _append_marks(conn, person.id, sorted_out.marks)
        if fresh:
            review.set_stored_seq(conn, log, project_id, fresh[-1].seq)
        if sorted_out.refused:
            facts.put(conn, _REFUSED + log, json.dumps(sorted(known | sorted_out.refused)))
    if trouble := sorted_out.trouble or (_told_before() if again else None):
        raise Refused(trouble.message, trouble.hint, sorted_out.refused | again)
    return len(fresh)


def _takes(conn: Connection, project_id: int, log: str, decisions: Sequence[Decision], even_removed: bool) -> bool:
    """Whether the project takes decisions. Raises `Waits` where it was removed and there is anything new to keep."""
    if projects.is_open(conn, project_id):
        return True
    found, fresh = projects.get(conn, project_id), _fresh(conn, project_id, log, decisions)
    if found is None or not fresh:
        return False
    if not even_removed:
        raise _waiting(found, len(fresh))
    return True


def _fresh(conn: Connection, project_id: int, log: str, decisions: Sequence[Decision]) -> list[Decision]:
    done = review.stored_seq(conn, log, project_id)
    return sorted((one for one in decisions if one.seq > done), key=lambda one: one.seq)


def _waiting(project: Project, number: int) -> Waits:
    what = "your last decision on it waits" if number == 1 else f"your last {number:,} decisions on it wait"
    pronoun = "it is" if number == 1 else "they are"
    return Waits(
        f"The project {project.name} was removed, so {what} in this browser.",
        f"Restore it under “Removed projects” on Projects, then open Review: {pronoun} stored then.",
        project.id,
    )


@dataclass(frozen=True)
class _SortedOut:
    """Of which decisions the label and of which the mark can be stored; and the numbers of those refused, with why.

    `meant` is the value that each decision gives, by its number.
    """

    labels: Sequence[Decision] = ()
    marks: Sequence[Decision] = ()
    meant: dict[int, str] = field(default_factory=dict)
    refused: frozenset[int] = frozenset()
    trouble: WorkbenchError | None = None


def _sorted_out(conn: Connection, project_id: int, decisions: Sequence[Decision]) -> _SortedOut:
    if not decisions:
        return _SortedOut()
    if projects.get(conn, project_id) is None:
        nowhere = f"There is no project {project_id}, so what was decided there was not stored."
        return _SortedOut(refused=_seqs(decisions), trouble=WorkbenchError(nowhere, "Choose another project."))
    strangers = _strangers(conn, project_id, decisions)
    meant, why = _meant(conn, project_id, decisions)
    nameless = [one for one in decisions if one.gives and one.seq not in meant]
    refused, foreign = _seqs([*strangers, *nameless]), _seqs(strangers)
    trouble = None
    if strangers:
        trouble = WorkbenchError("An item of another project was not labelled here.", "Reload the page.")
    elif nameless:
        trouble = why[nameless[0].seq]
    labels = [one for one in decisions if one.seq not in refused]
    return _SortedOut(labels, [one for one in decisions if one.seq not in foreign], meant, refused, trouble)


def _seqs(decisions: Sequence[Decision]) -> frozenset[int]:
    return frozenset(one.seq for one in decisions)


def _told_before() -> WorkbenchError:
    return WorkbenchError("An earlier decision was not stored: its label or item was removed.", "Label the item again.")


def _refused_before(conn: Connection, log: str) -> set[int]:
    """Kept with the log's number: that is past them, so they would look stored to whoever did not hear of it."""
    return set(json.loads(facts.get(conn, _REFUSED + log) or "[]"))


def workbench_name(db: Database) -> str:
    """Tells this database from any other, so that a browser delivers what it kept to the one it was meant for."""
    with db.read() as conn:
        known = facts.get(conn, _NAME_OF_WORKBENCH)
    if known is not None:
        return known
    with db.write(PATIENCE) as conn:
        if facts.get(conn, _NAME_OF_WORKBENCH) is None:
            facts.put(conn, _NAME_OF_WORKBENCH, uuid4().hex)
        return facts.get(conn, _NAME_OF_WORKBENCH) or ""


def _strangers(conn: Connection, project_id: int, decisions: Sequence[Decision]) -> list[Decision]:
    """Those on items that are not of this project."""
    own = items.of_project(conn, project_id, list({one.item_id for one in decisions}))
    return [one for one in decisions if one.item_id not in own]


def _meant(
    conn: Connection, project_id: int, decisions: Sequence[Decision]
) -> tuple[dict[int, str], dict[int, WorkbenchError]]:
    """The value each decision gives, by `seq`; and of those that give none of this task, why."""
    task = tasks.task(conn, project_id)
    names = {label.id: label.name for label in task.choices if label.id is not None}
    options = task.options
    meaning = Meaning(
        names, tasks.successors(conn, project_id), options.allow_empty, options.may_overlap, task.fallback.id
    )
    about = items.get_many(conn, list({one.item_id for one in decisions if one.value is not None}))
    found: dict[int, str] = {}
    why: dict[int, WorkbenchError] = {}
    for one in decisions:
        item = about.get(one.item_id) or Item(one.item_id, "")
        try:
            if one.value is not None:
                found[one.seq] = TASKS[task.type].canonical(value_meant(task.type, one.value, item, meaning))
            elif one.label is not None:
                found[one.seq] = TASKS[task.type].canonical(_label_meant(one, task, meaning))
        except WorkbenchError as error:
            why[one.seq] = error
    return found, why


def _label_meant(one: Decision, task: Task, meaning: Meaning) -> int:
    """A label by its id, also after a merge; by its name where it says no id.

    A removed label's name may be another one's by now, which nobody meant.
    """
    ids = {name: label_id for label_id, name in meaning.names.items()}
    known = one.label_id
    label_id = ids.get(one.label or "") if known is None else meaning.merged.get(known, known)
    if label_id is None or label_id not in meaning.names or task.type in OPEN_KINDS:
        gone = f"The task has no label “{one.label}” any more, so it was not stored."
        raise WorkbenchError(gone, "Reload the page and go back.")
    return label_id


def _append_values(
    conn: Connection, project_id: int, reviewer_id: int, decisions: Sequence[Decision], meant: dict[int, str]
) -> None:
    held = set(annotations.value_ids_of(conn, reviewer_id, list({one.item_id for one in decisions})))
    entries = []
    for one in decisions:
        value = meant.get(one.seq)
        # Saying the same again is an entry, too; taking back what is not there is none.
        if value is None and (not one.takes_back or one.item_id not in held):
            continue
        blind = one.blind and value is not None or None
        shown = one.shown if value is not None and one.shown in ORDERS else None
        seconds = one.seconds or None
        entries.append(NewAnnotation(one.item_id, reviewer_id, value, seconds=seconds, blind=blind, shown=shown))
        if value is None:
            held.discard(one.item_id)
        else:
            held.add(one.item_id)
    append(conn, project_id, entries)


def _append_marks(conn: Connection, reviewer_id: int, decisions: Sequence[Decision]) -> None:
    known = marks.marks_of(conn, reviewer_id, list({one.item_id for one in decisions}))
    for one in decisions:
        flagged, note = before = known.get(one.item_id, (False, ""))
        after = (flagged if one.flagged is None else one.flagged, note if one.note is None else one.note)
        if after != before:
            marks.add_mark(conn, one.item_id, reviewer_id, *after)
            known[one.item_id] = after

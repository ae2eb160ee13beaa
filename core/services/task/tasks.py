"""The task: labels, guidelines, import and export, and what a change of labels touches."""

from collections import Counter
from dataclasses import dataclass, replace
from hashlib import blake2b

from core.errors import WorkbenchError
from core.model import Label, QuestionKind, Task
from core.services.common import values
from core.services.common.door import door
from core.services.common.lookup import project_of
from core.services.task.guard import refuse_while_answers_come, refuse_while_asked_by
from core.storage import annotators, edits, items, tasks
from core.storage.engine import Connection, Database
from core.storage.items import ItemFilter
from core.tasks import MAX_LABELS, TASKS, check_task, complete_labels, fold, task_from_json, task_to_json

_SAMPLE = 2_000
_LABEL_LENGTH = 60
_FIELDS = "They are fields of the items: import the data again with others."


@dataclass(frozen=True)
class TaskChange:
    """What saving would do, said before it is done."""

    renamed: tuple[tuple[str, str, int], ...]
    """`(old name, new name, annotations that will read differently)`"""
    added: tuple[str, ...]
    removed: tuple[tuple[str, int], ...]
    """`(name, current annotations that keep it)`"""
    outside: int = 0
    """Current annotations that the options no longer allow; they stay as they are."""


@dataclass(frozen=True)
class RemovedLabel:
    """A label taken out of the task. `annotations` current ones still carry it."""

    label: Label
    annotations: int


@dataclass(frozen=True)
class MergeCount:
    """What a merge would touch: current annotations, and how many annotators made them."""

    annotations: int
    annotators: int


@door
class Tasks:
    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, project_id: int) -> Task:
        with self._db.read() as conn:
            project_of(conn, project_id)
            return tasks.task(conn, project_id)

    def usage(self, project_id: int, annotator_id: int | None = None) -> dict[int, int]:
        """Current annotations per label id: of all annotators, or of one."""
        with self._db.read() as conn:
            return _usage(conn, project_id, annotator_id)

    def preview(self, project_id: int, task: Task) -> TaskChange:
        """What `save` would change, without changing it."""
        with self._db.read() as conn:
            return _change(conn, project_id, task)

    def save(self, project_id: int, task: Task, *, base: str | None = None) -> None:
        """Replace labels and guidelines. A label with an `id` is renamed or edited; without one it is new.

        Labels left out are archived; annotations that use them keep them, and saving a task that has them again, by
        their ids or their names, brings them back. `base` is the `task_stamp` of the task that was edited. Raises
        `WorkbenchError` naming the first thing wrong with the task, or where it is no longer the one at the base.
        """
        task = replace(task, labels=complete_labels(task.labels))
        problems = check_task(task)
        if problems:
            raise WorkbenchError(problems[0].message, problems[0].hint)
        with self._db.write() as conn:
            if base is not None and task_stamp(tasks.task(conn, project_id)) != base:
                raise WorkbenchError(
                    "The task was changed elsewhere since you began to edit it.",
                    "Nothing was saved: look at the saved task, or keep yours.",
                )
            stored = tasks.task(conn, project_id)
            _refuse_other_candidates(task, stored)
            _refuse_alike(conn, project_id, task)
            present = {label.id for label in stored.choices}
            task = _with_scores(_revived(conn, project_id, task), stored)
            for position, label in enumerate(task.choices):
                if label.id is not None:
                    tasks.update_label(conn, label, position)
                else:
                    tasks.insert_label(conn, project_id, label, position)
            removed = present - {label.id for label in task.choices}
            if removed:
                refuse_while_answers_come(conn, project_id, "removed")
                refuse_while_asked_by(conn, project_id, removed)
            for gone in removed:
                if gone is not None:
                    tasks.archive_label(conn, gone)
            _refuse_twins(conn, project_id, task)
            tasks.set_guidelines(conn, project_id, task.guidelines)
            if task.type is stored.type:  # a task from a file knows nothing of another kind's options
                tasks.set_options(conn, project_id, task.options)

    def merge(self, project_id: int, source_id: int, target_id: int) -> int:
        """Turn every current annotation with label `source` into `target`, as new entries, and archive `source`.

        Returns how many annotations were touched. All else about them is carried over: confidence, run, raw answer,
        votes. History keeps what was there, and `restore` gives it back.
        """
        with self._db.write() as conn:
            known = {label.id: label for label in tasks.all_labels(conn, project_id)}
            if source_id == target_id or source_id not in known or target_id not in known:
                raise WorkbenchError("Choose two different labels of this task to merge.")
            if known[source_id].is_fallback:
                raise WorkbenchError("The fallback label cannot be merged away.", "Merge into it instead.")
            if tasks.task(conn, project_id).type is QuestionKind.RANKING:
                raise WorkbenchError("The candidates of a ranking cannot be merged.", _FIELDS)
            refuse_while_answers_come(conn, project_id, "merged")
            becomes = values.becoming(conn, project_id, {source_id: target_id})
            touched = edits.merge(conn, project_id, becomes)
            tasks.archive_label(conn, source_id, merged_into=target_id)
            return touched

    def merge_count(self, project_id: int, source_id: int) -> MergeCount:
        """What `merge` of this label would touch."""
        with self._db.read() as conn:
            found, labels = annotators.value_counts(conn, project_id), values.labels_in(conn, project_id)
        having = {(who, value): n for (who, value), n in found.items() if source_id in labels[value]}
        return MergeCount(sum(having.values()), len({who for who, _ in having}))

    def removed(self, project_id: int) -> list[RemovedLabel]:
        """Labels taken out of the task or merged away, newest first."""
        with self._db.read() as conn:
            gone = tasks.archived_labels(conn, project_id)
            usage = _usage(conn, project_id)
            return [RemovedLabel(label, usage.get(label.id or 0, 0)) for label in gone]

    def restore(self, project_id: int, label_id: int) -> int:
        """Bring a removed label back; where it was merged away, with the annotations the merge took and nobody has
        changed since, as new entries. Returns how many those are. Where it is in the task again by now (under its name
        it was saved anew), only the annotations are brought back. Raises `WorkbenchError` where its name is taken.
        """
        with self._db.write() as conn:
            gone = {label.id: label for label in tasks.archived_labels(conn, project_id)}
            if label_id in {label.id for label in tasks.all_labels(conn, project_id)}:
                return edits.unmerge(conn, project_id, label_id)
            if label_id not in gone:
                raise WorkbenchError("This label is not among the removed ones.", "Reload the page.")
            label, present = gone[label_id], tasks.all_labels(conn, project_id)
            if fold(label.name) in {fold(other.name) for other in present}:
                raise WorkbenchError(f"The task already has a label {label.name}.", "Rename that one first.")
            taken = {other.key.lower() for other in present}
            label = replace(label, key="" if label.key.lower() in taken else label.key)
            tasks.restore_label(conn, label)
            return edits.unmerge(conn, project_id, label_id)

    def proposals(self, project_id: int) -> dict[str, tuple[str, ...]]:
        """Label names by field of the items that looks like labels: few short values, repeated."""
        with self._db.read() as conn:
            sample = items.page(conn, project_id, ItemFilter(), limit=_SAMPLE)
        columns: dict[str, Counter[str]] = {}
        for item in sample:
            for name, cell in item.fields.items():
                columns.setdefault(name, Counter())[" ".join(cell.split())] += 1
        return {name: tuple(sorted(set(found) - {""})) for name, found in columns.items() if _looks_like_labels(found)}

    def export_json(self, project_id: int) -> str:
        """The task of this question alone in Kili's `json_interface` shape; of all questions see `TaskFiles`."""
        return task_to_json(self.get(project_id))

    def import_json(self, project_id: int, text: str) -> Task:
        """The task a file describes, with the ids of labels that exist under the same name: of several questions that
        of the same name, else the first of its kind. Nothing is saved."""
        with self._db.read() as conn:
            asked = project_of(conn, project_id).question
            stored = tasks.task(conn, project_id)
        task = task_from_json(text, stored.type, asked)
        present = {fold(label.name): label.id for label in stored.choices}

        def known(label: Label) -> Label:
            return replace(label, id=present.get(fold(label.name)))

        fallback = replace(task.fallback, id=stored.fallback.id)
        return replace(task, labels=tuple(known(label) for label in task.labels), fallback=fallback)


def _refuse_other_candidates(task: Task, stored: Task) -> None:
    """The candidates of a ranking are called as the fields of the items that hold them."""
    if stored.type is QuestionKind.RANKING and {one.name for one in task.labels} != {one.name for one in stored.labels}:
        raise WorkbenchError("The candidates of a ranking cannot be renamed, added or removed.", _FIELDS)


def _refuse_alike(conn: Connection, project_id: int, task: Task) -> None:
    """Two different fields of the items are compared."""
    named = task.options.candidates
    if len(set(named)) < len(named):
        raise WorkbenchError(f"{named[0]} is compared with itself.", "Choose two different fields.")
    fields = set(items.field_names(conn, project_id)) if named else set()
    gone = next((name for name in named if fields and name not in fields), None)
    if gone is not None and gone not in tasks.task(conn, project_id).options.candidates:
        raise WorkbenchError(f"The items have no field {gone}.", f"They have {', '.join(sorted(fields))}.")


def task_stamp(task: Task) -> str:
    """Changes with anything in the task."""
    return blake2b(repr(task).encode(), digest_size=12).hexdigest()


def _revived(conn: Connection, project_id: int, task: Task) -> Task:
    """The task with the ids of labels that exist: one removed and added again is the same, or it would count as two."""
    known = tasks.label_names(conn, project_id)
    archived = {fold(label.name): label.id for label in reversed(tasks.archived_labels(conn, project_id))}
    taken = {label.id for label in task.choices}

    def found(label: Label) -> Label:
        if label.id in known:
            return label
        former = archived.get(fold(label.name))
        return replace(label, id=None if former in taken else former)

    return replace(task, labels=tuple(map(found, task.labels)), fallback=found(task.fallback))


def _with_scores(task: Task, stored: Task) -> Task:
    """A level keeps its place on the scale where nothing is said of it."""
    scores = {label.id: label.score for label in stored.choices}
    kept = (replace(one, score=scores.get(one.id)) if one.score is None else one for one in task.labels)
    return replace(task, labels=tuple(kept))


def _refuse_twins(conn: Connection, project_id: int, task: Task) -> None:
    """A label must not take the name of a removed one that annotations still carry."""
    named = {fold(label.name) for label in task.choices}
    twins = {label.id: label.name for label in tasks.archived_labels(conn, project_id) if fold(label.name) in named}
    usage = _usage(conn, project_id) if twins else {}
    used = [i for i in twins if usage.get(i or 0)]
    if used:
        raise WorkbenchError(
            f"Annotations still have a removed label {twins[used[0]]}.",
            "Bring that one back instead of renaming another, or choose another name.",
        )


def _looks_like_labels(found: Counter[str]) -> bool:
    distinct = set(found) - {""}
    return 2 <= len(distinct) <= min(MAX_LABELS, found.total() / 2) and max(map(len, distinct)) <= _LABEL_LENGTH


def _usage(conn: Connection, project_id: int, annotator_id: int | None = None) -> dict[int, int]:
    """How many current annotations have each label, by its id; of one annotator where one is given."""
    labels, usage = values.labels_in(conn, project_id), Counter[int]()
    for (annotator, value), number in annotators.value_counts(conn, project_id).items():
        if annotator_id in (None, annotator):
            usage.update(dict.fromkeys(labels[value], number))
    return dict(usage)


def _change(conn: Connection, project_id: int, task: Task) -> TaskChange:
    before = {label.id: label for label in tasks.all_labels(conn, project_id) if label.id is not None}
    after = {label.id: label for label in task.choices if label.id is not None}
    usage = _usage(conn, project_id)
    return TaskChange(
        renamed=tuple(
            (label.name, after[i].name, usage.get(i, 0))
            for i, label in before.items()
            if i in after and after[i].name != label.name
        ),
        added=tuple(label.name for label in task.choices if label.id not in before),
        removed=tuple((label.name, usage.get(i, 0)) for i, label in before.items() if i not in after),
        outside=_outside(conn, project_id, task),
    )


def _outside(conn: Connection, project_id: int, task: Task) -> int:
    """How many current annotations the task's options no longer allow."""
    before = tasks.task(conn, project_id).options
    if task.options == before:
        return 0
    counts = annotators.value_counts(conn, project_id)
    if task.options.candidates != before.candidates:
        return sum(counts.values())
    sayings, allows = values.Sayings(conn, project_id), TASKS[task.type].allows
    return sum(number for (_, value), number in counts.items() if not allows(task.options, sayings[value]))

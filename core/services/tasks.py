"""The task: labels, guidelines, import and export, and what a change of labels touches."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.errors import WorkbenchError
from core.model import Label, Task
from core.services.lookup import project_of
from core.storage import annotations, items, projects
from core.storage.annotations import NewAnnotation
from core.storage.engine import Connection, Database
from core.storage.items import ItemFilter
from core.tasks import MAX_LABELS, check_task, complete_labels, fold, task_from_json, task_to_json

_SAMPLE = 2_000
_LABEL_LENGTH = 60


@dataclass(frozen=True)
class TaskChange:
    """What saving would do, said before it is done."""

    renamed: tuple[tuple[str, str, int], ...]
    """`(old name, new name, annotations that will read differently)`"""
    added: tuple[str, ...]
    removed: tuple[tuple[str, int], ...]
    """`(name, current annotations that keep it)`"""


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


class Tasks:
    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, project_id: int) -> Task:
        with self._db.read() as conn:
            project_of(conn, project_id)
            return projects.task(conn, project_id)

    def usage(self, project_id: int, annotator_id: int | None = None) -> dict[int, int]:
        """Current annotations per label id: of all annotators, or of one."""
        with self._db.read() as conn:
            if annotator_id is not None:
                counts: dict[int, int] = {}
                for _, label_id, number in items.label_counts_by_split(conn, project_id, annotator_id):
                    counts[label_id] = counts.get(label_id, 0) + number
                return counts
            ids = [label.id for label in projects.all_labels(conn, project_id) if label.id is not None]
            return annotations.label_usage(conn, ids)

    def preview(self, project_id: int, task: Task) -> TaskChange:
        """What `save` would change, without changing it."""
        with self._db.read() as conn:
            return _change(conn, project_id, task)

    def save(self, project_id: int, task: Task) -> None:
        """Replace labels and guidelines. A label with an `id` is renamed or edited; without one it is new.

        Labels left out are archived; annotations that use them keep them, and saving a task that has them again, by
        their ids, brings them back. Raises `WorkbenchError` naming the first
        thing wrong with the task.
        """
        task = replace(task, labels=complete_labels(task.labels))
        problems = check_task(task)
        if problems:
            raise WorkbenchError(problems[0].message, problems[0].hint)
        with self._db.write() as conn:
            present = {label.id for label in projects.all_labels(conn, project_id)}
            known = set(projects.label_names(conn, project_id))
            for position, label in enumerate(task.choices):
                if label.id in known:
                    projects.update_label(conn, label, position)
                else:
                    projects.insert_label(conn, project_id, label, position)
            for gone in present - {label.id for label in task.choices}:
                if gone is not None:
                    projects.archive_label(conn, gone)
            projects.set_guidelines(conn, project_id, task.guidelines)

    def merge(self, project_id: int, source_id: int, target_id: int) -> int:
        """Turn every current annotation with label `source` into `target`, as new entries, and archive `source`.

        Returns how many annotations were touched. History keeps what was there, see `undo_merge`.
        """
        with self._db.write() as conn:
            known = {label.id: label for label in projects.all_labels(conn, project_id)}
            if source_id == target_id or source_id not in known or target_id not in known:
                raise WorkbenchError("Choose two different labels of this task to merge.")
            if known[source_id].is_fallback:
                raise WorkbenchError("The fallback label cannot be merged away.", "Merge into it instead.")
            touched = annotations.holders(conn, source_id, project_id)
            _relabel(conn, touched, target_id, f"merged {known[source_id].name} into {known[target_id].name}")
            projects.archive_label(conn, source_id)
            return len(touched)

    def undo_merge(self, project_id: int, source: Label, target: Label) -> int:
        """Give back what the newest merge of `source` into `target` took: again as new entries."""
        reason = f"merged {source.name} into {target.name}"
        with self._db.write() as conn:
            touched = annotations.holders_because(conn, project_id, reason)
            projects.update_label(conn, source, len(projects.all_labels(conn, project_id)))
            _relabel(conn, touched, source.id, f"undone: {reason}")
            return len(touched)

    def merge_count(self, project_id: int, source_id: int) -> MergeCount:
        """What `merge` of this label would touch."""
        with self._db.read() as conn:
            touched = annotations.holders(conn, source_id, project_id)
            return MergeCount(len(touched), len({annotator for annotator, _ in touched}))

    def removed(self, project_id: int) -> list[RemovedLabel]:
        """Labels taken out of the task or merged away, newest first."""
        with self._db.read() as conn:
            gone = projects.archived_labels(conn, project_id)
            usage = annotations.label_usage(conn, [label.id for label in gone if label.id is not None])
            return [RemovedLabel(label, usage.get(label.id or 0, 0)) for label in gone]

    def restore(self, project_id: int, label_id: int) -> int:
        """Bring a removed label back; where it was merged away, with the annotations the merge took and nobody has
        changed since, as new entries. Returns how many those are. Raises `WorkbenchError` where its name is taken.
        """
        with self._db.write() as conn:
            gone = {label.id: label for label in projects.archived_labels(conn, project_id)}
            if label_id not in gone:
                raise WorkbenchError("This label is not among the removed ones.", "Reload the page.")
            label, present = gone[label_id], projects.all_labels(conn, project_id)
            if fold(label.name) in {fold(other.name) for other in present}:
                raise WorkbenchError(f"The task already has a label {label.name}.", "Rename that one first.")
            taken = {other.key.lower() for other in present}
            label = replace(label, key="" if label.key.lower() in taken else label.key)
            projects.restore_label(conn, label)
            touched = annotations.holders_because(conn, project_id, f"merged {label.name} into ", starts_with=True)
            _relabel(conn, touched, label_id, f"undone: merged {label.name}")
            return len(touched)

    def proposals(self, project_id: int) -> dict[str, tuple[str, ...]]:
        """Label names by field of the items that looks like labels: few short values, repeated."""
        with self._db.read() as conn:
            sample = items.page(conn, project_id, ItemFilter(), limit=_SAMPLE)
        values: dict[str, Counter[str]] = {}
        for item in sample:
            for name, value in item.fields.items():
                values.setdefault(name, Counter())[" ".join(value.split())] += 1
        return {name: tuple(sorted(set(found) - {""})) for name, found in values.items() if _looks_like_labels(found)}

    def export_json(self, project_id: int) -> str:
        """The task in Kili's `json_interface` shape."""
        return task_to_json(self.get(project_id))

    def import_json(self, project_id: int, text: str) -> Task:
        """The task a file describes, with the ids of labels that exist under the same name. Nothing is saved."""
        task = task_from_json(text)
        present = {label.name.casefold(): label.id for label in self.get(project_id).choices}

        def known(label: Label) -> Label:
            return replace(label, id=present.get(label.name.casefold()))

        fallback = replace(task.fallback, id=self.get(project_id).fallback.id)
        return replace(task, labels=tuple(known(label) for label in task.labels), fallback=fallback)


def _looks_like_labels(found: Counter[str]) -> bool:
    distinct = set(found) - {""}
    return 2 <= len(distinct) <= min(MAX_LABELS, found.total() / 2) and max(map(len, distinct)) <= _LABEL_LENGTH


def _relabel(conn: Connection, holders: Sequence[tuple[int, int]], label_id: int | None, reason: str) -> None:
    entries = [NewAnnotation(item, annotator, label_id, reason=reason) for annotator, item in holders]
    annotations.append(conn, entries)


def _change(conn: Connection, project_id: int, task: Task) -> TaskChange:
    before = {label.id: label for label in projects.all_labels(conn, project_id) if label.id is not None}
    after = {label.id: label for label in task.choices if label.id is not None}
    usage = annotations.label_usage(conn, list(before))
    return TaskChange(
        renamed=tuple(
            (label.name, after[i].name, usage.get(i, 0))
            for i, label in before.items()
            if i in after and after[i].name != label.name
        ),
        added=tuple(label.name for label in task.choices if label.id not in before),
        removed=tuple((label.name, usage.get(i, 0)) for i, label in before.items() if i not in after),
    )

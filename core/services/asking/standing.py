"""Worked examples as the task's labels stand: a version never changes, but the labels it was made with may."""

from collections import defaultdict
from dataclasses import replace

from core.model import Example, PromptVersion
from core.services.common.lookup import project_of
from core.services.common.values import labels_in
from core.spelling import fold
from core.storage import annotations, tasks
from core.storage.engine import Connection
from core.tasks import TASKS


def with_present_labels(conn: Connection, version: PromptVersion) -> PromptVersion:
    """The version with each example under the name its label has now, or that of the label it was merged into.

    Examples of labels that were removed are left out: they would teach an answer that is none any more. So are those
    of which nobody can tell any more which label they were of.
    """
    if not version.examples:
        return version
    task = tasks.task(conn, version.project_id)
    kind, present = TASKS[task.type], {label.id or 0: label.name for label in task.choices}
    gone = tasks.successors(conn, version.project_id)
    becomes = {label: new for label, new in gone.items() if new is not None}
    found = _found_again(conn, version)

    def now(example: Example) -> Example | None:
        canonical = found.get(example.item_id) if example.value is None else example.value
        if canonical is None:
            return None
        try:
            value = kind.relabelled(kind.from_canonical(canonical), becomes)
        except ValueError:  # a draft from elsewhere
            return None
        is_present = present.keys() >= set(kind.labels_in(value))
        return replace(example, said=kind.said(value, present)) if is_present else None

    return replace(version, examples=tuple(filter(None, map(now, version.examples))))


def _found_again(conn: Connection, version: PromptVersion) -> dict[int, str]:
    """The value of each example that kept none, by item: what the reference said when the version was made.

    A name tells nothing by itself: it may be another label's by now. It decides only against a reference that was
    chosen since: where somebody else gave the item the label that has the name, either may be meant, and none is taken.
    """
    asked = [example for example in version.examples if example.value is None]
    if not asked:
        return {}
    reference = project_of(conn, version.project_id).reference_id
    said: dict[int, dict[int, int]] = defaultdict(dict)
    moment = version.created_at.timestamp()
    labels = labels_in(conn, version.project_id)
    for item, annotator, value in annotations.said_until(conn, [example.item_id for example in asked], moment):
        said[item][annotator] = labels[value][0]  # there was no other kind of value then
    names = {label_id: fold(name) for label_id, name in tasks.label_names(conn, version.project_id).items()}
    meant = {
        example.item_id: _meant(said[example.item_id], reference, fold(str(example.said)), names) for example in asked
    }
    return {item: str(label) for item, label in meant.items() if label is not None}


def _meant(said: dict[int, int], reference: int | None, name: str, names: dict[int, str]) -> int | None:
    label = said.get(reference) if reference is not None else None
    others = set(said.values())
    if label is None:
        return others.pop() if len(others) == 1 else None
    is_doubtful = names[label] != name and any(names[other] == name for other in others)
    return None if is_doubtful else label

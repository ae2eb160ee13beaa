"""Worked examples as the task's labels stand: a version never changes, but the labels it was made with may."""

from dataclasses import replace

from core.model import Example, PromptVersion
from core.spelling import fold
from core.storage import tasks
from core.storage.engine import Connection


def with_present_labels(conn: Connection, version: PromptVersion) -> PromptVersion:
    """The version with each example under the name its label has now, or that of the label it was merged into.

    Examples of labels that were removed are left out: they would teach an answer that is none any more.
    """
    if not version.examples:
        return version
    present = {label.id: label.name for label in tasks.task(conn, version.project_id).choices}
    ids = {fold(name): label_id for label_id, name in tasks.label_names(conn, version.project_id).items()}
    ids |= {fold(name): label_id for label_id, name in present.items() if label_id is not None}
    merged = tasks.successors(conn, version.project_id)

    def now(example: Example) -> Example | None:
        # Versions of before ids were kept know their labels by name alone.
        label_id = ids.get(fold(example.label)) if example.label_id is None else example.label_id
        name = present.get(merged.get(label_id, label_id)) if label_id is not None else None
        return None if name is None else replace(example, label=name)

    return replace(version, examples=tuple(filter(None, map(now, version.examples))))

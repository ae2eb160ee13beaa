"""Items dealt into train, validation and test, and when that can no longer be changed."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import WorkbenchError
from core.services.common.lookup import project_of
from core.services.data.importing import Progress, no_progress
from core.splits import Shares, assign_splits, group_near_duplicates
from core.storage import annotations, annotators, fine_tunes, items, looks, projects, prompt_versions
from core.storage.engine import Connection, Database, now


@dataclass(frozen=True)
class SplitFacts:
    """How the items are dealt. `locked` says why the shares cannot be changed any more; empty while they can."""

    counts: Mapping[str, int]
    seed: int
    shares: Shares
    near_duplicates: int
    stratified_by: str
    looks: int
    locked: str


def split(
    db: Database, project_id: int, shares: Shares | None = None, seed: int = 0, progress: Progress = no_progress
) -> SplitFacts:
    """Deal all items anew. Raises `WorkbenchError` once a fine-tune has learned from the present splits.

    Worked examples of saved prompts stay in train with their near-duplicates: who has seen them cannot be measured
    on them.
    """
    shares = shares or Shares()
    with db.read() as conn:
        project = project_of(conn, project_id)
        _refuse_if_locked(conn, project_id)
        rows = list(items.texts(conn, project_id))
        labels = annotations.label_ids_of(conn, project.reference_id) if project.reference_id else {}
        shown = {one.item_id for version in prompt_versions.versions(conn, project_id) for one in version.examples}
    ids = [item_id for item_id, _ in rows]
    groups = group_near_duplicates([text for _, text in rows], lambda share: progress(0.8 * share))
    kept = {place for place, item_id in enumerate(ids) if item_id in shown}
    splits = assign_splits([labels.get(item_id) for item_id in ids], groups, shares, seed, kept)
    progress(0.9)
    with db.write() as conn:
        _refuse_if_locked(conn, project_id)
        dealt = [
            (str(split), None if group is None else ids[group], item_id)
            for split, group, item_id in zip(splits, groups, ids, strict=True)
        ]
        items.set_splits(conn, dealt)
        projects.set_split(
            conn,
            project_id,
            seed,
            {
                "shares": shares.as_tuple(),
                "near_duplicates": sum(group is not None for group in groups),
                "stratified_by": project.reference_id,
                "dealt": now(),
            },
        )
    progress(1.0)
    return split_facts(db, project_id)


def split_facts(db: Database, project_id: int) -> SplitFacts:
    """How the items are dealt, and whether that can still be changed."""
    with db.read() as conn:
        project = project_of(conn, project_id)
        config = projects.split_config(conn, project_id) or {}
        by = annotators.get(conn, config["stratified_by"]) if config.get("stratified_by") else None
        return SplitFacts(
            counts=items.split_counts(conn, project_id),
            seed=project.split_seed,
            shares=Shares(*config["shares"]) if config else Shares(),
            near_duplicates=config.get("near_duplicates", 0),
            stratified_by=by.name if by else "",
            looks=looks.look_count(conn, project_id),
            locked=_lock_reason(conn, project_id),
        )


def _lock_reason(conn: Connection, project_id: int) -> str:
    if fine_tunes.any_started(conn, project_id):
        return "A fine-tune has learned from these splits; dealing anew would leak test items into training."
    return ""


def _refuse_if_locked(conn: Connection, project_id: int) -> None:
    reason = _lock_reason(conn, project_id)
    if reason:
        raise WorkbenchError(reason, "Import the data as a new project to split it otherwise.")

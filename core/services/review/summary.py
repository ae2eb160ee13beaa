"""What a reviewer has done on a queue's items, and how fast."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.services.common.lookup import annotator_of
from core.services.common.values import counting_as, merged_labels
from core.storage import annotations, marks, review
from core.storage.engine import Connection


@dataclass(frozen=True)
class Summary:
    """What a reviewer did on some items. `changed` counts those whose label the reviewer gave and later altered."""

    labelled: int
    changed: int
    flagged: int


def summary(conn: Connection, reviewer_id: int, item_ids: Sequence[int]) -> Summary:
    """What the reviewer has done on these items."""
    mine = annotations.value_ids_of(conn, reviewer_id, item_ids)
    known = marks.marks_of(conn, reviewer_id, item_ids)
    merged = merged_labels(conn, annotator_of(conn, reviewer_id).project_id)
    same = counting_as(conn, annotator_of(conn, reviewer_id).project_id, merged)
    changed = review.changed_minds(conn, reviewer_id, item_ids, same)
    return Summary(len(mine), changed, sum(flagged for flagged, _ in known.values()))


def first_open(conn: Connection, reviewer_id: int, item_ids: Sequence[int]) -> int:
    """Where in the queue the first item comes that the reviewer has not labelled; 0 where there is none."""
    labelled = annotations.value_ids_of(conn, reviewer_id)
    return next((place for place, item_id in enumerate(item_ids) if item_id not in labelled), 0)

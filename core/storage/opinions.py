"""What others said of the items that somebody has labelled."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from core.storage.engine import to_json

_BESIDE = (
    "SELECT c.item_id, c.value_id, o.value_id FROM current c JOIN current o ON o.item_id = c.item_id"
    " AND o.annotator_id IN (SELECT value FROM json_each(?))"
    " WHERE c.annotator_id = ? AND c.value_id IS NOT NULL AND o.value_id IS NOT NULL"
)


def beside(
    conn: Connection, annotator_id: int, others: Sequence[int], same: Mapping[int, int]
) -> tuple[frozenset[int], frozenset[int]]:
    """The items of which one of the `others` says the same as the annotator, and those of which one says otherwise;
    `same` maps a value to the one it counts as."""
    rows = conn.exec_driver_sql(_BESIDE, (to_json(list(others)), annotator_id)).all()
    alike = frozenset(item for item, own, other in rows if same.get(own, own) == same.get(other, other))
    return alike, frozenset(item for item, own, other in rows if same.get(own, own) != same.get(other, other))

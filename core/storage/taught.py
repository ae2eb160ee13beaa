"""What models were taught: the keys of the texts behind each fine-tune, and which items have such a text."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from core.storage import items
from core.storage.engine import to_json
from core.storage.kept import for_good
from core.words import text_key

Numbers = NDArray[np.int64]
_BEHIND = "FROM taught WHERE fine_tune_id IN (SELECT value FROM json_each(?))"


def add(conn: Connection, fine_tune_id: int, texts: Iterable[str]) -> None:
    """These texts are taught, too."""
    conn.connection.driver_connection.executemany(  # type: ignore[union-attr]
        "INSERT OR IGNORE INTO taught (fine_tune_id, text_key) VALUES (?, ?)",
        ((fine_tune_id, text_key(text)) for text in texts),
    )


def inherit(conn: Connection, fine_tune_id: int, base_model: str) -> None:
    """What the base model was taught, where that is a tuned model itself, the new one has learned as well."""
    conn.exec_driver_sql(
        "INSERT OR IGNORE INTO taught (fine_tune_id, text_key) SELECT ?, text_key FROM taught"
        " WHERE fine_tune_id IN (SELECT value FROM json_each(?))",
        (fine_tune_id, to_json([one for one in behind(conn, base_model) if one != fine_tune_id])),
    )


def copy(conn: Connection, before: int, after: int) -> None:
    """What one fine-tune was taught, the other is as well."""
    conn.exec_driver_sql(
        "INSERT OR IGNORE INTO taught (fine_tune_id, text_key) SELECT ?, text_key FROM taught WHERE fine_tune_id = ?",
        (after, before),
    )


def behind(conn: Connection, model: str) -> tuple[int, ...]:
    """The fine-tunes, of any project, that a model of this name came out of; also one of their checkpoints, which
    hosts name after it, and what it was called where it was deployed."""
    rows = conn.exec_driver_sql(
        "SELECT id FROM fine_tunes WHERE fine_tuned_model <> ''"
        " AND (fine_tuned_model = ? OR SUBSTR(?, 1, LENGTH(fine_tuned_model) + 1) = fine_tuned_model || ':')"
        " UNION SELECT fine_tune_id FROM deployments WHERE called <> '' AND called = ?",
        (model, model, model),
    )
    return tuple(row[0] for row in rows)


def items_with(conn: Connection, project_id: int, fine_tune_ids: Sequence[int], texts: Sequence[str]) -> frozenset[int]:
    """The project's items whose text these fine-tunes were taught, or whose text is one of these."""
    if not fine_tune_ids and not texts:
        return frozenset()
    more = tuple(sorted(map(text_key, texts)))

    def ask() -> frozenset[int]:
        taught = np.concatenate([keys_of(conn, fine_tune_ids), np.array(more, dtype=np.int64)])
        ids, keys = keyed_items(conn, project_id)
        return frozenset(ids[np.isin(keys, taught)].tolist())

    number = number_of_keys(conn, fine_tune_ids)
    return for_good(conn, ("taught", project_id, items.newest(conn), *fine_tune_ids, number, more), ask)


def keys_of(conn: Connection, fine_tune_ids: Sequence[int]) -> Numbers:
    """The keys of all texts behind these fine-tunes."""
    rows = conn.exec_driver_sql(f"SELECT text_key {_BEHIND}", (to_json(list(fine_tune_ids)),))
    return np.array([row[0] for row in rows], dtype=np.int64)


def number_of_keys(conn: Connection, fine_tune_ids: Sequence[int]) -> int:
    """Changes whenever one of these is taught more."""
    return int(conn.exec_driver_sql(f"SELECT COUNT(*) {_BEHIND}", (to_json(list(fine_tune_ids)),)).scalar_one())


def keyed_items(conn: Connection, project_id: int) -> tuple[Numbers, Numbers]:
    """The ids of the project's items, and the keys of their texts: read once, since items never change."""

    def ask() -> tuple[Numbers, Numbers]:
        found = [(item_id, text_key(text)) for item_id, text in items.texts(conn, project_id)]
        table = np.array(found, dtype=np.int64).reshape(-1, 2)
        return table[:, 0], table[:, 1]

    return for_good(conn, ("text keys", project_id, items.newest(conn)), ask)

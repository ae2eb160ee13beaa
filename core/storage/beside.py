"""Runs that ask nothing, since the answers to another question about the items hold theirs: what they take over."""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from core.model import AnswerKind, ErrorKind, RunStatus
from core.storage.engine import to_json
from core.storage.run_work import RunError


class Answer(NamedTuple):
    """The newest answer of an annotator about an item as it came, by `annotation_id`; `is_majority` where it was asked
    several times, and the single answers are those of `run_id`. `sure_of` is how sure it is of others, by key."""

    item_id: int
    annotation_id: int
    run_id: int
    raw: str
    kind: AnswerKind
    request_hash: bytes | None
    is_majority: bool
    sure_of: Mapping[str, float]


_MODE = "COALESCE(json_extract(config, '$.mode'), '') = 'beside'"
UNFINISHED = (
    "(SELECT 1 FROM runs AS lead WHERE json_extract(runs.config, '$.taken_from') IS NOT NULL AND lead.annotator_id IN"
    " (json_extract(runs.config, '$.taken_from.annotator_id'), json_extract(runs.config, '$.asked_by'))"
    " AND lead.status IN ('queued', 'running', 'paused'))"
)
"""There where the annotator that the run of the row takes its answers from has still to give some, or the one whose
answers decide of which items its question is asked."""


def answers(conn: Connection, annotator_id: int, item_ids: Sequence[int]) -> dict[int, Answer]:
    """What the annotator was answered about these items, by item; those it was not asked about are left out."""
    # Beside MAX(id) stands what its row holds.
    rows = conn.exec_driver_sql(
        "SELECT item_id, MAX(id), run_id, raw, kind, request_hash, votes IS NOT NULL, COALESCE(sure_of,"
        " (SELECT s.sure_of FROM annotations s WHERE s.id = annotations.source_id)) FROM annotations"
        " WHERE item_id IN (SELECT value FROM json_each(?)) AND annotator_id = ? AND run_id IS NOT NULL"
        " AND raw IS NOT NULL GROUP BY item_id",
        (to_json(list(item_ids)), annotator_id),
    )
    return {
        row[0]: Answer(
            row[0],
            row[1],
            row[2],
            row[3],
            AnswerKind(row[4] or AnswerKind.LABEL),
            row[5],
            bool(row[6]),
            json.loads(row[7] or "{}"),
        )
        for row in rows
    }


def errors(conn: Connection, annotator_id: int, item_ids: Sequence[int]) -> dict[int, RunError]:
    """What went wrong the last time with these items, by item, where something did."""
    rows = conn.exec_driver_sql(
        "SELECT e.item_id, e.kind, e.message, e.raw, e.attempts, MAX(e.run_id) FROM run_errors e"
        " WHERE e.item_id IN (SELECT value FROM json_each(?))"
        " AND e.run_id IN (SELECT id FROM runs WHERE annotator_id = ?) GROUP BY e.item_id",
        (to_json(list(item_ids)), annotator_id),
    )
    return {row[0]: RunError(row[0], ErrorKind(row[1]), *row[2:5]) for row in rows}


def of_run(conn: Connection, run_id: int) -> list[int]:
    """The runs that take their answers from this one, in order of coming."""
    rows = conn.exec_driver_sql(
        f"SELECT id FROM runs WHERE {_MODE} AND json_extract(config, '$.taken_from.run_id') = ? ORDER BY id", (run_id,)
    )
    return [row[0] for row in rows]


def has_more(conn: Connection, run_id: int, annotator_id: int) -> bool:
    """Whether the annotator has been answered about an item that the run has still to take over, and gives no more."""
    row = conn.exec_driver_sql(
        "SELECT 1 FROM run_items s WHERE s.run_id = ?"
        " AND NOT EXISTS (SELECT 1 FROM annotations d WHERE d.run_id = s.run_id AND d.item_id = s.item_id)"
        " AND NOT EXISTS (SELECT 1 FROM run_errors e WHERE e.run_id = s.run_id AND e.item_id = s.item_id)"
        " AND EXISTS (SELECT 1 FROM annotations a WHERE a.item_id = s.item_id AND a.annotator_id = ?"
        " AND a.run_id IS NOT NULL AND a.raw IS NOT NULL)"
        f" AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.id = s.run_id AND EXISTS {UNFINISHED}) LIMIT 1",
        (run_id, annotator_id),
    ).first()
    return row is not None


def leave_out(conn: Connection, run_id: int, item_ids: Sequence[int]) -> None:
    """Take items that turn out not to be asked about out of a run."""
    conn.exec_driver_sql(
        "DELETE FROM run_items WHERE run_id = ? AND item_id IN (SELECT value FROM json_each(?))",
        (run_id, to_json(list(item_ids))),
    )
    conn.exec_driver_sql(
        "UPDATE runs SET total = (SELECT COUNT(*) FROM run_items WHERE run_id = runs.id) WHERE id = ?", (run_id,)
    )


def how_it_ended(conn: Connection, annotator_id: int) -> RunStatus | None:
    """The status of the annotator's newest run; None without any."""
    found = conn.exec_driver_sql(
        "SELECT status FROM runs WHERE annotator_id = ? ORDER BY id DESC LIMIT 1", (annotator_id,)
    ).scalar()
    return None if found is None else RunStatus(found)

"""Runs started together: a grid of prompts and models under one cap."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, select, update

from core.model import Budget, Run
from core.storage.engine import to_json
from core.storage.listed import listed
from core.storage.tables import runs


def put_together(conn: Connection, run_ids: Sequence[int]) -> None:
    """Make the first of them the one they are all named after."""
    conn.execute(update(runs).where(runs.c.id.in_(listed(run_ids))).values(grid_id=run_ids[0]))


def of_grid(conn: Connection, grid_id: int) -> list[int]:
    """Ids of the runs started together, in the order they were started."""
    return list(conn.execute(select(runs.c.id).where(runs.c.grid_id == grid_id).order_by(runs.c.id)).scalars())


def probes_for(conn: Connection, annotator_ids: Sequence[int]) -> list[int]:
    """Probes of these annotators, and those started with them, that no run proper has followed yet; oldest first."""
    is_probe = "COALESCE(json_extract(config, '$.purpose'), '') = 'probe'"
    rows = conn.exec_driver_sql(
        "SELECT id FROM runs WHERE grid_id IN (SELECT grid_id FROM runs"
        f" WHERE annotator_id IN (SELECT value FROM json_each(?)) AND {is_probe})"
        f" AND grid_id NOT IN (SELECT grid_id FROM runs WHERE grid_id IS NOT NULL AND NOT {is_probe}) ORDER BY id",
        (to_json(list(annotator_ids)),),
    )
    return [row[0] for row in rows]


@dataclass(frozen=True)
class Spent:
    """What one run has spent so far. `price` is the one frozen into it, as JSON; None where it was unknown."""

    calls: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    price: Mapping[str, Any] | None = None
    is_batch: bool = False
    run_id: int = 0


def spent_together(conn: Connection, run: Run, *, but_itself: bool = False) -> list[Spent]:
    """What each run of the grid has spent, the run itself included; only that where it was started alone."""
    rows = conn.exec_driver_sql(
        "SELECT calls, prompt_tokens, cached_tokens, completion_tokens, json_extract(config, '$.price'),"
        " COALESCE(json_extract(config, '$.mode'), '') = 'batch', id FROM runs"
        " WHERE (id = ? OR grid_id = ?) AND id <> ?",
        (run.id, run.grid_id, run.id if but_itself else 0),
    )
    return [
        Spent(row[0], row[1], row[2], row[3], json.loads(row[4]) if row[4] else None, bool(row[5]), row[6])
        for row in rows
    ]


def set_budget(conn: Connection, run_id: int, budget: Budget) -> None:
    """Another cap for a run and all that were started with it. It holds from the next claim on."""
    conn.exec_driver_sql(
        "UPDATE runs SET config = json_set(config, '$.budget', json(?))"
        " WHERE id = ? OR grid_id = (SELECT grid_id FROM runs WHERE id = ?)",
        (to_json(asdict(budget)), run_id, run_id),
    )

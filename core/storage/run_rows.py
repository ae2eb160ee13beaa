"""Runs as rows: made, found, listed."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, case, func, insert, select

from core.model import Run, RunStatus
from core.storage.engine import moment, moment_or_none, now, to_json
from core.storage.tables import runs

LIVE = (RunStatus.QUEUED, RunStatus.RUNNING)


def create(
    conn: Connection, project_id: int, annotator_id: int, config: Mapping[str, Any], item_ids: Sequence[int]
) -> int:
    """A queued run with its selection frozen."""
    result = conn.execute(
        insert(runs).values(
            project_id=project_id,
            annotator_id=annotator_id,
            status=RunStatus.QUEUED,
            config=to_json(config),
            total=len(item_ids),
            created_at=now(),
        )
    )
    run_id = int(result.inserted_primary_key[0])  # type: ignore[index]
    conn.connection.driver_connection.executemany(  # type: ignore[union-attr]
        "INSERT INTO run_items (run_id, item_id) VALUES (?, ?)", [(run_id, item_id) for item_id in item_ids]
    )
    return run_id


def get(conn: Connection, run_id: int) -> Run | None:
    row = conn.execute(_numbered(runs.c.id == run_id)).first()
    return None if row is None else _run(row)


def list_all(conn: Connection, project_id: int, limit: int | None = None) -> list[Run]:
    """Newest first; all of them where there is no `limit`."""
    number = func.row_number().over(order_by=runs.c.id).label("number")
    query = select(runs, number).where(runs.c.project_id == project_id).order_by(runs.c.id.desc()).limit(limit)
    return [_run(row) for row in conn.execute(query)]


def tally(conn: Connection, project_id: int) -> tuple[int, int, int]:
    """How many runs there are, how many of them are queued or running, and how many have labelled anything."""
    live = func.sum(case((runs.c.status.in_(LIVE), 1), else_=0))
    fruitful = func.sum(case(((runs.c.status == RunStatus.DONE) | (runs.c.done > 0), 1), else_=0))
    query = select(func.count(), func.coalesce(live, 0), func.coalesce(fruitful, 0))
    row = conn.execute(query.where(runs.c.project_id == project_id)).one()
    return int(row[0]), int(row[1]), int(row[2])


def list_live(conn: Connection, project_id: int) -> list[Run]:
    """Newest first."""
    query = _numbered(runs.c.project_id == project_id, runs.c.status.in_(LIVE))
    return [_run(row) for row in conn.execute(query.order_by(runs.c.id.desc()))]


def list_unfinished(conn: Connection, project_id: int) -> list[Run]:
    """Those queued, running or paused, newest first."""
    unfinished = (*LIVE, RunStatus.PAUSED)
    query = _numbered(runs.c.project_id == project_id, runs.c.status.in_(unfinished))
    return [_run(row) for row in conn.execute(query.order_by(runs.c.id.desc()))]


def of_annotator(conn: Connection, annotator_id: int) -> list[Run]:
    """All of an annotator's runs, in the order they were started."""
    query = _numbered(runs.c.annotator_id == annotator_id).order_by(runs.c.id)
    return [_run(row) for row in conn.execute(query)]


def _numbered(*where: ColumnElement[bool]) -> Select[Any]:
    """Runs with their numbers, which count all of the project: for a few runs, since each is counted by itself."""
    earlier = runs.alias()
    upto = (earlier.c.project_id == runs.c.project_id) & (earlier.c.id <= runs.c.id)
    number = select(func.count()).select_from(earlier).where(upto).correlate(runs).scalar_subquery()
    return select(runs, number.label("number")).where(*where)


def _run(row: Row[Any]) -> Run:
    return Run(
        id=row.id,
        project_id=row.project_id,
        annotator_id=row.annotator_id,
        status=RunStatus(row.status),
        total=row.total,
        done=row.done,
        errors=row.errors,
        created_at=moment(row.created_at),
        started_at=moment_or_none(row.started_at),
        finished_at=moment_or_none(row.finished_at),
        message=row.message,
        config=json.loads(row.config),
        cancel_requested=row.cancel_requested,
        prompt_tokens=row.prompt_tokens,
        completion_tokens=row.completion_tokens,
        busy_seconds=row.busy_seconds + _running_seconds(row),
        rate=_rate(row),
        cached_tokens=row.cached_tokens,
        calls=row.calls,
        from_cache=row.from_cache,
        grid_id=row.grid_id,
        resume_at=moment_or_none(row.resume_at),
        number=row.number,
    )


def _running_seconds(row: Row[Any]) -> float:
    if row.status != RunStatus.RUNNING or row.claimed_at is None:
        return 0.0
    # The wall clock may have been set back meanwhile.
    return max(0.0, float((row.heartbeat_at or row.claimed_at) - row.claimed_at))


def _rate(row: Row[Any]) -> float | None:
    seconds = _running_seconds(row)
    worked = row.done + row.errors - row.done_at_claim
    return worked / seconds if seconds > 0.2 and worked > 0 else None

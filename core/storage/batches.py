"""Batches of runs: what was written, sent, and is to be collected. Each step is noted, so that none is done twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, exists, func, insert, select, update

from core.model import Run, RunStatus
from core.storage.engine import moment, moment_or_none, now, to_json
from core.storage.listed import listed
from core.storage.tables import batches, run_errors, runs


class BatchStatus(StrEnum):
    """Ours: `ENDED` at the host and not collected yet; `FAILED`: the host never did anything of it."""

    WRITTEN = "written"
    UPLOADED = "uploaded"
    SUBMITTED = "submitted"
    ENDED = "ended"
    COLLECTED = "collected"
    FAILED = "failed"

    @property
    def is_open(self) -> bool:
        """Whether its items may still be answered by it, so that nobody else must ask for them."""
        return self not in (BatchStatus.COLLECTED, BatchStatus.FAILED)


_OPEN = tuple(status for status in BatchStatus if status.is_open)


@dataclass(frozen=True)
class Batch:
    """One file of requests of a run, sent to a host as a whole.

    `submitted_at` without a `host_batch_id`: the host was told, but its answer is not known.
    """

    id: int
    run_id: int
    tag: str
    status: BatchStatus
    host_status: str
    input_file_id: str | None
    host_batch_id: str | None
    first_item_id: int
    last_item_id: int
    lines: int
    answered: int
    failed: int
    message: str
    manner: str
    created_at: datetime
    submitted_at: datetime | None = None
    looked_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def may_be_at_host(self) -> bool:
        """Whether a host may have it, and bill what it answers."""
        return self.status.is_open and self.submitted_at is not None


def _batch(row: Row[Any]) -> Batch:
    return Batch(
        id=row.id,
        run_id=row.run_id,
        tag=row.tag,
        status=BatchStatus(row.status),
        host_status=row.host_status,
        input_file_id=row.input_file_id,
        host_batch_id=row.host_batch_id,
        first_item_id=row.first_item_id,
        last_item_id=row.last_item_id,
        lines=row.lines,
        answered=row.answered,
        failed=row.failed,
        message=row.message,
        manner=row.manner,
        created_at=moment(row.created_at),
        submitted_at=moment_or_none(row.submitted_at),
        looked_at=moment_or_none(row.looked_at),
        ended_at=moment_or_none(row.ended_at),
    )


def add(
    conn: Connection, run_id: int, *, tag: str, first_item_id: int, last_item_id: int, lines: int, manner: str
) -> int:
    """A batch whose file is written."""
    values = {"tag": tag, "first_item_id": first_item_id, "last_item_id": last_item_id, "lines": lines}
    result = conn.execute(
        insert(batches).values(run_id=run_id, status=BatchStatus.WRITTEN, manner=manner, created_at=now(), **values)
    )
    return int(result.inserted_primary_key[0])  # type: ignore[index]


def get(conn: Connection, batch_id: int) -> Batch | None:
    row = conn.execute(select(batches).where(batches.c.id == batch_id)).first()
    return None if row is None else _batch(row)


def of_run(conn: Connection, run_id: int) -> list[Batch]:
    """In the order they were written."""
    return [
        _batch(row) for row in conn.execute(select(batches).where(batches.c.run_id == run_id).order_by(batches.c.id))
    ]


def open_of(conn: Connection, run_id: int) -> list[Batch]:
    return [batch for batch in of_run(conn, run_id) if batch.status.is_open]


def record(conn: Connection, batch_id: int, **values: Any) -> None:
    conn.execute(update(batches).where(batches.c.id == batch_id).values(**values))


def let_go_on(conn: Connection) -> int:
    """Runs whose owner died while a host was at work on their batches go on by themselves: nothing of it waits for
    the user, and the host keeps results for a while only. Returns how many."""
    at_host = select(batches.c.run_id).where(batches.c.status.in_(_OPEN)).distinct()
    result = conn.execute(
        update(runs)
        .where(runs.c.status == RunStatus.INTERRUPTED, runs.c.id.in_(at_host))
        .values(status=RunStatus.PAUSED, resume_at=now())
    )
    return result.rowcount


def _at_host() -> ColumnElement[bool]:
    return batches.c.status.in_(_OPEN) & batches.c.submitted_at.is_not(None)


def at_host_together(conn: Connection, run: Run) -> list[Batch]:
    """Batches of this run and those started with it that a host may be answering now."""
    together = (runs.c.id == run.id) | (runs.c.grid_id == run.grid_id) if run.grid_id else runs.c.id == run.id
    query = select(batches).join(runs, runs.c.id == batches.c.run_id).where(together, _at_host())
    return [_batch(row) for row in conn.execute(query.order_by(batches.c.id))]


def run_at_host(conn: Connection, project_id: int) -> int | None:
    """A run of the project with a batch that a host may be answering now, whatever became of the run here."""
    query = select(runs.c.id).join(batches, batches.c.run_id == runs.c.id).where(runs.c.project_id == project_id)
    return conn.execute(query.where(_at_host()).limit(1)).scalar()


def items_at_host(conn: Connection, annotator_id: int) -> set[int]:
    """Items about which a host may be answering an annotator's run now, whatever became of the run here."""
    rows = conn.exec_driver_sql(
        "SELECT s.item_id FROM runs r JOIN batches b ON b.run_id = r.id"
        " JOIN run_items s ON s.run_id = r.id AND s.item_id BETWEEN b.first_item_id AND b.last_item_id"
        f" WHERE r.annotator_id = ? AND b.submitted_at IS NOT NULL AND b.status IN ({','.join('?' * len(_OPEN))})"
        " AND NOT EXISTS (SELECT 1 FROM annotations a WHERE a.run_id = s.run_id AND a.item_id = s.item_id)"
        " AND NOT EXISTS (SELECT 1 FROM run_errors e WHERE e.run_id = s.run_id AND e.item_id = s.item_id)",
        (annotator_id, *map(str, _OPEN)),
    )
    return {row[0] for row in rows}


# letting go


def cancel_at_host(conn: Connection, run_id: int) -> None:
    """Let a run that was cancelled here, and has batches at its host, be taken up once more: to cancel them there and
    to collect what is finished by then."""
    _cancel_at_host(conn, runs.c.id == run_id)


def cancel_at_host_all(conn: Connection, project_id: int) -> None:
    """The same for whatever was cancelled in the project."""
    _cancel_at_host(conn, runs.c.project_id == project_id)


def _cancel_at_host(conn: Connection, which: ColumnElement[bool]) -> None:
    conn.execute(
        update(runs)
        .where(which, runs.c.status == RunStatus.CANCELLED, exists().where(batches.c.run_id == runs.c.id, _at_host()))
        .values(status=RunStatus.QUEUED, cancel_requested=True, message="", finished_at=None)
    )


def drop_unsent(conn: Connection, run_id: int) -> list[Batch]:
    """Give up batches that no host has heard of, where nobody carries out their run; gives those, as they were."""
    unsent = [batch for batch in open_of(conn, run_id) if not batch.may_be_at_host]
    live = select(runs.c.id).where(runs.c.id == run_id, runs.c.status.in_((RunStatus.QUEUED, RunStatus.RUNNING)))
    if not unsent or conn.execute(live).first() is not None:
        return []
    for batch in unsent:
        record(conn, batch.id, status=BatchStatus.FAILED, message="Given up before it was sent.", ended_at=now())
    return unsent


# what comes back


class Standing(StrEnum):
    """How an item of a run stands."""

    MISSING = "missing"
    ANSWERED = "answered"
    FAILED = "failed"


def standing(conn: Connection, run_id: int, item_ids: Sequence[int]) -> dict[int, Standing]:
    """Of these items, those that are of the run's selection."""
    rows = conn.exec_driver_sql(
        "SELECT s.item_id, EXISTS (SELECT 1 FROM annotations a WHERE a.run_id = s.run_id AND a.item_id = s.item_id),"
        " EXISTS (SELECT 1 FROM run_errors e WHERE e.run_id = s.run_id AND e.item_id = s.item_id)"
        " FROM run_items s WHERE s.run_id = ? AND s.item_id IN (SELECT value FROM json_each(?))",
        (run_id, to_json(list(item_ids))),
    )
    return {
        item_id: Standing.ANSWERED if is_answered else Standing.FAILED if is_failed else Standing.MISSING
        for item_id, is_answered, is_failed in rows
    }


def forget_errors(conn: Connection, run_id: int, item_ids: Sequence[int] | None = None) -> None:
    """An answer that came after all is worth more than an error. None: of all items, which count as missing then."""
    which = run_errors.c.run_id == run_id
    if item_ids is not None:
        which &= run_errors.c.item_id.in_(listed(item_ids))
    conn.execute(delete(run_errors).where(which))


def recount(conn: Connection, run_id: int) -> int:
    """Count a run's items afresh from what is stored; gives how many are missing."""
    row = conn.exec_driver_sql(
        "UPDATE runs SET done = (SELECT COUNT(*) FROM annotations WHERE run_id = runs.id),"
        " errors = (SELECT COUNT(*) FROM run_errors WHERE run_id = runs.id) WHERE id = ?"
        " RETURNING total - done - errors",
        (run_id,),
    ).one()
    return max(0, int(row[0]))


def settle(conn: Connection, run_id: int, status: RunStatus, message: str) -> None:
    """Give a run that nobody carries out another status: it waits for nobody but the user then."""
    conn.execute(
        update(runs)
        .where(runs.c.id == run_id, runs.c.status.not_in((RunStatus.QUEUED, RunStatus.RUNNING)))
        .values(
            status=status,
            message=message,
            started_at=func.coalesce(runs.c.started_at, runs.c.created_at),
            finished_at=now(),
            resume_at=None,
        )
    )

"""The queue of runs and the lease on those that are going.

The rules live in single UPDATE statements, so two workers on one file cannot both win.
"""

from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, Connection, delete, func, or_, select, text, update

from core.model import Run, RunStatus
from core.storage.beside import UNFINISHED
from core.storage.engine import now
from core.storage.listed import listed
from core.storage.run_rows import LIVE, get
from core.storage.run_work import counted
from core.storage.tables import run_errors, runs

INTERRUPTED = (
    "LabelLoop stopped while this run was in progress. Everything stored is kept: resume labels what is missing."
)
_KILLED = f"{INTERRUPTED} Calls that were in flight at that moment are made again and may be paid for twice."
_RESUMABLE = (RunStatus.CANCELLED, RunStatus.FAILED, RunStatus.INTERRUPTED, RunStatus.PAUSED, RunStatus.DONE)


def any_live(conn: Connection) -> bool:
    """Whether there is anything to do: a run that is queued or going, or a paused one whose time has come."""
    return conn.execute(select(runs.c.id).where(or_(runs.c.status.in_(LIVE), _is_due())).limit(1)).first() is not None


def _is_due() -> ColumnElement[bool]:
    return (runs.c.status == RunStatus.PAUSED) & (runs.c.resume_at <= now())


def hold(conn: Connection, run_id: int, message: str) -> None:
    """Let a queued run wait for somebody, before any worker takes it."""
    conn.execute(
        update(runs)
        .where(runs.c.id == run_id, runs.c.status == RunStatus.QUEUED)
        .values(status=RunStatus.PAUSED, message=message, resume_at=None, finished_at=now())
    )


def heartbeats(conn: Connection) -> dict[int, float]:
    """When the owner of each running run was last seen, by its own clock."""
    query = select(runs.c.id, runs.c.heartbeat_at).where(runs.c.status == RunStatus.RUNNING)
    return {row.id: row.heartbeat_at for row in conn.execute(query)}


def mark_interrupted(
    conn: Connection, lease_seconds: float, but: Collection[int] = (), still: Mapping[int, float] | None = None
) -> int:
    """Runs whose owner has not been seen for a lease are nobody's: say so. Returns how many.

    `but` are those the caller itself is carrying out: it knows better than a clock that stood still with the machine.
    `still` narrows it to runs that have that heartbeat, whatever the clock says: the caller saw it stand still.
    """
    stale = (runs.c.status == RunStatus.RUNNING) & runs.c.id.not_in(listed(but))
    if still is None:
        stale &= runs.c.heartbeat_at < now() - lease_seconds
    else:
        present = heartbeats(conn)
        stale &= runs.c.id.in_(listed(run_id for run_id, seen in still.items() if present.get(run_id) == seen))
    result = conn.execute(
        update(runs)
        .where(stale)
        .values(
            status=RunStatus.INTERRUPTED,
            owner=None,
            busy_seconds=runs.c.busy_seconds + func.max(0.0, runs.c.heartbeat_at - runs.c.claimed_at),
            message=_KILLED,
        )
    )
    return result.rowcount


def claim(
    conn: Connection,
    owner: str,
    *,
    hosts: Collection[str] | None = None,
    modes: Collection[str] = ("live", "batch", "beside"),
) -> Run | None:
    """Take the oldest run that is queued, or paused until a time that has come; or None.

    Compare-and-set: one of two claimants gets it. `hosts` are those the claimant can reach (None: all), `modes` what
    it carries out; runs of mode "file" are nobody's. Those that take their answers from others wait for them.
    """
    waiting = or_(runs.c.status == RunStatus.QUEUED, _is_due())
    waiting &= func.coalesce(func.json_extract(runs.c.config, "$.mode"), "live").in_(modes)
    if hosts is not None:
        waiting &= func.json_extract(runs.c.config, "$.host").in_(listed(hosts))
    waiting &= text(f"NOT EXISTS {UNFINISHED}")
    oldest = select(runs.c.id).where(waiting).order_by(runs.c.id).limit(1).scalar_subquery()
    stamp = now()
    row = conn.execute(
        update(runs)
        .where(runs.c.id == oldest, or_(runs.c.status == RunStatus.QUEUED, _is_due()))
        .values(
            status=RunStatus.RUNNING,
            owner=owner,
            heartbeat_at=stamp,
            claimed_at=stamp,
            started_at=func.coalesce(runs.c.started_at, stamp),
            done_at_claim=runs.c.done + runs.c.errors,
            message="",
            resume_at=None,
            finished_at=None,
        )
        .returning(runs.c.id)
    ).first()
    return None if row is None else get(conn, row.id)


def explain_waiting(conn: Connection, hosts: Collection[str]) -> None:
    """Say so on queued runs for hosts other than these: here they cannot be carried out, perhaps elsewhere."""
    host = func.json_extract(runs.c.config, "$.host")
    title = func.coalesce(func.json_extract(runs.c.config, "$.host_title"), host)
    conn.execute(
        update(runs)
        .where(runs.c.status == RunStatus.QUEUED, host.not_in(listed(hosts)), runs.c.message == "")
        .values(message="Waits: " + title + " cannot be used from here. Give its key, or allow it, on Hosts.")
    )


def beat(conn: Connection, run_id: int, owner: str, message: str | None = None) -> bool | None:
    """Renew the lease. True: go on. False: the user asked to cancel. None: the lease is lost; stop at once.

    `message`: how it is going, for the screen; None leaves what was said before.
    """
    row = conn.exec_driver_sql(
        "UPDATE runs SET heartbeat_at = ?, message = COALESCE(?, message)"
        " WHERE id = ? AND owner = ? AND status = ? RETURNING cancel_requested",
        (now(), message, run_id, owner, str(RunStatus.RUNNING)),
    ).first()
    return None if row is None else not row[0]


def finish(
    conn: Connection,
    run_id: int,
    owner: str,
    status: RunStatus,
    message: str = "",
    *,
    pause_seconds: float | None = None,
) -> None:
    """End or pause a run we own; `done` and `errors` are counted afresh from what is stored.

    A run paused for `pause_seconds` goes on by itself after them; without them it waits for somebody.
    """
    stamp = now()
    conn.execute(
        update(runs)
        .where(runs.c.id == run_id, runs.c.owner == owner)
        .values(
            status=status,
            message=message,
            owner=None,
            cancel_requested=False,
            finished_at=stamp,
            resume_at=None if pause_seconds is None else stamp + pause_seconds,
            busy_seconds=runs.c.busy_seconds + func.max(0.0, stamp - runs.c.claimed_at),
            **counted(),
        )
    )


def request_cancel(conn: Connection, run_id: int) -> None:
    """A queued or paused run ends at once; a running one is told and ends when its owner next looks."""
    _request_cancel(conn, runs.c.id == run_id)


def request_cancel_of_all(conn: Connection, project_id: int) -> int:
    """Cancel whatever is live in the project; gives how many."""
    return _request_cancel(conn, runs.c.project_id == project_id)


def _request_cancel(conn: Connection, which: ColumnElement[bool]) -> int:
    ended = conn.execute(
        update(runs)
        .where(which, runs.c.status.in_((RunStatus.QUEUED, RunStatus.PAUSED)))
        .values(status=RunStatus.CANCELLED, finished_at=now(), resume_at=None)
    )
    told = conn.execute(update(runs).where(which, runs.c.status == RunStatus.RUNNING).values(cancel_requested=True))
    return ended.rowcount + told.rowcount


def is_to_be_cancelled(conn: Connection, run_id: int) -> bool:
    """Whether the user has asked to cancel a run that is going."""
    return bool(conn.execute(select(runs.c.cancel_requested).where(runs.c.id == run_id)).scalar())


def requeue(conn: Connection, run_id: int, *, forget_errors: bool) -> bool:
    """Queue an ended run again for what is missing; with `forget_errors`, failed items count as missing.

    False, and nothing changed, where the run has not ended.
    """
    result = conn.execute(
        update(runs)
        .where(runs.c.id == run_id, runs.c.status.in_(_RESUMABLE))
        .values(
            status=RunStatus.QUEUED, cancel_requested=False, finished_at=None, message="", owner=None, resume_at=None
        )
    )
    if result.rowcount != 1:
        return False
    if forget_errors:
        conn.execute(delete(run_errors).where(run_errors.c.run_id == run_id))
    conn.execute(update(runs).where(runs.c.id == run_id).values(**counted()))
    return True

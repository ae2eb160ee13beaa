"""Runs: the queue, the lease, what is missing, what went wrong.

The rules of the queue live in single UPDATE statements, so two workers on one file cannot both win.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, literal_column, or_, select, update

from core.model import Budget, ErrorKind, Item, Run, RunStatus
from core.storage.engine import moment, moment_or_none, now, to_json
from core.storage.tables import run_errors, runs

_LIVE = (RunStatus.QUEUED, RunStatus.RUNNING)
_RESUMABLE = (RunStatus.CANCELLED, RunStatus.FAILED, RunStatus.INTERRUPTED, RunStatus.PAUSED, RunStatus.DONE)
INTERRUPTED = "The program stopped while this run was going. Nothing is lost: resume labels what is missing."


@dataclass(frozen=True)
class RunError:
    item_id: int
    kind: ErrorKind
    message: str
    raw: str
    attempts: int


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
    row = conn.execute(select(runs).where(runs.c.id == run_id)).first()
    return None if row is None else _run(row)


def list_all(conn: Connection, project_id: int, limit: int = 200) -> list[Run]:
    """Newest first."""
    query = select(runs).where(runs.c.project_id == project_id).order_by(runs.c.id.desc()).limit(limit)
    return [_run(row) for row in conn.execute(query)]


def list_live(conn: Connection, project_id: int) -> list[Run]:
    """Newest first."""
    query = select(runs).where(runs.c.project_id == project_id, runs.c.status.in_(_LIVE)).order_by(runs.c.id.desc())
    return [_run(row) for row in conn.execute(query)]


def under_way(conn: Connection, annotator_id: int) -> set[int]:
    """Items that a queued or running run of this annotator has still to label."""
    rows = conn.exec_driver_sql(
        "SELECT s.item_id FROM runs r JOIN run_items s ON s.run_id = r.id"
        " WHERE r.annotator_id = ? AND r.status IN (?, ?)"
        " AND NOT EXISTS (SELECT 1 FROM annotations a WHERE a.run_id = s.run_id AND a.item_id = s.item_id)"
        " AND NOT EXISTS (SELECT 1 FROM run_errors e WHERE e.run_id = s.run_id AND e.item_id = s.item_id)",
        (annotator_id, *_LIVE),
    )
    return {row[0] for row in rows}


def any_live(conn: Connection) -> bool:
    """Whether there is anything to do: a run that is queued or going, or a paused one whose time has come."""
    return conn.execute(select(runs.c.id).where(or_(runs.c.status.in_(_LIVE), _is_due())).limit(1)).first() is not None


def _is_due() -> ColumnElement[bool]:
    return (runs.c.status == RunStatus.PAUSED) & (runs.c.resume_at <= now())


# the lease


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
    stale = (runs.c.status == RunStatus.RUNNING) & runs.c.id.not_in(but)
    if still is None:
        stale &= runs.c.heartbeat_at < now() - lease_seconds
    else:
        stale &= or_(False, *((runs.c.id == run_id) & (runs.c.heartbeat_at == seen) for run_id, seen in still.items()))
    result = conn.execute(
        update(runs)
        .where(stale)
        .values(
            status=RunStatus.INTERRUPTED,
            owner=None,
            busy_seconds=runs.c.busy_seconds + func.max(0.0, runs.c.heartbeat_at - runs.c.claimed_at),
            message=INTERRUPTED,
        )
    )
    return result.rowcount


def claim(
    conn: Connection, owner: str, *, hosts: Collection[str] | None = None, modes: Collection[str] = ("live", "batch")
) -> Run | None:
    """Take the oldest run that is queued, or paused until a time that has come; or None.

    Compare-and-set: one of two claimants gets it. `hosts` are those the claimant can reach (None: all), `modes` what
    it carries out; runs of mode "file" are nobody's.
    """
    waiting = or_(runs.c.status == RunStatus.QUEUED, _is_due())
    waiting &= func.coalesce(func.json_extract(runs.c.config, "$.mode"), "live").in_(modes)
    if hosts is not None:
        waiting &= func.json_extract(runs.c.config, "$.host").in_(hosts)
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
        .where(runs.c.status == RunStatus.QUEUED, host.not_in(hosts), runs.c.message == "")
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


def add_progress(
    conn: Connection,
    run_id: int,
    done: int,
    errors: int,
    prompt_tokens: int,
    completion_tokens: int,
    *,
    cached_tokens: int = 0,
    calls: int = 0,
    from_cache: int = 0,
) -> None:
    """`cached_tokens` are part of the prompt's; `calls` were answered; `from_cache` items took no call."""
    conn.exec_driver_sql(
        "UPDATE runs SET done = done + ?, errors = errors + ?, prompt_tokens = prompt_tokens + ?,"
        " completion_tokens = completion_tokens + ?, cached_tokens = cached_tokens + ?, calls = calls + ?,"
        " from_cache = from_cache + ? WHERE id = ?",
        (done, errors, prompt_tokens, completion_tokens, cached_tokens, calls, from_cache, run_id),
    )


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
            **_recount(),
        )
    )


def _recount() -> dict[str, Any]:
    annotated = "(SELECT COUNT(*) FROM annotations WHERE run_id = runs.id)"
    failed = "(SELECT COUNT(*) FROM run_errors WHERE run_id = runs.id)"
    return {"done": literal_column(annotated), "errors": literal_column(failed)}


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
    conn.execute(update(runs).where(runs.c.id == run_id).values(**_recount()))
    return True


# what runs started together may spend


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


# the work


def missing(conn: Connection, run_id: int, after: int, limit: int) -> list[Item]:
    """The next items of the selection, after item id `after`, with neither an annotation nor an error of this run."""
    rows = conn.exec_driver_sql(
        "SELECT i.id, i.text, i.external_id, i.fields FROM run_items s JOIN items i ON i.id = s.item_id"
        " WHERE s.run_id = ? AND s.item_id > ?"
        " AND NOT EXISTS (SELECT 1 FROM annotations a WHERE a.run_id = s.run_id AND a.item_id = s.item_id)"
        " AND NOT EXISTS (SELECT 1 FROM run_errors e WHERE e.run_id = s.run_id AND e.item_id = s.item_id)"
        " ORDER BY s.item_id LIMIT ?",
        (run_id, after, limit),
    )
    return [Item(row[0], row[1], row[2], json.loads(row[3]) if row[3] else {}) for row in rows]


def still_missing(conn: Connection, run_id: int, item_ids: Sequence[int]) -> set[int]:
    """Those of these items with neither an annotation nor an error of this run."""
    marks = ",".join("?" * len(item_ids))
    rows = conn.exec_driver_sql(
        f"SELECT item_id FROM annotations WHERE run_id = ? AND item_id IN ({marks})"
        f" UNION ALL SELECT item_id FROM run_errors WHERE run_id = ? AND item_id IN ({marks})",
        (run_id, *item_ids, run_id, *item_ids),
    )
    return set(item_ids) - {row[0] for row in rows}


def add_errors(conn: Connection, run_id: int, errors: Sequence[RunError]) -> None:
    if not errors:
        return
    stamp = now()
    conn.connection.driver_connection.executemany(  # type: ignore[union-attr]
        "INSERT INTO run_errors (run_id, item_id, kind, message, raw, attempts, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (run_id, item_id) DO UPDATE SET kind = excluded.kind, message = excluded.message,"
        " raw = excluded.raw, attempts = excluded.attempts, created_at = excluded.created_at",
        [(run_id, e.item_id, e.kind, e.message, e.raw, e.attempts, stamp) for e in errors],
    )


# what to show of a run


def error_counts(conn: Connection, run_id: int) -> list[tuple[str, int]]:
    query = select(run_errors.c.kind, func.count()).where(run_errors.c.run_id == run_id).group_by(run_errors.c.kind)
    return [(kind, number) for kind, number in conn.execute(query.order_by(func.count().desc()))]


def error_list(conn: Connection, run_id: int, kind: str | None = None, limit: int = 100) -> list[RunError]:
    query = select(run_errors).where(run_errors.c.run_id == run_id)
    if kind is not None:
        query = query.where(run_errors.c.kind == kind)
    return [
        RunError(row.item_id, ErrorKind(row.kind), row.message, row.raw, row.attempts)
        for row in conn.execute(query.order_by(run_errors.c.item_id).limit(limit))
    ]


def answer_counts(conn: Connection, run_id: int) -> list[tuple[int, str, int]]:
    """`(label id, AnswerKind, items)` of a run's own annotations."""
    rows = conn.exec_driver_sql(
        "SELECT label_id, COALESCE(kind, ''), COUNT(*) FROM annotations WHERE run_id = ? GROUP BY 1, 2", (run_id,)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def unclear_answers(conn: Connection, run_id: int, limit: int = 100) -> list[tuple[int, str, str, str]]:
    """`(item id, AnswerKind, reason, raw)` of answers recorded as the fallback because they named no one label."""
    rows = conn.exec_driver_sql(
        "SELECT item_id, kind, COALESCE(reason, ''), COALESCE(raw, '') FROM annotations"
        " WHERE run_id = ? AND kind IS NOT NULL AND kind <> 'label' ORDER BY item_id LIMIT ?",
        (run_id, limit),
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def numbers(conn: Connection, run_id: int) -> tuple[list[float], list[float]]:
    """`(latencies in seconds, confidences)` of a run, at most 20,000 of each, for histograms."""
    rows = conn.exec_driver_sql(
        "SELECT seconds, confidence FROM annotations WHERE run_id = ? LIMIT 20000", (run_id,)
    ).all()
    return [row[0] for row in rows if row[0] is not None], [row[1] for row in rows if row[1] is not None]

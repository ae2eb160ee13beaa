"""Studies and their trials."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from core.model import Estimate, Study, StudyKind, StudyStatus, Trial, TrialStatus
from core.storage import held
from core.storage.engine import moment, moment_or_none, now, to_json
from core.storage.tables import studies, trials

_LIVE = (StudyStatus.QUEUED, StudyStatus.RUNNING)


def _study(row: Row[Any]) -> Study:
    return Study(
        id=row.id,
        project_id=row.project_id,
        kind=StudyKind(row.kind),
        status=StudyStatus(row.status),
        created_at=moment(row.created_at),
        config=json.loads(row.config),
        message=row.message,
        cancel_requested=row.cancel_requested,
        started_at=moment_or_none(row.started_at),
        finished_at=moment_or_none(row.finished_at),
    )


def _trial(row: Row[Any]) -> Trial:
    return Trial(
        id=row.id,
        study_id=row.study_id,
        number=row.number,
        status=TrialStatus(row.status),
        config=json.loads(row.config),
        fine_tune_id=row.fine_tune_id,
        run_id=row.run_id,
        score=None if row.score is None else Estimate(**json.loads(row.score)),
        message=row.message,
        finished_at=moment_or_none(row.finished_at),
    )


def create(
    conn: Connection,
    project_id: int,
    kind: StudyKind,
    config: Mapping[str, Any],
    planned: Sequence[Mapping[str, Any]] = (),
) -> int:
    """A queued study; `planned` is what is varied in each of its trials, as far as that is known beforehand."""
    values = {"kind": kind, "config": to_json(dict(config)), "status": StudyStatus.QUEUED}
    result = conn.execute(insert(studies).values(project_id=project_id, created_at=now(), **values))
    study_id = int(result.inserted_primary_key[0])  # type: ignore[index]
    for one in planned:
        add_trial(conn, study_id, one)
    return study_id


def get(conn: Connection, study_id: int) -> Study | None:
    row = conn.execute(select(studies).where(studies.c.id == study_id)).first()
    return None if row is None else _study(row)


def list_all(conn: Connection, project_id: int) -> list[Study]:
    """Newest first."""
    query = select(studies).where(studies.c.project_id == project_id).order_by(studies.c.id.desc())
    return [_study(row) for row in conn.execute(query)]


def any_live(conn: Connection) -> bool:
    return held.any_of(conn, studies, studies.c.status.in_(_LIVE))


def claim(conn: Connection, owner: str, lease_seconds: float, but: Collection[int] = ()) -> Study | None:
    """Take one that nobody holds, see `held.claim`."""
    found = held.claim(conn, studies, studies.c.status.in_(_LIVE), owner, lease_seconds, but)
    return None if found is None else get(conn, found)


def beat(conn: Connection, study_id: int, owner: str) -> bool | None:
    """As `held.beat`: False where the user asked to cancel."""
    return held.beat(conn, studies, study_id, owner, ~studies.c.cancel_requested)


def record(conn: Connection, study_id: int, held_by: str, **values: Any) -> bool:
    """Write facts down, as long as that owner holds the lease; False where nothing was written."""
    return held.record(conn, studies, study_id, held_by, values)


def note(conn: Connection, study_id: int, config: Mapping[str, Any]) -> None:
    """What is known of it from now on."""
    conn.execute(update(studies).where(studies.c.id == study_id).values(config=to_json(dict(config))))


def request_cancel(conn: Connection, study_id: int) -> None:
    """One that nobody has begun ends at once."""
    which = studies.c.id == study_id
    conn.execute(update(studies).where(which, studies.c.status.in_(_LIVE)).values(cancel_requested=True))
    ended = {"status": StudyStatus.CANCELLED, "finished_at": now()}
    waits = which & (studies.c.status == StudyStatus.QUEUED) & studies.c.owner.is_(None)
    conn.execute(update(studies).where(waits).values(**ended))


def request_cancel_of_all(conn: Connection, project_id: int) -> int:
    """Cancel whatever is live in the project; gives how many."""
    live = [one.id for one in list_all(conn, project_id) if one.status.is_live]
    for one in live:
        request_cancel(conn, one)
    return len(live)


def add_trial(conn: Connection, study_id: int, config: Mapping[str, Any]) -> Trial:
    """The next one, not begun yet."""
    newest = select(func.coalesce(func.max(trials.c.number), 0)).where(trials.c.study_id == study_id)
    number = int(conn.execute(newest).scalar_one()) + 1
    values = {"number": number, "config": to_json(dict(config)), "status": TrialStatus.WAITING}
    result = conn.execute(insert(trials).values(study_id=study_id, **values))
    return Trial(int(result.inserted_primary_key[0]), study_id, number, TrialStatus.WAITING, config)  # type: ignore[index]


def trials_of(conn: Connection, study_id: int) -> list[Trial]:
    """In the order they are begun."""
    query = select(trials).where(trials.c.study_id == study_id).order_by(trials.c.number)
    return [_trial(row) for row in conn.execute(query)]


def set_trial(conn: Connection, trial_id: int, *, score: Estimate | None = None, **values: Any) -> None:
    """Write facts of a trial down; one that has ended is stamped with the time."""
    if score is not None:
        values["score"] = to_json(asdict(score))
    status = values.get("status")
    if status is not None and status is not TrialStatus.WAITING and not TrialStatus(status).is_open:
        values["finished_at"] = now()
    conn.execute(update(trials).where(trials.c.id == trial_id).values(**values))


def fine_tune_of(conn: Connection, study_id: int, number: int) -> int | None:
    """The fine-tune begun for a trial: it says so itself, from the moment it is there."""
    query = (
        "SELECT id FROM fine_tunes WHERE project_id = (SELECT project_id FROM studies WHERE id = ?)"
        " AND json_extract(config, '$.trial.study') = ? AND json_extract(config, '$.trial.number') = ?"
    )
    row = conn.exec_driver_sql(query, (study_id, study_id, number)).first()
    return None if row is None else int(row[0])

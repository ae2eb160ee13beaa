"""Fine-tunes and their events."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, insert, select, update

from core.model import DeploymentStatus, FineTune, FineTuneEvent, FineTuneStatus
from core.storage import held
from core.storage.engine import moment, moment_or_none, now, to_json
from core.storage.tables import deployments, fine_tune_events, fine_tunes

_LIVE = (FineTuneStatus.QUEUED, FineTuneStatus.UPLOADING, FineTuneStatus.RUNNING)


def _fine_tune(row: Row[Any]) -> FineTune:
    return FineTune(
        id=row.id,
        project_id=row.project_id,
        annotator_id=row.annotator_id,
        prompt_version_id=row.prompt_version_id,
        host=row.host,
        base_model=row.base_model,
        status=FineTuneStatus(row.status),
        created_at=moment(row.created_at),
        finished_at=moment_or_none(row.finished_at),
        host_job_id=row.host_job_id,
        host_status=row.host_status,
        fine_tuned_model=row.fine_tuned_model,
        message=row.message,
        n_train=row.n_train,
        n_validation=row.n_validation,
        config=json.loads(row.config),
        called=row.called or None,
        is_deployed=row.is_deployed,
        wish=row.wish,
    )


def _select() -> Select[Any]:
    """With what its model is called where it was deployed, and whether it is."""
    its = deployments.c.fine_tune_id == fine_tunes.c.id
    named = select(deployments.c.called).where(its, deployments.c.called != "").order_by(deployments.c.id.desc())
    ready = exists().where(its, deployments.c.status == DeploymentStatus.READY)
    return select(fine_tunes, named.limit(1).scalar_subquery().label("called"), ready.label("is_deployed"))


def create(conn: Connection, project_id: int, **values: Any) -> int:
    values["config"] = to_json(values["config"])
    result = conn.execute(
        insert(fine_tunes).values(project_id=project_id, status=FineTuneStatus.QUEUED, created_at=now(), **values)
    )
    return int(result.inserted_primary_key[0])  # type: ignore[index]


def get(conn: Connection, fine_tune_id: int) -> FineTune | None:
    row = conn.execute(_select().where(fine_tunes.c.id == fine_tune_id)).first()
    return None if row is None else _fine_tune(row)


def list_all(conn: Connection, project_id: int) -> list[FineTune]:
    """Newest first."""
    query = _select().where(fine_tunes.c.project_id == project_id).order_by(fine_tunes.c.id.desc())
    return [_fine_tune(row) for row in conn.execute(query)]


def made_on(conn: Connection, host: str) -> list[FineTune]:
    """Those of a host, of any project, that have come to a model; newest first."""
    there = (fine_tunes.c.host == host) & (fine_tunes.c.status == FineTuneStatus.SUCCEEDED)
    query = _select().where(there, fine_tunes.c.fine_tuned_model != "").order_by(fine_tunes.c.id.desc())
    return [_fine_tune(row) for row in conn.execute(query)]


def with_bases(conn: Connection, ids: Collection[int]) -> list[FineTune]:
    """These, and whatever their base models came out of, of any project."""
    query = (
        "WITH RECURSIVE behind (id, base) AS ("
        " SELECT id, base_model FROM fine_tunes WHERE id IN (SELECT value FROM json_each(?))"
        " UNION SELECT f.id, f.base_model FROM fine_tunes f JOIN behind b ON f.fine_tuned_model <> '' AND"
        " (f.fine_tuned_model = b.base"
        " OR SUBSTR(b.base, 1, LENGTH(f.fine_tuned_model) + 1) = f.fine_tuned_model || ':')"
        ") SELECT DISTINCT id FROM behind"
    )
    found = [get(conn, row[0]) for row in conn.exec_driver_sql(query, (to_json(list(ids)),))]
    return [one for one in found if one is not None]


def any_about_to_learn(conn: Connection, project_id: int) -> bool:
    """Whether there is a job whose files are not all at the host yet: which items it is taught is still open."""
    waits = fine_tunes.c.status.in_((FineTuneStatus.QUEUED, FineTuneStatus.UPLOADING))
    query = select(fine_tunes.c.id).where(fine_tunes.c.project_id == project_id, waits).limit(1)
    return conn.execute(query).first() is not None


def any_learned(conn: Connection, project_id: int) -> bool:
    """Whether a model has learned from the project's items, or is learning from them."""
    learned = fine_tunes.c.fine_tuned_model.is_not(None) | (fine_tunes.c.status == FineTuneStatus.RUNNING)
    query = select(fine_tunes.c.id).where(fine_tunes.c.project_id == project_id, learned).limit(1)
    return conn.execute(query).first() is not None


def left_out(conn: Connection, host: str) -> tuple[str, ...]:
    """The fields that the newest job on a host had to leave out, the host refusing them."""
    query = select(fine_tunes.c.config).where(fine_tunes.c.host == host, fine_tunes.c.host_job_id.is_not(None))
    config = conn.execute(query.order_by(fine_tunes.c.id.desc()).limit(1)).scalar()
    return () if config is None else tuple(json.loads(config).get("left_out") or ())


def any_live(conn: Connection) -> bool:
    return held.any_of(conn, fine_tunes, fine_tunes.c.status.in_(_LIVE))


def claim(conn: Connection, owner: str, lease_seconds: float, but: Collection[int] = ()) -> FineTune | None:
    """Take a live job that nobody holds, see `held.claim`. One of a dead owner is taken over: its host trains on."""
    found = held.claim(conn, fine_tunes, fine_tunes.c.status.in_(_LIVE), owner, lease_seconds, but)
    return None if found is None else get(conn, found)


def beat(conn: Connection, fine_tune_id: int, owner: str) -> bool | None:
    """As `held.beat`: False where the user asked to cancel."""
    return held.beat(conn, fine_tunes, fine_tune_id, owner, ~fine_tunes.c.cancel_requested)


def release(conn: Connection, fine_tune_id: int, owner: str) -> None:
    held.release(conn, fine_tunes, fine_tune_id, owner)


def record(conn: Connection, fine_tune_id: int, *, held_by: str | None = None, **values: Any) -> bool:
    """As `held.record`."""
    if "config" in values:
        values["config"] = to_json(values["config"])
    return held.record(conn, fine_tunes, fine_tune_id, held_by, values)


def finish(
    conn: Connection, fine_tune_id: int, status: FineTuneStatus, *, held_by: str | None = None, **values: Any
) -> None:
    record(conn, fine_tune_id, held_by=held_by, status=status, owner=None, finished_at=now(), **values)


def host_said(conn: Connection, fine_tune_id: int) -> str:
    """The job as its host last told it, as JSON; "" before it was told."""
    return str(conn.execute(select(fine_tunes.c.host_said).where(fine_tunes.c.id == fine_tune_id)).scalar() or "")


def request_cancel(conn: Connection, fine_tune_id: int) -> None:
    record(conn, fine_tune_id, cancel_requested=True)


def request_cancel_of_all(conn: Connection, project_id: int) -> int:
    """Cancel whatever is live in the project; gives how many."""
    live = (fine_tunes.c.project_id == project_id) & fine_tunes.c.status.in_(_LIVE)
    return conn.execute(update(fine_tunes).where(live).values(cancel_requested=True)).rowcount


def add_events(conn: Connection, fine_tune_id: int, events: Sequence[Mapping[str, Any]]) -> None:
    """Store events of the host (`host_event_id`, level, type, message, data, created_at), each once."""
    for event in events:
        values = {**event, "data": to_json(event["data"]), "fine_tune_id": fine_tune_id}
        conn.execute(insert(fine_tune_events).prefix_with("OR IGNORE").values(**values))


def events(conn: Connection, fine_tune_id: int) -> list[FineTuneEvent]:
    """Oldest first."""
    query = select(fine_tune_events).where(fine_tune_events.c.fine_tune_id == fine_tune_id)
    return [
        FineTuneEvent(moment(row.created_at), row.level, row.message, row.type, json.loads(row.data))
        for row in conn.execute(query.order_by(fine_tune_events.c.created_at, fine_tune_events.c.id))
    ]

"""Tuned models at hosts that have to deploy them."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from core.model import Deployment, DeploymentStatus
from core.storage import held
from core.storage.engine import moment, moment_or_none, now
from core.storage.tables import deployments, fine_tunes

LOOK_SECONDS = 60.0
"""How often one that is ready is looked at: it may have been taken down at its host."""
_LIVE = tuple(status for status in DeploymentStatus if status.is_live)


def _deployment(row: Row[Any]) -> Deployment:
    return Deployment(
        id=row.id,
        fine_tune_id=row.fine_tune_id,
        name=row.name,
        status=DeploymentStatus(row.status),
        created_at=moment(row.created_at),
        by_hand=row.by_hand,
        called=row.called,
        host_status=row.host_status,
        message=row.message,
        hourly=row.hourly,
        billed_from=moment_or_none(row.billed_from),
        ended_at=moment_or_none(row.ended_at),
    )


def create(conn: Connection, fine_tune_id: int, name: str, status: DeploymentStatus, **values: Any) -> int:
    row = insert(deployments).values(fine_tune_id=fine_tune_id, name=name, status=status, created_at=now(), **values)
    return int(conn.execute(row).inserted_primary_key[0])  # type: ignore[index]


def get(conn: Connection, deployment_id: int) -> Deployment | None:
    row = conn.execute(select(deployments).where(deployments.c.id == deployment_id)).first()
    return None if row is None else _deployment(row)


def of_fine_tune(conn: Connection, fine_tune_id: int) -> list[Deployment]:
    """Newest first."""
    query = select(deployments).where(deployments.c.fine_tune_id == fine_tune_id).order_by(deployments.c.id.desc())
    return [_deployment(row) for row in conn.execute(query)]


def live(conn: Connection, project_id: int | None = None) -> list[Deployment]:
    """Those that are at a host or may be, the oldest first; of one project, or of all."""
    query = select(deployments).where(deployments.c.status.in_(_LIVE)).order_by(deployments.c.id)
    if project_id is not None:
        ours = select(fine_tunes.c.id).where(fine_tunes.c.project_id == project_id)
        query = query.where(deployments.c.fine_tune_id.in_(ours))
    return [_deployment(row) for row in conn.execute(query)]


def any_to_follow(conn: Connection) -> bool:
    return held.any_of(conn, deployments, _due(now()))


def _due(stamp: float) -> ColumnElement[bool]:
    """Those that something is to be done about. Nobody follows what the user makes by hand."""
    is_looked_at = (deployments.c.status == DeploymentStatus.READY) & (
        deployments.c.heartbeat_at >= stamp - LOOK_SECONDS
    )
    followed = deployments.c.by_hand.is_(False)
    return deployments.c.status.in_(_LIVE) & followed & ~func.coalesce(is_looked_at, False)


def claim(conn: Connection, owner: str, lease_seconds: float, but: Collection[int] = ()) -> Deployment | None:
    """Take one that nobody follows, see `held.claim`."""
    found = held.claim(conn, deployments, _due(now()), owner, lease_seconds, but)
    return None if found is None else get(conn, found)


def beat(conn: Connection, deployment_id: int, owner: str) -> bool | None:
    """As `held.beat`: False where the user wants it taken down."""
    return held.beat(conn, deployments, deployment_id, owner, deployments.c.status != DeploymentStatus.LEAVING)


def release(conn: Connection, deployment_id: int, owner: str) -> None:
    held.release(conn, deployments, deployment_id, owner)


def record(conn: Connection, deployment_id: int, *, held_by: str | None = None, **values: Any) -> bool:
    """As `held.record`."""
    return held.record(conn, deployments, deployment_id, held_by, values)


def stands(conn: Connection, deployment_id: int, status: DeploymentStatus, *, held_by: str) -> None:
    """What was seen of it, unless the user wants it taken down by now."""
    which = (deployments.c.id == deployment_id) & (deployments.c.owner == held_by)
    which &= deployments.c.status != DeploymentStatus.LEAVING
    conn.execute(update(deployments).where(which).values(status=status))


def end(conn: Connection, deployment_id: int, status: DeploymentStatus, **values: Any) -> None:
    record(conn, deployment_id, status=status, owner=None, ended_at=now(), **values)

"""Tuned models at hosts that have to deploy them: asked for, counted, taken down."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from core.errors import WorkbenchError
from core.finetune.dialects import Deploys, Dialect, dialect_of
from core.hosts.profiles import profile_of
from core.model import Deployment, DeploymentStatus, FineTune, FineTuneStatus
from core.services.common.door import door
from core.services.common.lookup import fine_tune_of
from core.services.hosts.connections import Hosts
from core.storage import deployments
from core.storage.engine import Connection, Database, now

_MOST = 10_000.0


@door
class Deploying:
    """The row exists before the host hears of it; the worker does the rest, see `DeploymentExecutor`."""

    def __init__(self, db: Database, hosts: Hosts) -> None:
        self._db, self._hosts = db, hosts

    def how(self, job: FineTune) -> Dialect:
        """How its host deploys, and what that costs there."""
        return dialect_of(profile_of(self._hosts.get(job.host)).key)

    def of(self, fine_tune_id: int) -> list[Deployment]:
        """Those of one tuned model, newest first."""
        with self._db.read() as conn:
            return deployments.of_fine_tune(conn, fine_tune_id)

    def live(self, project_id: int | None = None) -> list[tuple[Deployment, FineTune]]:
        """Those that are at a host or may be, the oldest first, with what made them; of one project, or of all."""
        with self._db.read() as conn:
            return [(one, fine_tune_of(conn, one.fine_tune_id)) for one in deployments.live(conn, project_id)]

    def deploy(self, fine_tune_id: int, *, hourly: float | None = None) -> Deployment:
        """Write down that it is wanted, and leave it to the worker. `hourly` is its price in dollars, where known.

        Raises `WorkbenchError` where there is no model, or it is deployed already.
        """
        with self._db.write() as conn:
            job = self._deployable(conn, fine_tune_id, Deploys.ASKED)
            name = f"labelloop-{job.id}-{secrets.token_hex(4)}"
            made = deployments.create(conn, job.id, name, DeploymentStatus.STARTING, hourly=_price(hourly))
            return _deployment_of(conn, made)

    def say_deployed(self, fine_tune_id: int, called: str, *, hourly: float | None = None) -> Deployment:
        """What the user deployed by hand, and the name that calls it."""
        if not (called := called.strip()):
            raise WorkbenchError("The deployment has no name.", "Enter the one that calls the model.")
        with self._db.write() as conn:
            job = self._deployable(conn, fine_tune_id, Deploys.BY_HAND)
            facts = {"called": called, "by_hand": True, "billed_from": now(), "hourly": _price(hourly)}
            return _deployment_of(conn, deployments.create(conn, job.id, called, DeploymentStatus.READY, **facts))

    def take_down(self, deployment_id: int) -> None:
        """Have the worker take it down, until the host says that it is gone; one made by hand counts as gone."""
        with self._db.write() as conn:
            one = _deployment_of(conn, deployment_id)
            if not one.status.is_live:
                return
            if one.by_hand:
                deployments.end(conn, one.id, DeploymentStatus.GONE)
            else:
                deployments.record(conn, one.id, status=DeploymentStatus.LEAVING)

    def stop_following(self, deployment_id: int) -> None:
        """Let go of one whose host never says that it is gone."""
        with self._db.write() as conn:
            one = _deployment_of(conn, deployment_id)
            if one.status.is_live:
                message = "No longer followed. It may still be at the host and cost money: look there."
                deployments.end(conn, one.id, DeploymentStatus.GONE, message=message)

    def set_price(self, deployment_id: int, hourly: float | None) -> None:
        """Dollars an hour, also of the hours that have passed; None where they are not known."""
        with self._db.write() as conn:
            deployments.record(conn, _deployment_of(conn, deployment_id).id, hourly=_price(hourly))

    def _deployable(self, conn: Connection, fine_tune_id: int, how: Deploys) -> FineTune:
        job = fine_tune_of(conn, fine_tune_id)
        if job.status is not FineTuneStatus.SUCCEEDED or not job.fine_tuned_model:
            raise WorkbenchError("There is no tuned model to deploy.", "Wait for the fine-tune to succeed.")
        if job.config.get("deploys") != how:
            raise WorkbenchError("This model is not deployed in this way.", "Look at what its host asks for.")
        if any(one.status.is_live for one in deployments.of_fine_tune(conn, job.id)):
            raise WorkbenchError("This model is deployed already, or about to be.", "Take that down first.")
        return job


def in_all(found: Sequence[Deployment], now: datetime | None = None) -> tuple[float, float | None]:
    """`(hours, dollars)` of these; dollars None where the price of one is unknown."""
    moment = now or datetime.now(UTC)
    costs = [one.dollars(moment) for one in found]
    hours = sum(one.hours(moment) for one in found)
    return hours, None if None in costs else sum(cost for cost in costs if cost is not None)


def _price(hourly: float | None) -> float | None:
    if hourly is not None and not 0 <= hourly <= _MOST:
        raise WorkbenchError(
            f"A price of {hourly:g} dollars an hour is out of range.", f"Enter 0 to {_MOST:,.0f}, or leave it empty."
        )
    return hourly


def _deployment_of(conn: Connection, deployment_id: int) -> Deployment:
    found = deployments.get(conn, deployment_id)
    if found is None:
        raise WorkbenchError("There is no such deployment.", "Reload the page.")
    return found

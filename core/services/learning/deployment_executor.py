"""Carrying out one deployment: have it made, watch it, take it down. The row exists before the host hears of it."""

import logging

from core.errors import WorkbenchError
from core.finetune.dialects.deployments import Deployed, Wanted
from core.finetune.dialects.jobs import Jobs, is_refusal
from core.host_refusals import NotYet
from core.model import Deployment, DeploymentStatus
from core.services.common.heartbeat import KeptLease
from core.services.common.lookup import fine_tune_of
from core.services.hosts.connections import Hosts
from core.services.learning.speaking import connected
from core.storage import deployments
from core.storage.engine import Connection, Database, now, to_json

log = logging.getLogger(__name__)

_POLL_SECONDS, _POLL_REMOTE_SECONDS = 1.0, 10.0
_LONGEST_WAIT_SECONDS = 60.0
_LOOKS_BEFORE_ASKING_AGAIN = 3
_MISTAKE = "An error in LabelLoop stopped this; the log has the details."


class DeploymentExecutor:
    """One claimed deployment, from wherever its row says it is until it is ready or gone; one that is ready is claimed
    again for a look now and then. No trouble with the host ends it but a
    plain refusal to make it: it may be there, and cost money."""

    def __init__(self, db: Database, hosts: Hosts, deployment: Deployment, owner: str) -> None:
        self._db, self._hosts, self._owner = db, hosts, owner
        self._row = deployment
        self._lease = KeptLease(db, self._renewed, f"deployment-{deployment.id}")
        self._lease.cancel_wanted = deployment.status is DeploymentStatus.LEAVING
        self._was_seen = deployment.status is not DeploymentStatus.STARTING
        self._looks_left = 0
        self._poll = _POLL_SECONDS

    @property
    def deployment_id(self) -> int:
        return self._row.id

    async def execute(self) -> None:
        """Until it is ready or gone, the lease is lost, or `interrupt`."""
        await self._lease.keep_during(self._carry_out)

    def interrupt(self) -> None:
        """Let go soon because the program ends; whoever claims it next follows it."""
        self._lease.let_go()

    def _renewed(self, conn: Connection) -> bool | None:
        return deployments.beat(conn, self._row.id, self._owner)

    def _carry_out(self) -> None:
        misses = 0
        while not self._lease.is_leaving:
            try:
                if self._step():
                    return
                misses, wait = 0, self._poll
            except Exception as error:
                misses += 1
                wait = self._wait_after(error, misses)
            self._lease.wait(wait)
        self._release()

    def _release(self) -> None:
        with self._db.write() as conn:
            deployments.release(conn, self._row.id, self._owner)

    def _wait_after(self, error: Exception, misses: int) -> float:
        if not isinstance(error, WorkbenchError):
            log.error("deployment %s met a bug", self._row.id, exc_info=error)
        said = str(error) if isinstance(error, WorkbenchError) else _MISTAKE
        try:
            self._record(message=f"Waiting for the host: {said}")
        except WorkbenchError as trouble:
            log.warning("deployment %s: %s", self._row.id, trouble)
        told = error.seconds if isinstance(error, NotYet) else None
        return max(min(_LONGEST_WAIT_SECONDS, self._poll * 2.0 ** min(misses, 10)), told or 0.0)

    def _step(self) -> bool:
        """True where there is no more to do."""
        with self._db.read() as conn:
            job = fine_tune_of(conn, self._row.fine_tune_id)
        host = self._hosts.get(job.host)
        self._poll = _POLL_SECONDS if host.is_local else _POLL_REMOTE_SECONDS
        jobs = connected(self._hosts, host)
        wanted = Wanted(self._row.name, job.fine_tuned_model or "", job.base_model, job.host_job_id or "")
        with self._db.write() as conn:
            self._lease.renew(conn)
        if self._lease.is_leaving:
            return False
        if self._lease.cancel_wanted:
            return self._taken_down(jobs, wanted)
        seen = jobs.deployment(wanted)
        if seen is not None:
            return self._stands(seen)
        if self._was_seen:
            return self._end(DeploymentStatus.GONE, "The host does not have it any more.")
        return self._asked_for(jobs, wanted)

    def _asked_for(self, jobs: Jobs, wanted: Wanted) -> bool:
        """Ask the host to make it; not again before it had time to show what it made of that."""
        self._looks_left -= 1
        if self._looks_left > 0:
            return False
        self._looks_left = _LOOKS_BEFORE_ASKING_AGAIN
        # Before the call: from here on it may be there, and cost money.
        self._record(billed_from=self._row.billed_from.timestamp() if self._row.billed_from else now())
        try:
            jobs.deploy(wanted)
        except WorkbenchError as error:
            if is_refusal(error.__cause__) and not isinstance(error, NotYet) and jobs.deployment(wanted) is None:
                self._record(billed_from=None)
                return self._end(DeploymentStatus.FAILED, str(error))
            raise
        return False

    def _stands(self, seen: Deployed) -> bool:
        self._was_seen = True
        facts = {
            "host_status": seen.host_status,
            "host_said": to_json(dict(seen.raw)),
            "message": seen.message,
            **({"called": seen.called} if seen.called else {}),
            **({"hourly": seen.hourly} if seen.hourly is not None else {}),
        }
        self._record(**facts)
        if not seen.status.is_live:
            return self._end(seen.status, seen.message or f"The host says “{seen.host_status}”.")
        with self._db.write() as conn:
            deployments.stands(conn, self._row.id, seen.status, held_by=self._owner)
        if seen.status is DeploymentStatus.READY:
            self._release()
            return True
        return False

    def _taken_down(self, jobs: Jobs, wanted: Wanted) -> bool:
        jobs.undeploy(wanted)
        seen = jobs.deployment(wanted)
        if seen is None or seen.status is DeploymentStatus.GONE:
            return self._end(DeploymentStatus.GONE, "")
        self._record(host_status=seen.host_status)
        return False

    def _end(self, status: DeploymentStatus, message: str) -> bool:
        with self._db.write() as conn:
            deployments.end(conn, self._row.id, status, message=message, held_by=self._owner)
        return True

    def _record(self, **values: object) -> None:
        with self._db.write() as conn:
            if not deployments.record(conn, self._row.id, held_by=self._owner, **values):
                self._lease.let_go()

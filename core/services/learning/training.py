"""Carrying out one fine-tune: begin, follow, cancel. The row exists before the host hears of it."""

import logging
import time

from core.errors import WorkbenchError
from core.finetune.dialects.jobs import Jobs
from core.host_refusals import NotYet
from core.model import FineTune, FineTuneStatus, Host
from core.services.hosts.connections import Hosts
from core.services.learning.creating import Creating
from core.services.learning.held_job import HeldJob
from core.services.learning.speaking import connected
from core.storage.engine import Database

log = logging.getLogger(__name__)

_POLL_SECONDS = 1.0
_POLL_REMOTE_SECONDS = 10.0
_LONGEST_WAIT_SECONDS = 60.0
NOT_YET_SECONDS, LONGEST_NOT_YET_SECONDS = 10.0, 1800.0
"""How often a host that would make a job later is asked again, and for how long in all."""
_MISTAKE = "An error in LabelLoop stopped this; the log has the details."


class FineTuneExecutor:
    """One claimed job, from wherever its row says it is to its end."""

    def __init__(self, db: Database, hosts: Hosts, job: FineTune, owner: str) -> None:
        self._hosts = hosts
        self._job = HeldJob(db, job, owner)
        self._lease = self._job.lease
        self._creating = Creating(db, self._job)
        self._jobs: Jobs | None = None
        self._host_job_id = job.host_job_id
        self._is_noted = job.host_job_id is not None
        # A model that stands there while the job goes on was named beforehand, and its name says nothing of an end.
        self._named_early = job.fine_tuned_model
        self._refused_since: float | None = None
        self._poll = _POLL_SECONDS
        self._cancelled = False

    @property
    def fine_tune_id(self) -> int:
        return self._job.facts.id

    async def execute(self) -> None:
        """Work until the job has ended, the lease is lost, or `interrupt`; the job's row then says where it stands."""
        await self._lease.keep_during(self._carry_out)

    def interrupt(self) -> None:
        """Let go soon because the program ends: the host trains on, and whoever claims the job next follows it."""
        self._lease.let_go()

    def _carry_out(self) -> None:
        try:
            if self._creating.may_be_at_host or self._job.may_go_on():
                self._keep_stepping()
            self._job.release()
        except WorkbenchError as error:
            self._job.finish(FineTuneStatus.FAILED, message=str(error))
        except Exception:
            log.exception("fine-tune %s ended by a bug", self._job.facts.id)
            self._job.finish(FineTuneStatus.FAILED, message=_MISTAKE)
            raise

    def _keep_stepping(self) -> None:
        """Look until the job has ended. Raises only what ends a job the host does not have."""
        misses = 0
        while not self._lease.is_leaving:
            try:
                if self._step():
                    return
                misses = 0
                wait = self._poll
            except Exception as error:
                if self._creating.may_be_at_host:
                    misses += 1
                    if self._is_over_after(error, misses):
                        return
                    wait = self._wait_after(error, misses)
                elif isinstance(error, NotYet):
                    wait = self._wait_before(error)
                else:
                    raise
            self._lease.wait(wait)

    def _wait_after(self, error: Exception, misses: int) -> float:
        """Seconds until a job that may be there is looked after again: as the host says, or longer each time."""
        backoff = 1.0 if self._lease.cancel_wanted else 2.0 ** min(misses, 10)
        wait = min(_LONGEST_WAIT_SECONDS, self._poll * backoff)
        told = error.seconds if isinstance(error, NotYet) and not self._lease.cancel_wanted else None
        return max(wait, told or 0.0)

    def _wait_before(self, refusal: NotYet) -> float:
        """Seconds until the host is asked again to take the job; raises the refusal where it was asked for too long."""
        now = time.monotonic()
        self._refused_since = self._refused_since or now
        left = LONGEST_NOT_YET_SECONDS - (now - self._refused_since)
        wait = NOT_YET_SECONDS if refusal.seconds is None else refusal.seconds
        if wait > left:
            raise WorkbenchError(refusal.message, f"LabelLoop tried for {LONGEST_NOT_YET_SECONDS / 60:.0f} minutes.")
        self._job.record(message=f"{refusal.message} Trying again for up to {left / 60:.0f} more minutes.")
        return wait

    def _step(self) -> bool:
        """Create the job, or find it, and look at it once. True where there is no more to do."""
        jobs = self._jobs = self._jobs or self._connected()
        self._host_job_id = self._host_job_id or self._creating.job_at(self._host(), jobs)
        self._named_early = self._named_early or jobs.named_at_creation
        if self._host_job_id is None:
            return True
        if not self._is_noted:
            self._job.record(host_job_id=self._host_job_id, status=FineTuneStatus.RUNNING)
            self._is_noted = True
        self._pass_on_cancel(jobs, self._host_job_id)
        self._pass_on_wish(jobs, self._host_job_id)
        state = jobs.look(self._host_job_id, self._named_early)
        self._job.store(state)
        self._named_early = state.fine_tuned_model or self._named_early
        return not state.status.is_live

    def _is_over_after(self, error: Exception, misses: int) -> bool:
        """Say what the job waits for; a job the user wants cancelled is not waited for much longer."""
        if not isinstance(error, WorkbenchError):
            log.error("fine-tune %s met a bug", self._job.facts.id, exc_info=error)
        said = str(error) if isinstance(error, WorkbenchError) else _MISTAKE
        if isinstance(error, NotYet):
            said = error.in_full
        # The embedded host may come back on another port with another token.
        self._jobs = None
        try:
            if self._lease.gives_up_after(misses):
                message = f"Cancelled here. The host could not be notified and may continue training: {said}"
                self._job.finish(FineTuneStatus.CANCELLED, message=message)
                return True
            self._job.record(message=f"Waiting for the host: {said}")
        except WorkbenchError as trouble:
            log.warning("fine-tune %s: %s", self._job.facts.id, trouble)
        return False

    def _host(self) -> Host:
        return self._hosts.get(self._job.facts.host)

    def _connected(self) -> Jobs:
        host = self._host()
        self._poll = _POLL_SECONDS if host.is_local else _POLL_REMOTE_SECONDS
        return connected(self._hosts, host)

    def _pass_on_cancel(self, jobs: Jobs, job_id: str) -> None:
        """A host that does not take the cancel now is told again at the next look."""
        if not self._lease.cancel_wanted or self._cancelled:
            return
        try:
            jobs.cancel(job_id)
            self._cancelled = True
        except WorkbenchError as error:
            log.warning("fine-tune %s: %s", self._job.facts.id, error)

    def _pass_on_wish(self, jobs: Jobs, job_id: str) -> None:
        """Pausing and resuming: told once, since a host that refuses it means that."""
        if not (wish := self._job.wish()):
            return
        try:
            {"pause": jobs.pause, "resume": jobs.resume}[wish](job_id)
        except WorkbenchError as error:
            log.warning("fine-tune %s: %s", self._job.facts.id, error)
            self._job.note(refused_wish=error.message)
        else:
            self._job.note(refused_wish="")
        self._job.record(wish="")

"""The row of one claimed fine-tune: written only while it is ours, the lease kept meanwhile."""

from dataclasses import replace

from core.finetune.dialects.jobs import JobState
from core.model import FineTune, FineTuneStatus
from core.services.common.heartbeat import KeptLease
from core.storage import fine_tunes
from core.storage.engine import Connection, Database, to_json


class HeldJob:
    """What is written of a job goes through here. Where somebody else holds it by now, nothing is, and the lease lets
    go. `facts` is the row as it was claimed, with what was noted since."""

    def __init__(self, db: Database, job: FineTune, owner: str) -> None:
        self._db, self._owner = db, owner
        self.facts = job
        self.lease = KeptLease(db, self._renewed, f"fine-tune-{job.id}")

    def _renewed(self, conn: Connection) -> bool | None:
        return fine_tunes.beat(conn, self.facts.id, self._owner)

    @property
    def mark(self) -> str:
        """What it is found again by on a host that keeps marks."""
        return f"{self.facts.id}-{int(self.facts.created_at.timestamp() * 1000)}"

    def may_go_on(self) -> bool:
        """Whether it is still ours and wanted: asked right before it begins to cost."""
        with self._db.write() as conn:
            go_on = self.lease.renew(conn)
        if go_on is False:
            self.finish(FineTuneStatus.CANCELLED, message="Cancelled before it started.")
        return bool(go_on) and not self.lease.is_leaving

    def record(self, **values: object) -> None:
        """Set columns of the row."""
        with self._db.write() as conn:
            is_ours = fine_tunes.record(conn, self.facts.id, held_by=self._owner, **values)
        if not is_ours:
            self.lease.let_go()

    def note(self, **facts: object) -> None:
        """Add to what is known of the job."""
        self.facts = replace(self.facts, config={**self.facts.config, **facts})
        self.record(config=dict(self.facts.config))

    def wish(self) -> str:
        """What the user wants of the job at its host by now."""
        with self._db.read() as conn:
            job = fine_tunes.get(conn, self.facts.id)
        return job.wish if job is not None else ""

    def store(self, state: JobState) -> None:
        """What the host says of it, the end included."""
        told = {
            "host_status": state.host_status,
            "fine_tuned_model": state.fine_tuned_model,
            "host_said": to_json({name: value for name, value in state.raw.items() if name != "events"}),
        }
        job_id, owner = self.facts.id, self._owner
        with self._db.write() as conn:
            fine_tunes.add_events(conn, job_id, state.events)
            if not state.status.is_live:
                fine_tunes.finish(conn, job_id, state.status, held_by=owner, message=state.message, **told)
            elif not fine_tunes.record(conn, job_id, held_by=owner, message=state.message, **told):
                self.lease.let_go()

    def finish(self, status: FineTuneStatus, *, message: str) -> None:
        with self._db.write() as conn:
            fine_tunes.finish(conn, self.facts.id, status, held_by=self._owner, message=message)

    def release(self) -> None:
        """Whoever claims it next need not wait for a lease to run out."""
        with self._db.write() as conn:
            fine_tunes.release(conn, self.facts.id, self._owner)

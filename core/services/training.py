"""Carrying out one fine-tune: upload, create, follow, cancel. The row exists before the host hears of it."""

import asyncio
import logging
import time

from core.errors import WorkbenchError
from core.finetune.dataset import training_jsonl
from core.finetune.openai_jobs import JobState, OpenAIJobs
from core.model import FineTune, FineTuneStatus
from core.services.hosts import Hosts
from core.services.training_set import TrainingSet, training_set
from core.storage import fine_tunes
from core.storage.engine import Database

log = logging.getLogger(__name__)

_POLL_SECONDS = 1.0
_POLL_REMOTE_SECONDS = 10.0
_BEAT_SECONDS = 1.0
_PATIENCE = 30


class FineTuneExecutor:
    """One claimed job, from wherever its row says it is to its end."""

    def __init__(self, db: Database, hosts: Hosts, job: FineTune, owner: str) -> None:
        self._db, self._hosts, self._job, self._owner = db, hosts, job, owner
        self._cancelled = False

    async def execute(self) -> None:
        await asyncio.to_thread(self._carry_out)

    def _carry_out(self) -> None:
        try:
            if self._cancelled_before_start():
                self._finish(FineTuneStatus.CANCELLED, message="Cancelled before it started.")
                return
            connection = self._hosts.connection(self._job.host)
            jobs = OpenAIJobs(connection.base_url, connection.key)
            job_id = self._job.host_job_id or jobs.find(self._mark()) or self._start(jobs)
            self._record(host_job_id=job_id, status=FineTuneStatus.RUNNING)
            self._follow(jobs, job_id)
        except WorkbenchError as error:
            self._finish(FineTuneStatus.FAILED, message=str(error))
        except Exception:
            log.exception("fine-tune %s ended by a bug", self._job.id)
            self._finish(FineTuneStatus.FAILED, message="LabelLoop made a mistake here; the log has the details.")
            raise

    def _cancelled_before_start(self) -> bool:
        with self._db.write() as conn:
            return self._job.host_job_id is None and fine_tunes.beat(conn, self._job.id, self._owner) is False

    def _mark(self) -> str:
        return f"{self._job.id}-{int(self._job.created_at.timestamp() * 1000)}"

    def _start(self, jobs: OpenAIJobs) -> str:
        self._record(status=FineTuneStatus.UPLOADING)
        chosen = self._training_set()
        train = jobs.upload("train.jsonl", training_jsonl(chosen.train))
        validation = jobs.upload("validation.jsonl", training_jsonl(chosen.validation)) if chosen.validation else None
        config = self._job.config
        return jobs.create(
            model=self._job.base_model,
            training_file=train,
            validation_file=validation,
            parameters=config["parameters"],
            suffix=config["suffix"],
            seed=config["seed"],
            mark=self._mark(),
        )

    def _training_set(self) -> TrainingSet:
        with self._db.read() as conn:
            return training_set(
                conn,
                self._job.project_id,
                self._job.annotator_id,
                self._job.prompt_version_id,
                with_validation=bool(self._job.config["with_validation"]),
            )

    def _follow(self, jobs: OpenAIJobs, job_id: str) -> None:
        """Look until the job has ended; a host that cannot be reached for a while is waited for."""
        wait = _POLL_SECONDS if self._hosts.get(self._job.host).is_local else _POLL_REMOTE_SECONDS
        misses = 0
        while True:
            try:
                state = jobs.look(job_id)
                misses = 0
            except WorkbenchError:
                misses += 1
                if misses > _PATIENCE:
                    raise
                jobs = self._reconnect()
            else:
                self._store(state)
                if not state.status.is_live:
                    return
            if not self._beat_for(wait, jobs, job_id):
                return

    def _reconnect(self) -> OpenAIJobs:
        """The embedded host may come back on another port with another token."""
        connection = self._hosts.connection(self._job.host)
        return OpenAIJobs(connection.base_url, connection.key)

    def _beat_for(self, seconds: float, jobs: OpenAIJobs, job_id: str) -> bool:
        """Keep the lease while waiting; pass a wish to cancel on to the host. False where the lease is lost."""
        until = time.monotonic() + seconds
        while True:
            with self._db.write() as conn:
                go_on = fine_tunes.beat(conn, self._job.id, self._owner)
            if go_on is None:
                return False
            if not go_on and not self._cancelled:
                self._cancelled = True
                jobs.cancel(job_id)
                return True
            left = until - time.monotonic()
            if left <= 0:
                return True
            time.sleep(min(left, _BEAT_SECONDS))

    def _store(self, state: JobState) -> None:
        with self._db.write() as conn:
            fine_tunes.add_events(conn, self._job.id, state.events)
            facts = {"host_status": state.host_status, "fine_tuned_model": state.fine_tuned_model}
            if state.status.is_live:
                fine_tunes.record(conn, self._job.id, **facts)
            else:
                fine_tunes.finish(conn, self._job.id, state.status, message=state.message, **facts)

    def _record(self, **values: object) -> None:
        with self._db.write() as conn:
            fine_tunes.record(conn, self._job.id, **values)

    def _finish(self, status: FineTuneStatus, *, message: str) -> None:
        with self._db.write() as conn:
            fine_tunes.finish(conn, self._job.id, status, message=message)

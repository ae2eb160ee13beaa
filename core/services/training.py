"""Carrying out one fine-tune: upload, create, follow, cancel. The row exists before the host hears of it."""

import asyncio
import logging
import threading

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
        self._cancel_wanted = False
        self._cancelled = False
        self._leaving = False
        self._wake = threading.Event()

    @property
    def fine_tune_id(self) -> int:
        return self._job.id

    async def execute(self) -> None:
        """Work until the job has ended, the lease is lost, or `interrupt`; the job's row then says where it stands.

        The lease is renewed all the while: an upload, or a host slow to answer, may take longer than it lasts.
        """
        work = asyncio.ensure_future(asyncio.to_thread(self._carry_out))
        try:
            while not work.done():
                await asyncio.wait({work}, timeout=_BEAT_SECONDS)
                if not work.done():
                    await asyncio.to_thread(self._beat)
            work.result()
        finally:
            self.interrupt()

    def interrupt(self) -> None:
        """Let go soon because the program ends: the host trains on, and whoever claims the job next follows it."""
        self._leaving = True
        self._wake.set()

    def _beat(self) -> None:
        try:
            with self._db.write() as conn:
                go_on = fine_tunes.beat(conn, self._job.id, self._owner)
        except WorkbenchError as error:
            log.warning("the lease of fine-tune %s could not be renewed: %s", self._job.id, error)
            return
        if go_on is None:
            self.interrupt()
        elif not go_on and not self._cancel_wanted:
            self._cancel_wanted = True
            self._wake.set()

    def _carry_out(self) -> None:
        try:
            if self._cancelled_before_start():
                self._finish(FineTuneStatus.CANCELLED, message="Cancelled before it started.")
                return
            connection = self._hosts.connection(self._job.host)
            jobs = OpenAIJobs(connection.base_url, connection.key)
            job_id = self._job.host_job_id or self._found(jobs) or self._start(jobs)
            self._record(host_job_id=job_id, status=FineTuneStatus.RUNNING)
            self._follow(jobs, job_id)
            if self._leaving:
                self._release()
        except WorkbenchError as error:
            self._finish(FineTuneStatus.FAILED, message=str(error))
        except Exception:
            log.exception("fine-tune %s ended by a bug", self._job.id)
            self._finish(FineTuneStatus.FAILED, message="LabelLoop made a mistake here; the log has the details.")
            raise

    def _cancelled_before_start(self) -> bool:
        with self._db.write() as conn:
            return self._job.host_job_id is None and fine_tunes.beat(conn, self._job.id, self._owner) is False

    def _found(self, jobs: OpenAIJobs) -> str | None:
        """The job an earlier owner created but did not live to write down. Before the first upload there is none."""
        return None if self._job.status is FineTuneStatus.QUEUED else jobs.find(self._mark())

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
        while not self._leaving:
            try:
                self._pass_on_cancel(jobs, job_id)
                state = jobs.look(job_id)
                self._store(state)
                misses = 0
                if not state.status.is_live:
                    return
            except WorkbenchError:
                misses += 1
                if misses > _PATIENCE:
                    raise
                jobs = self._reconnected(jobs)
            self._wake.wait(wait)
            self._wake.clear()

    def _reconnected(self, jobs: OpenAIJobs) -> OpenAIJobs:
        """The embedded host may come back on another port with another token."""
        try:
            connection = self._hosts.connection(self._job.host)
        except WorkbenchError:
            return jobs
        return OpenAIJobs(connection.base_url, connection.key)

    def _pass_on_cancel(self, jobs: OpenAIJobs, job_id: str) -> None:
        """A host that does not take the cancel now is told again at the next look."""
        if not self._cancel_wanted or self._cancelled:
            return
        try:
            jobs.cancel(job_id)
            self._cancelled = True
        except WorkbenchError as error:
            log.warning("fine-tune %s: %s", self._job.id, error)

    def _store(self, state: JobState) -> None:
        with self._db.write() as conn:
            fine_tunes.add_events(conn, self._job.id, state.events)
            facts = {"host_status": state.host_status, "fine_tuned_model": state.fine_tuned_model}
            if state.status.is_live:
                fine_tunes.record(conn, self._job.id, **facts)
            else:
                fine_tunes.finish(conn, self._job.id, state.status, message=state.message, **facts)

    def _release(self) -> None:
        with self._db.write() as conn:
            fine_tunes.release(conn, self._job.id, self._owner)

    def _record(self, **values: object) -> None:
        with self._db.write() as conn:
            fine_tunes.record(conn, self._job.id, **values)

    def _finish(self, status: FineTuneStatus, *, message: str) -> None:
        with self._db.write() as conn:
            fine_tunes.finish(conn, self._job.id, status, message=message)

"""Carrying out one fine-tune: upload, create, follow, cancel. The row exists before the host hears of it."""

import logging
import threading
import time
from dataclasses import replace

from core.errors import WorkbenchError
from core.finetune.openai_jobs import JobState, OpenAIJobs
from core.finetune.orders import Order
from core.host_refusals import NotYet, Unanswered
from core.hosts.control import sdk_client
from core.hosts.explaining import Explaining
from core.hosts.secrecy import Hider
from core.model import FineTune, FineTuneStatus
from core.services.asking.frozen import frozen_config, masking_of
from core.services.asking.masking import masker_for
from core.services.asking.wording import words_of
from core.services.common.heartbeat import beside_a_heartbeat
from core.services.hosts.connections import Hosts
from core.services.learning.fine_tuning import Preflight, checked
from core.services.learning.training_set import training_set
from core.storage import fine_tunes, taught
from core.storage.engine import Database

log = logging.getLogger(__name__)

_POLL_SECONDS = 1.0
_POLL_REMOTE_SECONDS = 10.0
_LONGEST_WAIT_SECONDS = 60.0
_BEAT_SECONDS = 1.0
_TRIES_TO_CANCEL = 3
NOT_YET_SECONDS, LONGEST_NOT_YET_SECONDS = 10.0, 1800.0
"""How often a host that would make a job later is asked again, and for how long in all."""
_MISTAKE = "LabelLoop made a mistake here; the log has the details."


class FineTuneExecutor:
    """One claimed job, from wherever its row says it is to its end."""

    def __init__(self, db: Database, hosts: Hosts, job: FineTune, owner: str) -> None:
        self._db, self._hosts, self._job, self._owner = db, hosts, job, owner
        self._jobs: OpenAIJobs | None = None
        self._host_job_id = job.host_job_id
        self._is_noted = job.host_job_id is not None
        # Once a job may be at the host it may cost money: from then on no trouble of ours declares it over.
        self._may_be_at_host = job.status is not FineTuneStatus.QUEUED
        # A model that stands there while the job goes on was named beforehand, and its name says nothing of an end.
        self._named_early = job.fine_tuned_model
        self._create_trouble: Unanswered | None = None
        self._taught: Preflight | None = None
        self._uploaded: dict[str, str] = {}
        self._refused_since: float | None = None
        self._poll = _POLL_SECONDS
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
        try:
            await beside_a_heartbeat(
                self._carry_out, self._beat, every=_BEAT_SECONDS, name=f"labelloop-fine-tune-{self._job.id}"
            )
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
            if self._may_be_at_host or self._may_go_on():
                self._keep_stepping()
            self._release()
        except WorkbenchError as error:
            self._finish(FineTuneStatus.FAILED, message=str(error))
        except Exception:
            log.exception("fine-tune %s ended by a bug", self._job.id)
            self._finish(FineTuneStatus.FAILED, message=_MISTAKE)
            raise

    def _keep_stepping(self) -> None:
        """Look until the job has ended. Raises only what ends a job the host does not have."""
        misses = 0
        while not self._leaving:
            try:
                if self._step():
                    return
                misses = 0
                wait = self._poll
            except Exception as error:
                if self._may_be_at_host:
                    misses += 1
                    if self._is_over_after(error, misses):
                        return
                    wait = self._wait_after(error, misses)
                elif isinstance(error, NotYet):
                    wait = self._wait_before(error)
                else:
                    raise
            self._wake.wait(wait)
            self._wake.clear()

    def _wait_after(self, error: Exception, misses: int) -> float:
        """Seconds until a job that may be there is looked after again: as the host says, or longer each time."""
        backoff = 1.0 if self._cancel_wanted else 2.0 ** min(misses, 10)
        wait = min(_LONGEST_WAIT_SECONDS, self._poll * backoff)
        told = error.seconds if isinstance(error, NotYet) and not self._cancel_wanted else None
        return max(wait, told or 0.0)

    def _wait_before(self, refusal: NotYet) -> float:
        """Seconds until the host is asked again to take the job; raises the refusal where it was asked for too long."""
        now = time.monotonic()
        self._refused_since = self._refused_since or now
        left = LONGEST_NOT_YET_SECONDS - (now - self._refused_since)
        wait = NOT_YET_SECONDS if refusal.seconds is None else refusal.seconds
        if wait > left:
            raise WorkbenchError(refusal.message, f"It was asked for {LONGEST_NOT_YET_SECONDS / 60:.0f} minutes.")
        self._record(message=f"{refusal.message} Asked again until it does, for {left / 60:.0f} more minutes at most.")
        return wait

    def _step(self) -> bool:
        """Create the job, or find it, and look at it once. True where there is no more to do."""
        jobs = self._jobs = self._jobs or self._connected()
        self._host_job_id = self._host_job_id or self._found(jobs) or self._start(jobs)
        self._named_early = self._named_early or jobs.named_at_creation
        if self._host_job_id is None:
            return True
        if not self._is_noted:
            self._record(host_job_id=self._host_job_id, status=FineTuneStatus.RUNNING)
            self._is_noted = True
        self._pass_on_cancel(jobs, self._host_job_id)
        state = jobs.look(self._host_job_id, self._named_early)
        self._store(state)
        self._named_early = state.fine_tuned_model or self._named_early
        return not state.status.is_live

    def _is_over_after(self, error: Exception, misses: int) -> bool:
        """Say what the job waits for; a job the user wants cancelled is not waited for much longer."""
        if not isinstance(error, WorkbenchError):
            log.error("fine-tune %s met a bug", self._job.id, exc_info=error)
        said = str(error) if isinstance(error, WorkbenchError) else _MISTAKE
        if isinstance(error, NotYet):
            said = error.in_full
        # The embedded host may come back on another port with another token.
        self._jobs = None
        try:
            if self._cancel_wanted and misses >= _TRIES_TO_CANCEL:
                message = f"Cancelled here. The host could not be told and may train on: {said}"
                self._finish(FineTuneStatus.CANCELLED, message=message)
                return True
            self._record(message=f"Waiting for the host: {said}")
        except WorkbenchError as trouble:
            log.warning("fine-tune %s: %s", self._job.id, trouble)
        return False

    def _connected(self) -> OpenAIJobs:
        connection = self._hosts.connection(self._job.host)
        self._poll = _POLL_SECONDS if self._hosts.get(self._job.host).is_local else _POLL_REMOTE_SECONDS
        client, hide = sdk_client(connection, timeout=60.0, max_retries=3), Hider(*connection.secrets).text
        return OpenAIJobs(client, hide, Explaining(hide))

    def _may_go_on(self) -> bool:
        """Whether the job is still ours and wanted: asked right before it begins to cost."""
        with self._db.write() as conn:
            go_on = fine_tunes.beat(conn, self._job.id, self._owner)
        if go_on is None:
            self.interrupt()
        elif not go_on:
            self._finish(FineTuneStatus.CANCELLED, message="Cancelled before it started.")
        return bool(go_on) and not self._leaving

    def _found(self, jobs: OpenAIJobs) -> str | None:
        """The job that was created without its id being written down. Before the first upload there is none."""
        if not self._may_be_at_host:
            return None
        found = jobs.find(self._mark(), self._job.config.get("training_file"))
        self._may_be_at_host = found is not None
        if found is None and self._create_trouble is not None:
            raise self._create_trouble
        return found

    def _mark(self) -> str:
        return f"{self._job.id}-{int(self._job.created_at.timestamp() * 1000)}"

    def _start(self, jobs: OpenAIJobs) -> str | None:
        """The host's id of the new job; None where it must not be created any more."""
        train, validation = self._upload(jobs)
        if not self._may_go_on():
            return None
        order = self._order(train, validation)
        # By the file a job is found again on a host that keeps no marks.
        self._note(training_file=train)
        self._may_be_at_host = True
        try:
            return self._create(jobs, order)
        except Unanswered as trouble:
            self._create_trouble = trouble
            raise
        except WorkbenchError:
            self._may_be_at_host = False
            raise

    def _create(self, jobs: OpenAIJobs, order: Order) -> str:
        """With what the host's earlier jobs had to leave out left out; what this one had to is noted for the next."""
        with self._db.read() as conn:
            known = fine_tunes.left_out(conn, self._job.host)
        left_out = set(known)
        try:
            return jobs.create(order, left_out)
        finally:
            if left_out:
                self._note(left_out=sorted(left_out))

    def _upload(self, jobs: OpenAIJobs) -> tuple[str, str | None]:
        """The host's ids of the files; each is sent once, however often the host says not yet."""
        if self._taught is None:
            self._record(status=FineTuneStatus.UPLOADING)
            self._taught = self._chosen()
        files = {"train.jsonl": self._taught.jsonl}
        if self._taught.training.validation:
            files["validation.jsonl"] = self._taught.validation_jsonl
        for name, content in files.items():
            if name not in self._uploaded:
                self._uploaded[name] = jobs.upload(name, content())
        return self._uploaded["train.jsonl"], self._uploaded.get("validation.jsonl")

    def _order(self, train: str, validation: str | None) -> Order:
        config = self._job.config
        return Order(
            model=self._job.base_model,
            training_file=train,
            validation_file=validation,
            parameters=config["parameters"],
            suffix=config["suffix"],
            seed=config["seed"],
            mark=self._mark(),
            extra=self._hosts.get(self._job.host).extra,
        )

    def _note(self, **facts: object) -> None:
        """Add to what is known of the job."""
        self._job = replace(self._job, config={**self._job.config, **facts})
        self._record(config=dict(self._job.config))

    def _chosen(self) -> Preflight:
        """What is taught: labels may have changed since the job was asked for, so it is checked and counted again."""
        masking = masking_of(self._job.config)
        masker = masker_for(self._db, masking)
        with self._db.read() as conn:
            training = training_set(
                conn,
                self._job.project_id,
                self._job.annotator_id,
                self._job.prompt_version_id,
                with_validation=bool(self._job.config["with_validation"]),
                with_fallback=bool(self._job.config.get("with_fallback", False)),
                masker=masker,
            )
        chosen = checked(training, masking)
        chosen.raise_if_blocked()
        with self._db.write() as conn:
            taught.add(conn, self._job.id, training.texts)
            taught.inherit(conn, self._job.id, self._job.base_model)
        self._record(n_train=len(training.train), n_validation=len(training.validation))
        asked = words_of(frozen_config(training.task, training.version))
        self._note(per_label=chosen.per_label, tokens=chosen.tokens, asked=asked)
        return chosen

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
        facts = {"host_status": state.host_status, "fine_tuned_model": state.fine_tuned_model}
        with self._db.write() as conn:
            fine_tunes.add_events(conn, self._job.id, state.events)
            if not state.status.is_live:
                fine_tunes.finish(conn, self._job.id, state.status, held_by=self._owner, message=state.message, **facts)
            elif not fine_tunes.record(conn, self._job.id, held_by=self._owner, message=state.message, **facts):
                self.interrupt()

    def _release(self) -> None:
        with self._db.write() as conn:
            fine_tunes.release(conn, self._job.id, self._owner)

    def _record(self, **values: object) -> None:
        with self._db.write() as conn:
            is_ours = fine_tunes.record(conn, self._job.id, held_by=self._owner, **values)
        if not is_ours:
            self.interrupt()

    def _finish(self, status: FineTuneStatus, *, message: str) -> None:
        with self._db.write() as conn:
            fine_tunes.finish(conn, self._job.id, status, held_by=self._owner, message=message)

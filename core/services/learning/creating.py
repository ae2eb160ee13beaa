"""A fine-tune's beginning at its host: files uploaded once, the job created once, or found again after a kill."""

import logging
import re
from tempfile import TemporaryFile
from typing import BinaryIO

from core.errors import WorkbenchError
from core.finetune.dialects.jobs import Jobs
from core.finetune.orders import Order, Sought
from core.finetune.subset import subset_in
from core.host_refusals import Unanswered
from core.model import FineTuneStatus, Host
from core.services.asking.frozen import masking_of
from core.services.asking.masking import masker_for
from core.services.common.files import media_of
from core.services.common.training_files import NOTED, TRAIN, VALIDATION, KeptFile, noted, training_files_of
from core.services.learning.fine_tuning import method_of
from core.services.learning.held_job import HeldJob
from core.services.learning.preflight import Preflight, TuneRequest
from core.services.learning.same_set import preflight_for
from core.services.learning.selection import read_selection
from core.storage import fine_tunes, taught
from core.storage.engine import Database

log = logging.getLogger(__name__)
_LIKE_NO_OTHER = re.compile(r"-[0-9a-f]{6}$")


class Creating:
    """Creates the host's job of a row, once. Keep it between tries: a host that says "not yet" gets no file twice.

    `may_be_at_host` says whether there may be a job at the host. It may cost money then: from there on no trouble of
    ours declares it over.
    """

    def __init__(self, db: Database, job: HeldJob) -> None:
        self._db, self._job = db, job
        self.may_be_at_host = job.facts.status is not FineTuneStatus.QUEUED
        self._trouble: Unanswered | None = None
        self._taught: Preflight | None = None
        self._uploaded: dict[str, str] = {}
        self._kept: dict[str, KeptFile] = {}

    def job_at(self, host: Host, jobs: Jobs) -> str | None:
        """The host's id of the job, found or created; None where it must not be created any more."""
        return self._found(jobs) or self._start(host, jobs)

    def _found(self, jobs: Jobs) -> str | None:
        """The job that was created without its id being written down. Before the first upload there is none."""
        if not self.may_be_at_host:
            return None
        found = jobs.find(self._sought())
        self.may_be_at_host = found is not None
        if found is None and self._trouble is not None:
            raise self._trouble
        return found

    def _sought(self) -> Sought:
        config = self._job.facts.config
        suffix = str(config.get("suffix") or "")
        suffix = suffix if _LIKE_NO_OTHER.search(suffix) else ""
        return Sought(self._job.mark, suffix, config.get("training_file"))

    def _start(self, host: Host, jobs: Jobs) -> str | None:
        train, validation = self._upload(jobs)
        if not self._job.may_go_on():
            return None
        order = self._order(host, train, validation)
        # By the file a job is found again on a host that keeps no marks.
        self._job.note(training_file=train, estimate=self._estimated(jobs, order))
        self.may_be_at_host = True
        try:
            return self._create(jobs, order)
        except Unanswered as trouble:
            self._trouble = trouble
            raise
        except WorkbenchError:
            self.may_be_at_host = False
            raise

    def _estimated(self, jobs: Jobs, order: Order) -> float | None:
        """What the host says it will cost, in dollars. Raises `WorkbenchError` where the account may not spend that."""
        try:
            found = jobs.estimate(order)
        except WorkbenchError as error:
            log.info("fine-tune %s: no estimate: %s", self._job.facts.id, error)
            return None
        if found is not None and not found.is_allowed:
            said = f"The host estimates ${found.dollars:,.2f}, which is more than the account may spend."
            raise WorkbenchError(said, "Raise its limit there, or teach fewer examples.")
        return None if found is None else found.dollars

    def _create(self, jobs: Jobs, order: Order) -> str:
        """With what the host's earlier jobs had to leave out left out; what this one had to is noted for the next."""
        with self._db.read() as conn:
            known = fine_tunes.left_out(conn, self._job.facts.host)
        left_out = set(known)
        try:
            return jobs.create(order, left_out)
        finally:
            if left_out:
                self._job.note(left_out=sorted(left_out))

    def _upload(self, jobs: Jobs) -> tuple[str, str | None]:
        """The host's ids of the files; each is kept as it is sent, and sent once, however often the host says not
        yet."""
        if self._taught is None:
            self._job.record(status=FineTuneStatus.UPLOADING)
            self._taught = self._chosen()
        for name in [TRAIN, *([VALIDATION] if self._taught.training.validation else [])]:
            if name not in self._uploaded:
                with TemporaryFile() as content:
                    self._taught.write(content, validation=name == VALIDATION)
                    self._kept[name] = _kept(self._db, content)
                    self._job.note(**{NOTED: noted(self._kept)})
                    self._uploaded[name] = self._once(name, content, jobs)
        return self._uploaded[TRAIN], self._uploaded.get(VALIDATION)

    def _once(self, name: str, content: BinaryIO, jobs: Jobs) -> str:
        """The host's id of a file; it is not sent again where the very same is there since before the program died."""
        called = f"labelloop-{self._job.mark}-{self._kept[name].sha256[:8]}-{name}"
        known = self._job.facts.config.get("uploaded") or {}
        if called not in known:
            content.seek(0)
            known = {**known, called: jobs.upload(called, content)}
            self._job.note(uploaded=known)
        return str(known[called])

    def _order(self, host: Host, train: str, validation: str | None) -> Order:
        config = self._job.facts.config
        return Order(
            model=self._job.facts.base_model,
            training_file=train,
            validation_file=validation,
            parameters=config["parameters"],
            suffix=config["suffix"],
            seed=config["seed"],
            mark=self._job.mark,
            extra=host.extra,
            method=method_of(self._job.facts),
        )

    def _chosen(self) -> Preflight:
        """What is taught: labels may have changed since the job was asked for, so it is checked and counted again."""
        job = self._job.facts
        masking = masking_of(job.config)
        masker = masker_for(self._db, masking)
        request = TuneRequest(
            job.project_id,
            job.annotator_id,
            job.prompt_version_id,
            with_validation=bool(job.config["with_validation"]),
            with_fallback=bool(job.config.get("with_fallback", False)),
            masking=masking,
            method=method_of(job),
            against=job.config.get("against"),
            base_model=job.base_model,
            selection=read_selection(job.config.get("selection")),
            subset=subset_in(job.config),
            same_as=job.config.get("same_as"),
        )
        with self._db.read() as conn:
            chosen = preflight_for(self._db, conn, request, masker, media_of(self._db))
        training = chosen.training
        chosen.raise_if_blocked()
        with self._db.write() as conn:
            taught.add(conn, job.id, training.texts)
            taught.inherit(conn, job.id, job.base_model)
            if request.same_as is not None:
                taught.copy(conn, request.same_as, job.id)
        self._job.record(n_train=len(training.train), n_validation=len(training.validation))
        counted = {"per_question": chosen.per_question} if chosen.per_question else {}
        self._job.note(per_label=chosen.per_label, tokens=chosen.tokens, asked=chosen.asked, **counted)
        return chosen


def _kept(db: Database, content: BinaryIO) -> KeptFile:
    content.seek(0)
    return training_files_of(db).keep(content)

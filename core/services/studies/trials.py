"""One trial, step by step: its fine-tune, then its model's answers on validation, then the score of these."""

from dataclasses import replace
from typing import Any

from core.errors import Passing, WorkbenchError
from core.finetune.subset import subset_in
from core.model import Estimate, FineTune, FineTuneStatus, Run, RunStatus, Split, Study, StudyKind, Trial, TrialStatus
from core.services.common.lookup import fine_tune_of, run_of
from core.services.common.tables import headline_of, source_of_runs
from core.services.hosts.connections import Hosts
from core.services.hosts.prices import Prices
from core.services.learning.fine_tuning import FineTuning, follow_ups
from core.services.learning.preflight import TuneRequest
from core.services.learning.selection import read_selection
from core.services.runs.running import Running
from core.storage import annotators, fine_tunes, runs, studies
from core.storage.engine import Connection, Database

BEHIND = "Ended early: its validation score was below the median of the others."
_WORDS = {StudyKind.CURVE: "curve", StudyKind.SEARCH: "search"}


def request_of(study: Study, trial: Trial | None = None) -> TuneRequest:
    """What the fine-tunes of the study teach; a trial's own part of the examples, where it has one."""
    told = study.config["request"]
    return TuneRequest(
        study.project_id,
        told["annotator_id"],
        told["version_id"],
        with_validation=told["with_validation"],
        with_fallback=told["with_fallback"],
        method=told["method"],
        against=told["against"],
        selection=read_selection(told.get("selection")),
        subset=subset_in(trial.config) if trial else None,
    )


def title_of(study: Study, trial: Trial) -> str:
    """How its model is called: `curve 1: 200 examples, deal 2`, `search 1: trial 5`."""
    begins = f"{_WORDS[study.kind]} {study.config['number']}"
    subset = subset_in(trial.config)
    return f"{begins}: {subset.n:,} examples, deal {subset.seed}" if subset else f"{begins}: trial {trial.number}"


class TrialSteps:
    """Each step is written down before the next is taken: whoever takes a trial over goes on from there."""

    def __init__(self, db: Database, hosts: Hosts) -> None:
        self._db = db
        self._tuning, self._running = FineTuning(db, hosts), Running(db, hosts, Prices(db))

    def begin(self, study: Study, trial: Trial) -> None:
        """Its fine-tune, or the one that was begun for it before a kill."""
        with self._db.read() as conn:
            job_id = studies.fine_tune_of(conn, study.id, trial.number)
        try:
            job_id = job_id or self._start(study, trial).id
        except Passing:
            raise
        except WorkbenchError as error:
            self._set(trial, status=TrialStatus.FAILED, message=str(error))
            return
        self._set(trial, status=TrialStatus.TRAINING, fine_tune_id=job_id)

    def _start(self, study: Study, trial: Trial) -> FineTune:
        subset = subset_in(trial.config)
        return self._tuning.start(
            request_of(study, trial),
            host=study.config["host"],
            base_model=study.config["base_model"],
            parameters={**study.config["parameters"], **(trial.config.get("parameters") or {})},
            seed=subset.seed if subset else int(study.config.get("seed", 0)),
            trial={"study": study.id, "number": trial.number, "title": title_of(study, trial)},
        )

    def step(self, trial: Trial) -> None:
        """Look at what it waits for, and go on where that is done."""
        try:
            if trial.status is TrialStatus.TRAINING:
                self._after_training(trial)
            else:
                self._after_asking(trial)
        except Passing:
            raise
        except WorkbenchError as error:
            self._set(trial, status=TrialStatus.FAILED, message=str(error))

    def _after_training(self, trial: Trial) -> None:
        job = self._job(trial)
        if job.status.is_live:
            return
        if job.status is not FineTuneStatus.SUCCEEDED:
            if trial.message == BEHIND:
                self._set(trial, status=TrialStatus.PRUNED)
                return
            status = TrialStatus.CANCELLED if job.status is FineTuneStatus.CANCELLED else TrialStatus.FAILED
            self._set(trial, status=status, message=job.message)
            return
        run = self._run_of(job) or self._asked(job)
        self._set(trial, status=TrialStatus.ASKING, run_id=run.id)

    def _asked(self, job: FineTune) -> Run:
        started = self._running.start_missing(follow_ups(job, Split.VALIDATION))
        if not started:
            raise WorkbenchError("There was no validation item to ask its model about.", "Split the items on Data.")
        return started[-1]

    def _run_of(self, job: FineTune) -> Run | None:
        """The run that was started for it before a kill."""
        with self._db.read() as conn:
            everyone = annotators.list_all(conn, job.project_id)
            its = [one.id for one in everyone if one.fine_tune_id == job.id]
            known = [run for one in its for run in runs.of_annotator(conn, one)]
        return next((run for run in known if run.config.get("split") == Split.VALIDATION), None)

    def _after_asking(self, trial: Trial) -> None:
        run = self._run(trial)
        if run.status is RunStatus.INTERRUPTED and run.missing:
            self._running.resume(run.id)
        elif run.status is RunStatus.CANCELLED:
            self._set(trial, status=TrialStatus.CANCELLED, message=run.message)
        elif run.status is RunStatus.FAILED:
            self._set(trial, status=TrialStatus.FAILED, message=run.message)
        elif run.status in (RunStatus.DONE, RunStatus.INTERRUPTED):
            self._tell(trial, run)

    def _tell(self, trial: Trial, run: Run) -> None:
        job = self._job(trial)
        with self._db.read() as conn:
            score = score_of(conn, run, job.annotator_id)
        if score.value is None:
            message = f"Its answers have no score: {score.undefined or 'nothing to compare them with'}."
            self._set(trial, status=TrialStatus.FAILED, message=message)
            return
        self._set(trial, status=TrialStatus.DONE, score=score, message="")

    def stop(self, trial: Trial) -> None:
        """Have whatever it waits for cancelled; `step` then sees it end."""
        with self._db.read() as conn:
            job = None if trial.fine_tune_id is None else fine_tunes.get(conn, trial.fine_tune_id)
            run = None if trial.run_id is None else runs.get(conn, trial.run_id)
        if job is not None and job.status.is_live:
            self._tuning.cancel(job.id)
        if run is not None and (run.status.is_live or run.status is RunStatus.PAUSED) and not run.cancel_requested:
            self._running.cancel(run.id)

    def prune(self, trial: Trial) -> None:
        """End its training, since it is behind. Noted first, so that after a kill it is known why its job ended."""
        self._set(trial, message=BEHIND)
        self.stop(trial)
        self._set(trial, status=TrialStatus.PRUNED)

    def keep(self, trial: Trial, tried: int) -> None:
        """Make its model one like any other: it was found best of so many."""
        with self._db.write() as conn:
            job = fine_tune_of(conn, trial.fine_tune_id or 0)
            told = {**job.config["trial"], "best": tried}
            fine_tunes.record(conn, job.id, config={**job.config, "trial": told})

    def end(self, trial: Trial, status: TrialStatus, message: str = "") -> None:
        self._set(trial, status=status, message=message)

    def waits_for(self, trial: Trial) -> str:
        """Why it does not get on, in the words of its job or run; "" where it does."""
        if trial.status is TrialStatus.TRAINING:
            return self._job(trial).message
        run = self._run(trial)
        return run.message if run.status is RunStatus.PAUSED else ""

    def _job(self, trial: Trial) -> FineTune:
        with self._db.read() as conn:
            return fine_tune_of(conn, trial.fine_tune_id or 0)

    def _run(self, trial: Trial) -> Run:
        with self._db.read() as conn:
            return run_of(conn, trial.run_id or 0)

    def _set(self, trial: Trial, **values: Any) -> None:
        with self._db.write() as conn:
            studies.set_trial(conn, trial.id, **values)


def score_of(conn: Connection, run: Run, reference: int) -> Estimate:
    """The figure told first of its answers against whom it learned from. Its run is on validation, never on test."""
    told = headline_of(conn, run.project_id, source_of_runs(conn, run.project_id, [run.id], reference))
    return replace(told, rough="")

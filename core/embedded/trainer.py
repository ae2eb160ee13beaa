"""Carries out fine-tuning jobs, one at a time, on a thread of its own."""

import functools
import io
import json
import logging
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import numpy as np

from core.embedded.chat import BASE_MODEL
from core.embedded.dataset import Dataset, InvalidFile
from core.embedded.encoder import MAX_TOKENS
from core.embedded.files import RESULTS, Files
from core.embedded.head import Epoch
from core.embedded.heads.saved import Head
from core.embedded.heads.settings import Settings
from core.embedded.hyperparameters import AUTO, resolve
from core.embedded.jobs import Jobs, Lost
from core.embedded.keeping import LOSS, Keeping
from core.embedded.lesson import Features, Lesson
from core.embedded.lessons import LESSONS
from core.embedded.models import Models
from core.embedded.pictures.features import PICTURE_TOKENS
from core.embedded.progress import Progress, hold_out
from core.embedded.senses import PatientSenses
from core.embedded.starts import said_of_start
from core.embedded.training_data import load_training, load_validation

log = logging.getLogger("labelloop.embedded")

POLL_SECONDS = 2.0
ENCODE_AT_ONCE = 32  # small, so that requests, heartbeats and cancelling get their turn
HELD_OUT_FROM = 50
MAX_ATTEMPTS = 5  # a job that takes the whole process down must not do so for ever


class Trainer:
    """`senses` are the encoder's, `count` maps texts to numbers of tokens. `start` begins to look for jobs."""

    def __init__(
        self,
        jobs: Jobs,
        files: Files,
        models: Models,
        senses: PatientSenses,
        count: Callable[[list[str]], list[int]],
    ) -> None:
        self._jobs = jobs
        self._files = files
        self._models = models
        self._senses = senses
        self._count = count
        self._owner = uuid.uuid4().hex
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="trainer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Says that there may be a new job."""
        self._wake.set()

    def stop(self) -> None:
        """Stops within a step and gives the job back, for the next process to take up."""
        self._stopping = True
        self._wake.set()
        self._thread.join(5)
        self._jobs.release(self._owner)

    def work_once(self) -> bool:
        """Carries out one job to its end, if there is one; whether there was."""
        identity = self._jobs.claim(self._owner)
        if identity is None:
            return False
        try:
            self._carry_out(identity)
        except Lost:
            log.info("job %s was cancelled or taken over", identity)
        except InvalidFile as error:
            self._fail(identity, "invalid_training_file", error.message, error.param)
        except Exception as error:
            log.exception("job %s failed", identity)
            self._fail(identity, "server_error", f"The embedded host failed: {error}", None)
        return True

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                while not self._stopping and self.work_once():
                    pass
            except Exception:
                log.exception("looking for jobs failed")
            self._wake.wait(POLL_SECONDS)

    def _fail(self, identity: str, code: str, message: str, param: str | None) -> None:
        error = json.dumps({"code": code, "message": message, "param": param})
        try:
            self._update(identity, status="failed", error=error, finished_at=int(time.time()), owner=None)
            self._jobs.event(identity, message, "error")
        except Lost:
            log.info("job %s ended meanwhile", identity)

    def _update(self, identity: str, **values: object) -> None:
        if self._stopping:
            raise Lost(identity)
        self._jobs.update(identity, self._owner, **values)

    def _carry_out(self, identity: str) -> None:
        row = self._jobs.row(identity)
        if row["attempts"] > MAX_ATTEMPTS:
            raise RuntimeError(f"the training was interrupted {MAX_ATTEMPTS} times")
        if row["status"] == "running":
            self._jobs.start_over(identity)
        data, held_out = self._datasets(row)
        if row["status"] == "validating_files":
            self._update(identity, status="queued")
            self._jobs.event(identity, "Files validated, moving job to queued state")
        hyperparameters = resolve(json.loads(row["hyperparameters"]), len(data.texts))
        self._update(identity, status="running", hyperparameters=json.dumps(hyperparameters))
        self._jobs.event(identity, "Fine-tuning job started")
        lesson = LESSONS[data.kind]
        if hyperparameters["class_weight"] == "balanced" and not lesson.balances:
            raise InvalidFile(
                "class_weight balanced is for one label an example; leave it out for these answers.", "class_weight"
            )
        x, x_held = self._features(identity, lesson, data), self._features(identity, lesson, held_out)
        progress = Progress(data, held_out, x, x_held)
        keeping = Keeping(hyperparameters["early_stopping_patience"])
        settings = Settings(
            hyperparameters["n_epochs"],
            hyperparameters["batch_size"],
            hyperparameters["learning_rate_multiplier"],
            row["seed"],
            functools.partial(self._update, identity),
            hyperparameters["class_weight"] == "balanced",
            self._start(row, data),
            None if hyperparameters["weight_decay"] == AUTO else hyperparameters["weight_decay"],
        )
        for epoch in lesson.best(lesson.train(x, data, settings), x_held, held_out.labels):
            metrics = progress.measure(epoch)
            keeping.offer(epoch, metrics)
            self._report(identity, epoch, metrics, settings.epochs)
            if keeping.is_at_its_end and epoch.number < settings.epochs:
                self._jobs.event(identity, _ended_early(epoch, keeping.best))
                break
        self._finish(row, keeping, progress, epoch.number)

    def _start(self, row: sqlite3.Row, data: Dataset) -> Head | None:
        """What the training begins at, where that is a tuned model; says what of it is taken over."""
        if row["model"] == BASE_MODEL:
            return None
        start = self._models.find(row["model"])
        if start is None:
            raise InvalidFile(f"The model {row['model']} no longer exists.", "model")
        for message in said_of_start(row["model"], start, data):
            self._jobs.event(row["id"], message)
        return start

    def _datasets(self, row: sqlite3.Row) -> tuple[Dataset, Dataset]:
        """What to train on and what to measure on; says in an event when the latter was held out."""
        alive = functools.partial(self._update, row["id"])
        data = load_training(self._path(row["training_file"], "training_file"), alive)
        if row["validation_file"]:
            path = self._path(row["validation_file"], "validation_file")
            return data, load_validation(path, data, alive)
        if LESSONS[data.kind].validates:
            self._jobs.event(
                row["id"],
                f"No validation file was given: all {len(data.texts)} examples are learned from, and the validation "
                "figures are those of heads trained beside on a part of the examples, on those they did not see.",
            )
            return data, Dataset((), ())
        if len(data.texts) < HELD_OUT_FROM:
            return data, Dataset((), ())
        kept, held_out = hold_out(data, row["seed"])
        self._jobs.event(
            row["id"],
            f"No validation file was given: {len(held_out.texts)} of {len(data.texts)} examples are held out, "
            "spread over the labels; they are used for measuring only, not for training.",
        )
        return kept, held_out

    def _path(self, identity: str, param: str) -> Any:
        try:
            return self._files.path(identity, param)
        except Exception as error:
            raise InvalidFile(f"The file {identity} no longer exists.", param) from error

    def _features(self, identity: str, lesson: Lesson, data: Dataset) -> Features:
        found: Features = []
        for start in range(0, len(data.texts), ENCODE_AT_ONCE):
            found += lesson.features(list(data.texts[start : start + ENCODE_AT_ONCE]), self._senses)
            self._update(identity)
        return [np.concatenate(both) for both in zip(found, data.pictures, strict=True)] if data.pictures else found

    def _report(self, identity: str, epoch: Epoch[Any], metrics: dict[str, float], epochs: int) -> None:
        self._update(identity)
        figures = f"training loss={metrics['train_loss']:.4f}"
        if LOSS in metrics:
            figures += f", full validation loss={metrics[LOSS]:.4f}"
        data = metrics | {"total_steps": epoch.step // epoch.number * epochs}
        self._jobs.event(identity, f"Step {epoch.step}, epoch {epoch.number}/{epochs}: {figures}", data=data)

    def _finish(self, row: sqlite3.Row, keeping: Keeping, progress: Progress, epochs: int) -> None:
        identity = row["id"]
        name = f"ft:{BASE_MODEL}:{row['suffix']}:{identity[-8:]}"
        shown = PICTURE_TOKENS * len(progress.data.pictures)
        tokens = (shown + sum(min(n + 2, MAX_TOKENS) for n in self._count(list(progress.data.texts)))) * epochs
        self._update(identity)
        keeping.save(name, identity, self._models, self._jobs)
        result = self._files.create(io.BytesIO(progress.csv()), "step_metrics.csv", RESULTS)
        done = {"fine_tuned_model": name, "trained_tokens": tokens, "result_file": result["id"]}
        try:
            self._update(identity, status="succeeded", finished_at=int(time.time()), owner=None, **done)
        except Lost:
            self._models.delete(name)
            raise
        self._jobs.event(
            identity, f"New fine-tuned model created: {name}, with the weights of step {keeping.best.step}"
        )
        self._jobs.event(identity, "The job has successfully completed")


def _ended_early(epoch: Epoch[Any], best: Epoch[Any]) -> str:
    return (
        f"The validation loss has not fallen since epoch {best.number}: the training ends after epoch {epoch.number}."
    )

"""Carries out fine-tuning jobs, one at a time, on a thread of its own."""

import functools
import io
import json
import logging
import math
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from core.embedded.dataset import Dataset, InvalidFile
from core.embedded.encoder import MAX_TOKENS
from core.embedded.files import RESULTS, Files
from core.embedded.head import Epoch
from core.embedded.heads.saved import Head
from core.embedded.heads.settings import Settings
from core.embedded.jobs import Jobs, Lost
from core.embedded.lessons import LESSONS, Features, Lesson
from core.embedded.models import Models
from core.embedded.pictures.features import PICTURE_TOKENS
from core.embedded.progress import Progress, hold_out
from core.embedded.senses import PatientSenses
from core.embedded.training_data import load_training, load_validation

log = logging.getLogger("labelloop.embedded")

POLL_SECONDS = 2.0
ENCODE_AT_ONCE = 32  # small, so that requests, heartbeats and cancelling get their turn
AUTO_STEPS = 250  # what "auto" epochs aim at
AUTO_BATCH = 32
HELD_OUT_FROM = 50
KEPT_CHECKPOINTS = 3
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
        x, x_held = self._features(identity, lesson, data), self._features(identity, lesson, held_out)
        progress = Progress(data, held_out, x, x_held)
        name = f"ft:{row['model']}:{row['suffix']}:{identity[-8:]}"
        epochs = hyperparameters["n_epochs"]
        rate = hyperparameters["learning_rate_multiplier"]
        alive = functools.partial(self._update, identity)
        settings = Settings(epochs, hyperparameters["batch_size"], rate, row["seed"], alive)
        last: Head | None = None
        for epoch in lesson.train(x, data, settings):
            self._report(identity, name, epoch, progress, epochs)
            last = epoch.head
        assert last is not None
        self._finish(identity, name, last, progress, epochs)

    def _datasets(self, row: sqlite3.Row) -> tuple[Dataset, Dataset]:
        """What to train on and what to measure on; says in an event when the latter was held out."""
        alive = functools.partial(self._update, row["id"])
        data = load_training(self._path(row["training_file"], "training_file"), alive)
        if row["validation_file"]:
            path = self._path(row["validation_file"], "validation_file")
            return data, load_validation(path, data, alive)
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

    def _report(self, identity: str, name: str, epoch: Epoch[Head], progress: Progress, epochs: int) -> None:
        metrics = progress.measure(epoch)
        self._update(identity)
        figures = f"training loss={metrics['train_loss']:.4f}"
        if "full_valid_loss" in metrics:
            figures += f", full validation loss={metrics['full_valid_loss']:.4f}"
        data = metrics | {"total_steps": epoch.step // epoch.number * epochs}
        self._jobs.event(identity, f"Step {epoch.step}, epoch {epoch.number}/{epochs}: {figures}", data=data)
        if epochs - epoch.number < KEPT_CHECKPOINTS:
            # The last checkpoint is the model itself, as the client will call it.
            checkpoint = name if epoch.number == epochs else f"{name}:ckpt-step-{epoch.step}"
            if checkpoint != name:
                self._models.save(checkpoint, identity, epoch.head, is_checkpoint=True)
            shown = {key: value for key, value in metrics.items() if key != "epoch"}
            self._jobs.add_checkpoint(identity, epoch.step, checkpoint, shown)

    def _finish(self, identity: str, name: str, head: Head, progress: Progress, epochs: int) -> None:
        shown = PICTURE_TOKENS * len(progress.data.pictures)
        tokens = (shown + sum(min(n + 2, MAX_TOKENS) for n in self._count(list(progress.data.texts)))) * epochs
        self._models.save(name, identity, head)
        result = self._files.create(io.BytesIO(progress.csv()), "step_metrics.csv", RESULTS)
        done = {"fine_tuned_model": name, "trained_tokens": tokens, "result_file": result["id"]}
        try:
            self._update(identity, status="succeeded", finished_at=int(time.time()), owner=None, **done)
        except Lost:
            self._models.delete(name)
            raise
        self._jobs.event(identity, f"New fine-tuned model created: {name}")
        self._jobs.event(identity, "The job has successfully completed")


def resolve(asked: Mapping[str, Any], examples: int) -> dict[str, Any]:
    """Numbers for every "auto": batches of 32 (or all examples, if fewer), epochs for about 250 steps (3 to 50)."""
    batch = asked["batch_size"] if asked["batch_size"] != "auto" else min(AUTO_BATCH, examples)
    steps = math.ceil(examples / batch)
    epochs = asked["n_epochs"] if asked["n_epochs"] != "auto" else min(50, max(3, math.ceil(AUTO_STEPS / steps)))
    rate = asked["learning_rate_multiplier"]
    return {"n_epochs": epochs, "batch_size": batch, "learning_rate_multiplier": 1.0 if rate == "auto" else rate}

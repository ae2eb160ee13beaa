"""What a training is measured on: the examples held out, and the figures of every epoch."""

import csv
import io
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.embedded.dataset import Dataset
from core.embedded.head import Epoch
from core.embedded.lesson import Features
from core.embedded.lessons import LESSONS

HELD_OUT = 0.1


class Progress:
    """The figures of one training, epoch by epoch. "Token accuracy" is the score of `Lesson.measure`: for one label,
    where an answer is one token, accuracy."""

    def __init__(self, data: Dataset, held_out: Dataset, x: Features, x_held: Features) -> None:
        self.data = data
        self._held_out = held_out
        self._x, self._x_held = x, x_held
        self._measure = LESSONS[data.kind].measure
        self._rows: list[dict[str, float]] = []

    def measure(self, epoch: Epoch[Any]) -> dict[str, float]:
        """step, epoch, train_loss, train_mean_token_accuracy, and the valid_ and full_valid_ pairs where there is
        something to validate on: what is held out, or what heads said of examples that they had not learned from. All
        of it is used each time, so both pairs are the same."""
        loss, score = self._measure(epoch.head, self._x, self.data.labels)
        metrics = {"step": epoch.step, "epoch": epoch.number, "train_loss": loss, "train_mean_token_accuracy": score}
        if self._held_out.texts:
            metrics |= _validated(*self._measure(epoch.head, self._x_held, self._held_out.labels))
        elif epoch.unseen:
            metrics |= _validated(epoch.unseen.loss, epoch.unseen.score)
        self._rows.append(metrics)
        return metrics

    def csv(self) -> bytes:
        """The results file: one row an epoch."""
        text = io.StringIO()
        writer = csv.DictWriter(text, list(self._rows[0]))
        writer.writeheader()
        writer.writerows(self._rows)
        return text.getvalue().encode()


def _validated(loss: float, score: float) -> dict[str, float]:
    return {
        f"{kind}_{name}": value
        for kind in ("valid", "full_valid")
        for name, value in (("loss", loss), ("mean_token_accuracy", score))
    }


def hold_out(data: Dataset, seed: int) -> tuple[Dataset, Dataset]:
    """A tenth of every label's examples (rounded, never all of them), drawn with the seed; (kept, held out). Examples
    that say more than a name are one heap."""
    generator = np.random.default_rng(seed)
    heaps = np.array([said if isinstance(said, str) else "" for said in data.labels], dtype=object)
    held = np.zeros(len(heaps), dtype=bool)
    for heap in sorted(set(heaps)):
        members = np.flatnonzero(heaps == heap)
        number = min(round(len(members) * HELD_OUT), len(members) - 1)
        held[generator.permutation(members)[:number]] = True
    return _where(data, ~held), _where(data, held)


def _where(data: Dataset, mask: NDArray[np.bool_]) -> Dataset:
    chosen = np.flatnonzero(mask)
    return replace(
        data,
        texts=tuple(data.texts[i] for i in chosen),
        labels=tuple(data.labels[i] for i in chosen),
        pictures=tuple(data.pictures[i] for i in chosen if data.pictures),
    )

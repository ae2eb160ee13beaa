"""What a training is measured on: the examples held out, and the figures of every epoch."""

import csv
import io

import numpy as np
from numpy.typing import NDArray

from core.embedded.encoder import Array
from core.embedded.head import Epoch
from core.embedded.training_data import Dataset

HELD_OUT = 0.1


class Progress:
    """The figures of one training, epoch by epoch. "Token accuracy" is accuracy: an answer is one token here."""

    def __init__(self, data: Dataset, held_out: Dataset, x: Array, x_held: Array) -> None:
        self.data = data
        self._x, self._x_held = x, x_held
        self.targets = _indices(data.labels, data.classes)
        self._held_targets = _indices(held_out.labels, data.classes)
        self._rows: list[dict[str, float]] = []

    def measure(self, epoch: Epoch) -> dict[str, float]:
        """step, epoch, train_loss, train_mean_token_accuracy, and the valid_ and full_valid_ pairs where there is
        something to validate on (all of it is used each time, so both pairs are the same)."""
        loss, accuracy = epoch.head.loss_and_accuracy(self._x, self.targets)
        metrics = {"step": epoch.step, "epoch": epoch.number, "train_loss": loss, "train_mean_token_accuracy": accuracy}
        if len(self._held_targets):
            loss, accuracy = epoch.head.loss_and_accuracy(self._x_held, self._held_targets)
            for kind in ("valid", "full_valid"):
                metrics |= {f"{kind}_loss": loss, f"{kind}_mean_token_accuracy": accuracy}
        self._rows.append(metrics)
        return metrics

    def csv(self) -> bytes:
        """The results file: one row an epoch."""
        text = io.StringIO()
        writer = csv.DictWriter(text, list(self._rows[0]))
        writer.writeheader()
        writer.writerows(self._rows)
        return text.getvalue().encode()


def hold_out(data: Dataset, seed: int) -> tuple[Dataset, Dataset]:
    """A tenth of every label's examples (rounded, never all of them), drawn with the seed; (kept, held out)."""
    generator = np.random.default_rng(seed)
    labels = np.array(data.labels, dtype=object)
    held = np.zeros(len(labels), dtype=bool)
    for label in data.classes:
        members = np.flatnonzero(labels == label)
        number = min(round(len(members) * HELD_OUT), len(members) - 1)
        held[generator.permutation(members)[:number]] = True
    return _where(data, ~held), _where(data, held)


def _where(data: Dataset, mask: NDArray[np.bool_]) -> Dataset:
    chosen = np.flatnonzero(mask)
    return Dataset(tuple(data.texts[i] for i in chosen), tuple(data.labels[i] for i in chosen))


def _indices(labels: tuple[str, ...], classes: tuple[str, ...]) -> NDArray[np.intp]:
    position = {name: index for index, name in enumerate(classes)}
    return np.array([position[label] for label in labels], dtype=np.intp)

"""The linear head: multinomial logistic regression on frozen embeddings, trained with Adam.

Loss = mean cross-entropy + decay / 2 * |W|^2 (the bias is free; see `decay_of`). Vectors are centred and divided by
one number, the mean deviation of their 384 features: dividing each feature by its own would blow up those that hold
only noise. Everything is seeded: the same vectors, labels, hyperparameters and seed give the same head.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import IO, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.embedded.classifier import Probabilities, softmax
from core.embedded.encoder import Array
from core.embedded.heads.adam import Adam
from core.embedded.heads.adam import epochs as epochs_of
from core.embedded.heads.beginning import begin_columns, places_of, taken_over
from core.embedded.heads.settings import Settings

WEIGHT_DECAY = 1e-2
ENOUGH = 800
"""Examples from which on the decay falls, as one over their number: a prior counts the less, the more is known."""


@dataclass(frozen=True)
class LinearHead:
    """`weights` (384, labels) and `bias` (labels,) apply to vectors less `mean` (384,), over `scale` (a number)."""

    kind = "single_label"
    labels: tuple[str, ...]
    mean: Array
    scale: Array
    weights: Array
    bias: Array

    def sharpened(self, factor: float) -> "LinearHead":
        """With all logits times `factor`."""
        return replace(self, weights=self.weights * np.float32(factor), bias=self.bias * np.float32(factor))

    def logits(self, vectors: Array) -> Probabilities:
        """Shape (n, labels), for unit vectors of shape (n, 384)."""
        return np.asarray((vectors - self.mean) / self.scale @ self.weights + self.bias, dtype=np.float64)

    def loss_and_accuracy(self, vectors: Array, targets: NDArray[np.intp]) -> tuple[float, float]:
        """Mean cross-entropy (nats, without the penalty) and share of right answers, for n >= 1 vectors."""
        p = softmax(self.logits(vectors))
        chosen = p[np.arange(len(targets)), targets]
        return float(-np.log(np.maximum(chosen, 1e-12)).mean()), float((p.argmax(axis=1) == targets).mean())

    def write(self, file: IO[bytes]) -> None:
        np.savez(
            file, labels=np.array(self.labels), mean=self.mean, scale=self.scale, weights=self.weights, bias=self.bias
        )

    @staticmethod
    def read(file: IO[bytes]) -> "LinearHead":
        with np.load(file, allow_pickle=False) as saved:
            labels = tuple(str(label) for label in saved["labels"])
            return LinearHead(labels, saved["mean"], saved["scale"], saved["weights"], saved["bias"])


H = TypeVar("H", covariant=True)


@dataclass(frozen=True)
class Unseen:
    """Mean loss and score on training examples, each predicted by a head that had not learned from it."""

    loss: float
    score: float


@dataclass(frozen=True)
class Epoch(Generic[H]):
    """The state after an epoch: `number` from 1, `step` counts batches from the start of the training."""

    number: int
    step: int
    head: H
    unseen: Unseen | None = None


def decay_of(rows: int) -> float:
    return WEIGHT_DECAY * min(1.0, ENOUGH / rows)


def weights_of(targets: NDArray[np.intp], labels: int, balanced: bool) -> Array:
    """Shape (n,): how much each example counts, 1 on average. Balanced: each label that occurs counts the same in all
    (as scikit-learn's "balanced": n / (labels * examples of the label))."""
    if not balanced:
        return np.ones(len(targets), dtype=np.float32)
    counts = np.bincount(targets, minlength=labels)
    present = np.count_nonzero(counts)
    return (len(targets) / (present * np.maximum(counts, 1)))[targets].astype(np.float32)


def train(
    vectors: Array, targets: NDArray[np.intp], labels: Sequence[str], settings: Settings
) -> Iterator[Epoch[LinearHead]]:
    """Yields the head after every epoch. `vectors` (n, 384) and `targets` (n,) with n >= 1. Vectors that are all the
    same are centred and left so. With an earlier head of some of the labels it begins at its weights.
    """
    mean, deviation = vectors.mean(axis=0), vectors.std(axis=0)
    scale = np.asarray(deviation.mean() or 1, dtype=np.float32)
    x = (vectors - mean) / scale
    weight, decay = weights_of(targets, len(labels), settings.balanced), settings.decay_or(decay_of(len(targets)))
    # One matrix holds weights and bias (its last row), so that Adam is written once.
    adam = Adam(np.zeros((x.shape[1] + 1, len(labels)), dtype=np.float32), settings.rate)
    w = adam.w
    if (begun := taken_over(settings.start, LinearHead.kind, labels, x.shape[1])) is not None:
        begin_columns(w, begun, places_of(begun, labels), mean, scale, level=True)
    passes = epochs_of(
        adam,
        len(x),
        lambda batch: _gradient(x[batch], targets[batch], w, weight[batch], decay),
        number=settings.epochs,
        batch_size=settings.batch_size,
        seed=settings.seed,
    )
    for number in passes:
        yield Epoch(number, adam.steps, LinearHead(tuple(labels), mean, scale, w[:-1].copy(), w[-1].copy()))


def _gradient(x: Array, targets: NDArray[np.intp], w: Array, weight: Array, decay: float) -> Array:
    error = softmax((x @ w[:-1] + w[-1]).astype(np.float64))
    error[np.arange(len(targets)), targets] -= 1
    error *= weight[:, None] / len(targets)
    step = error.astype(np.float32)
    return np.concatenate([x.T @ step + decay * w[:-1], step.sum(axis=0, keepdims=True)])

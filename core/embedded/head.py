"""The linear head: multinomial logistic regression on frozen embeddings, trained with Adam.

Loss = mean cross-entropy + WEIGHT_DECAY / 2 * |W|^2 (the bias is free). Vectors are centred and divided by one number,
the mean deviation of their 384 features: dividing each feature by its own would blow up those that hold only noise.
Everything is seeded: the same vectors, labels, hyperparameters and seed give the same head.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.embedded.classifier import Probabilities, softmax
from core.embedded.encoder import Array
from core.embedded.heads.adam import Adam
from core.embedded.heads.adam import epochs as epochs_of

WEIGHT_DECAY = 1e-2


@dataclass(frozen=True)
class LinearHead:
    """`weights` (384, labels) and `bias` (labels,) apply to vectors less `mean` (384,), over `scale` (a number)."""

    kind = "single_label"
    labels: tuple[str, ...]
    mean: Array
    scale: Array
    weights: Array
    bias: Array

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
class Epoch(Generic[H]):
    """The state after an epoch: `number` from 1, `step` counts batches from the start of the training."""

    number: int
    step: int
    head: H


def train(
    vectors: Array,
    targets: NDArray[np.intp],
    labels: Sequence[str],
    *,
    epochs: int,
    batch_size: int,
    rate: float,
    seed: int,
) -> Iterator[Epoch[LinearHead]]:
    """Yields the head after every epoch. `vectors` (n, 384) and `targets` (n,) with n >= 1; `rate` multiplies the
    learning rate. Vectors that are all the same are centred and left so.
    """
    mean, deviation = vectors.mean(axis=0), vectors.std(axis=0)
    scale = np.asarray(deviation.mean() or 1, dtype=np.float32)
    x = (vectors - mean) / scale
    # One matrix holds weights and bias (its last row), so that Adam is written once.
    adam = Adam(np.zeros((x.shape[1] + 1, len(labels)), dtype=np.float32), rate)
    w = adam.w
    passes = epochs_of(
        adam,
        len(x),
        lambda batch: _gradient(x[batch], targets[batch], w),
        number=epochs,
        batch_size=batch_size,
        seed=seed,
    )
    for number in passes:
        yield Epoch(number, adam.steps, LinearHead(tuple(labels), mean, scale, w[:-1].copy(), w[-1].copy()))


def _gradient(x: Array, targets: NDArray[np.intp], w: Array) -> Array:
    error = softmax((x @ w[:-1] + w[-1]).astype(np.float64))
    error[np.arange(len(targets)), targets] -= 1
    error /= len(targets)
    step = error.astype(np.float32)
    return np.concatenate([x.T @ step + WEIGHT_DECAY * w[:-1], step.sum(axis=0, keepdims=True)])

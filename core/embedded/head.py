"""The linear head: multinomial logistic regression on frozen embeddings, trained with Adam.

Loss = mean cross-entropy + WEIGHT_DECAY / 2 * |W|^2 (the bias is free). Vectors are centred and divided by one number,
the mean deviation of their 384 features: dividing each feature by its own would blow up those that hold only noise.
Adam as in Kingma & Ba 2015 with its own defaults but for the learning rate. Everything is seeded: the same vectors,
labels, hyperparameters and seed give the same head.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

import numpy as np
from numpy.typing import NDArray

from core.embedded.classifier import Probabilities, softmax
from core.embedded.encoder import Array

LEARNING_RATE = 2e-3
WEIGHT_DECAY = 1e-2
BETA1, BETA2, ADAM_EPSILON = 0.9, 0.999, 1e-8


@dataclass(frozen=True)
class LinearHead:
    """`weights` (384, labels) and `bias` (labels,) apply to vectors less `mean` (384,), over `scale` (a number)."""

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


@dataclass(frozen=True)
class Epoch:
    """The state after an epoch: `number` from 1, `step` counts batches from the start of the training."""

    number: int
    step: int
    head: LinearHead


def train(
    vectors: Array,
    targets: NDArray[np.intp],
    labels: Sequence[str],
    *,
    epochs: int,
    batch_size: int,
    rate: float,
    seed: int,
) -> Iterator[Epoch]:
    """Yields the head after every epoch. `vectors` (n, 384) and `targets` (n,) with n >= 1; `rate` multiplies the
    learning rate. Vectors that are all the same are centred and left so.
    """
    mean, deviation = vectors.mean(axis=0), vectors.std(axis=0)
    scale = np.asarray(deviation.mean() or 1, dtype=np.float32)
    x = (vectors - mean) / scale
    generator = np.random.default_rng(seed)
    # One matrix holds weights and bias (its last row), so that Adam is written once.
    w = np.zeros((x.shape[1] + 1, len(labels)), dtype=np.float32)
    first, second = np.zeros_like(w), np.zeros_like(w)
    step = 0
    for number in range(1, epochs + 1):
        order = generator.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            gradient = _gradient(x[batch], targets[batch], w)
            step += 1
            first += (1 - BETA1) * (gradient - first)
            second += (1 - BETA2) * (gradient * gradient - second)
            size = rate * LEARNING_RATE / (1 - BETA1**step)
            w -= (size * first / (np.sqrt(second / (1 - BETA2**step)) + ADAM_EPSILON)).astype(np.float32)
        yield Epoch(number, step, LinearHead(tuple(labels), mean, scale, w[:-1].copy(), w[-1].copy()))


def _gradient(x: Array, targets: NDArray[np.intp], w: Array) -> Array:
    error = softmax((x @ w[:-1] + w[-1]).astype(np.float64))
    error[np.arange(len(targets)), targets] -= 1
    error /= len(targets)
    step = error.astype(np.float32)
    return np.concatenate([x.T @ step + WEIGHT_DECAY * w[:-1], step.sum(axis=0, keepdims=True)])

"""Adam as in Kingma & Ba 2015 with its own defaults but for the learning rate, and the batches of a training."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from core.embedded.encoder import Array

LEARNING_RATE = 2e-3
BETA1, BETA2, ADAM_EPSILON = 0.9, 0.999, 1e-8


class Adam:
    """Moves one matrix, in place."""

    def __init__(self, w: Array, rate: float) -> None:
        self.w, self._rate = w, rate
        self._first, self._second = np.zeros_like(w), np.zeros_like(w)
        self.steps = 0

    def step(self, gradient: Array) -> None:
        self.steps += 1
        self._first += (1 - BETA1) * (gradient - self._first)
        self._second += (1 - BETA2) * (gradient * gradient - self._second)
        size = self._rate * LEARNING_RATE / (1 - BETA1**self.steps)
        self.w -= (size * self._first / (np.sqrt(self._second / (1 - BETA2**self.steps)) + ADAM_EPSILON)).astype(
            np.float32
        )


def epochs(
    adam: Adam,
    rows: int,
    gradient: Callable[[NDArray[np.intp]], Array],
    *,
    number: int,
    batch_size: int,
    seed: int,
) -> Iterator[int]:
    """Yields 1, 2, ... after each pass over all rows, shuffled anew; `gradient` is that of a batch of them."""
    generator = np.random.default_rng(seed)
    for epoch in range(1, number + 1):
        order = generator.permutation(rows)
        for start in range(0, rows, batch_size):
            adam.step(gradient(order[start : start + batch_size]))
        yield epoch

"""How a head is trained, and what is told of it while it is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

FOLDS = 3


@dataclass(frozen=True)
class Settings:
    """`rate` multiplies the learning rate. `balanced`: rare labels count as much as frequent ones. `alive` is called
    now and then: it raises when the job is ours no more. `start` is what an earlier model learned, see `beginning`.
    `decay` is how much large weights are held back, None for what each head chooses by itself."""

    epochs: int
    batch_size: int
    rate: float
    seed: int
    alive: Callable[[], None] = lambda: None
    balanced: bool = False
    start: Any = None
    decay: float | None = None

    @property
    def afresh(self) -> "Settings":
        """Without an earlier model: it may have learned the very examples that are to be predicted."""
        return replace(self, start=None)

    def decay_or(self, usual: float) -> float:
        return usual if self.decay is None else self.decay

    def folds(self, rows: int, number: int = FOLDS) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """The rows to learn from and those to predict, as often as `number` says; every row is predicted once."""
        order = np.random.default_rng(self.seed).permutation(rows)
        for fold in range(number):
            held = np.sort(order[fold::number])
            yield np.setdiff1d(order, held), held


def last(epochs: Iterator[Any], alive: Callable[[], None]) -> Any:
    """What a training ends with."""
    ended = None
    for epoch in epochs:
        alive()
        ended = epoch
    return ended

"""Features made comparable: centred, and divided by one number, the mean of their deviations."""

from dataclasses import dataclass

import numpy as np

from core.embedded.classifier import Probabilities
from core.embedded.encoder import Array


@dataclass(frozen=True)
class Scaling:
    mean: Array
    scale: Array

    @staticmethod
    def of(x: Array) -> "Scaling":
        """Rows that are all the same are centred and left so."""
        return Scaling(x.mean(axis=0), np.asarray(x.std(axis=0).mean() or 1, dtype=np.float32))

    def apply(self, x: Array) -> Array:
        return np.asarray((x - self.mean) / self.scale, dtype=np.float32)


def sigmoid(z: Probabilities) -> Probabilities:
    return np.asarray(1 / (1 + np.exp(-np.clip(z, -60, 60))))

"""The training of a linear head whose probabilities can be believed, and which knows after which epoch it was best.

Beside the head that learns from every example, others learn from all but a fold of them, epoch by epoch at the same
pace, and predict that fold. So after each epoch there are predictions of examples by heads that have not learned them.
On those are found the temperature (Guo et al. 2017, "On Calibration of Modern Neural Networks": one divisor for all
logits, with least cross-entropy), by which the head's weights are divided, and the loss and accuracy of that epoch.
Where examples are many, only as many folds are predicted as give MEASURED predictions.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from core.embedded.classifier import Probabilities, softmax
from core.embedded.encoder import Array
from core.embedded.head import Epoch, LinearHead, Unseen, train, weights_of
from core.embedded.heads.settings import Settings

FOLDS = 10
MEASURED = 2_000
COLDEST, HOTTEST = -3.0, 3.0
"""Bounds of the logarithm of the factor: predictions that are all right would ask for infinity, all wrong for 0."""


def train_calibrated(
    vectors: Array, targets: NDArray[np.intp], labels: Sequence[str], settings: Settings
) -> Iterator[Epoch[LinearHead]]:
    """As `core.embedded.head.train`, each epoch with what heads said of examples they had not learned from."""
    parts = _parts(len(targets), settings)
    weight = weights_of(targets, len(labels), settings.balanced)
    trained = [train(vectors, targets, labels, settings)]
    trained += [train(vectors[kept], targets[kept], labels, settings.afresh) for kept, _ in parts]
    held = np.concatenate([held for _, held in parts])
    for whole, *others in zip(*trained, strict=True):
        settings.alive()
        logits = np.concatenate(
            [epoch.head.logits(vectors[held]) for epoch, (_, held) in zip(others, parts, strict=True)]
        )
        cooling = cooling_of(logits, targets[held], weight[held])
        yield Epoch(
            whole.number,
            whole.step,
            whole.head.sharpened(cooling),
            _unseen(logits * cooling, targets[held], weight[held]),
        )


def _parts(rows: int, settings: Settings) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    found: list[tuple[NDArray[np.intp], NDArray[np.intp]]] = []
    for kept, held in settings.folds(rows, FOLDS):
        found.append((kept, held))
        if sum(len(held) for _, held in found) >= MEASURED:
            break
    return found


def _unseen(logits: Probabilities, targets: NDArray[np.intp], weight: Array) -> Unseen:
    p = softmax(logits)
    loss = -np.log(np.maximum(p[np.arange(len(targets)), targets], 1e-12))
    return Unseen(float(np.average(loss, weights=weight)), float((p.argmax(axis=1) == targets).mean()))


def cooling_of(logits: Probabilities, targets: NDArray[np.intp], weight: Array) -> float:
    """1 / temperature: the factor of all `logits` (n, labels) that makes the weighted mean cross-entropy least, by
    Newton's method; the loss is convex in the factor. It stays within e^-3 and e^3."""
    rows = np.arange(len(targets))
    factor = 1.0
    for _ in range(50):
        p = softmax(logits * factor)
        mean = (p * logits).sum(axis=1)
        slope = float(np.average(mean - logits[rows, targets], weights=weight))
        curvature = float(np.average((p * logits * logits).sum(axis=1) - mean * mean, weights=weight))
        if curvature < 1e-12:
            break
        # Far from the least Newton's step overshoots; a factor that at most doubles or halves cannot run away.
        wanted = float(np.clip(factor - slope / curvature, factor / 2, factor * 2))
        moved, factor = abs(wanted - factor), float(np.clip(wanted, np.exp(COLDEST), np.exp(HOTTEST)))
        if moved < 1e-6 * factor:
            break
    return factor

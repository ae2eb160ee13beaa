"""What is better of two, learned from the differences of their features.

Measures and vectors together are too much for few examples, so how much the vectors count is chosen out of COUNTS by
three-fold cross-validation on the training data (least cross-entropy); what is said about one question is never on both
sides of it.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from core.embedded.candidates import MEASURES
from core.embedded.encoder import Array
from core.embedded.head import Epoch
from core.embedded.heads.scale import ScaleHead, train
from core.embedded.heads.scaling import Scaling
from core.embedded.heads.settings import FOLDS, Settings, last

COUNTS = (0.0, 0.1, 0.3, 1.0)
RATE = 2.0


def train_pairs(
    made: type[ScaleHead],
    differences: Array,
    said: Sequence[str],
    levels: Sequence[str],
    questions: Sequence[str],
    settings: Settings,
) -> Iterator[Epoch[ScaleHead]]:
    """`questions` tell what was asked about each pair."""
    groups = {question: number for number, question in enumerate(dict.fromkeys(questions))}
    place = np.random.default_rng(settings.seed).permutation(len(groups)) % FOLDS
    folds = np.array([place[groups[question]] for question in questions])

    def learned(rows: NDArray[np.intp], count: float, how: Settings) -> Iterator[Epoch[ScaleHead]]:
        x = differences[rows]
        return train(made, x, [said[i] for i in rows.tolist()], levels, how, scaling=_scaling(x, count))

    def loss(count: float) -> float:
        total = 0.0
        for fold in range(min(FOLDS, len(groups))):
            kept, held = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
            if len(kept) and len(held):
                head = last(learned(kept, count, settings.afresh), settings.alive).head
                total += head.loss_and_score(differences[held], [said[i] for i in held.tolist()])[0] * len(held)
        return total

    yield from learned(np.arange(len(said)), min(COUNTS, key=loss), settings)


def _scaling(x: Array, count: float) -> Scaling:
    """Each feature by its own deviation, around 0; the vectors' features count the less."""
    deviation = np.sqrt((x * x).mean(axis=0)) + np.float32(1e-6)
    with np.errstate(divide="ignore"):
        deviation[MEASURES:] /= np.float32(count) * np.float32(np.sqrt(MEASURES / max(1, x.shape[1] - MEASURES)))
    return Scaling(np.zeros(x.shape[1], dtype=np.float32), deviation.astype(np.float32))

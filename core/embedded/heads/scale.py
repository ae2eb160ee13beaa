"""A scale: ordered levels by one direction and a threshold between each two neighbours (proportional odds).

P(above level k) = sigmoid(w x + b_k), for the levels from the lowest to the highest; the thresholds fall from level to
level, and probabilities are their differences. Loss = mean over examples of the thresholds' summed binary
cross-entropies + decay / 2 * |w|^2. Each b begins at the log-odds of its share. What is no level (a fallback
such as "cannot be rated") has no place on the scale: its probability is the share that it had in the training, or 0.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.embedded.classifier import Probabilities
from core.embedded.encoder import Array
from core.embedded.head import WEIGHT_DECAY, Epoch
from core.embedded.heads.adam import Adam, epochs
from core.embedded.heads.beginning import converted, taken_over
from core.embedded.heads.scaling import Scaling, sigmoid
from core.embedded.heads.settings import Settings, last

DECAYS = (0.01, 0.1, 1.0, 3.0, 10.0)


@dataclass(frozen=True)
class ScaleHead:
    """`levels` from the lowest; `weights` (features,) and `bias` (levels - 1,); `beside` (labels that are no level,)
    are the probabilities of `others`."""

    kind = ""
    levels: tuple[str, ...]
    others: tuple[str, ...]
    mean: Array
    scale: Array
    weights: Array
    bias: Array
    beside: Array

    @property
    def labels(self) -> tuple[str, ...]:
        return (*self.levels, *self.others)

    def probabilities(self, x: Array) -> Probabilities:
        """Shape (n, labels)."""
        score = (Scaling(self.mean, self.scale).apply(x) @ self.weights).astype(np.float64)
        above = sigmoid(score[:, None] + self.bias)
        on_scale = -np.diff(above, axis=1, prepend=1.0, append=0.0) * (1 - self.beside.sum())
        return np.concatenate([on_scale, np.tile(self.beside.astype(np.float64), (len(x), 1))], axis=1)

    def loss_and_score(self, x: Array, said: Sequence[str]) -> tuple[float, float]:
        """Mean cross-entropy and share of right answers; a label that was never taught is wrong."""
        p = self.probabilities(x)
        places = np.array([self.labels.index(name) if name in self.labels else -1 for name in said])
        right = np.where(places >= 0, p[np.arange(len(p)), places], 0.0)
        return float(-np.log(np.maximum(right, 1e-12)).mean()), float((p.argmax(axis=1) == places).mean())


class RatingHead(ScaleHead):
    kind = "rating"


class PreferenceHead(ScaleHead):
    kind = "preference"


def train(
    made: type[ScaleHead],
    x: Array,
    said: Sequence[str],
    levels: Sequence[str],
    settings: Settings,
    scaling: Scaling | None = None,
    decay: float | None = None,
) -> Iterator[Epoch[ScaleHead]]:
    """A `scaling` is given for differences of two things. Each is then learned from a second time with its features
    negated and its level mirrored: what is said of two must not depend on which comes first."""
    others = tuple(sorted(set(said) - set(levels)))
    beside = np.array([list(said).count(name) / len(said) for name in others], dtype=np.float32)
    rated = np.array([name in levels for name in said])
    places = np.array([levels.index(name) for name in said if name in levels], dtype=np.intp)
    x = x[rated]
    if scaling:
        x, places = np.concatenate([x, -x]), np.concatenate([places, len(levels) - 1 - places])
    scaling = scaling or Scaling.of(x)
    rows = scaling.apply(x)
    targets = (places[:, None] > np.arange(len(levels) - 1)).astype(np.float32)
    share = (targets.sum(axis=0) + 0.5) / (len(targets) + 1)
    w = np.concatenate([np.zeros(rows.shape[1]), np.log(share / (1 - share))]).astype(np.float32)
    features = rows.shape[1]
    if (begun := taken_over(settings.start, made.kind, levels, features)) is not None:
        weights, thresholds = converted(begun, scaling.mean, scaling.scale)
        w[:features] = weights
        # Where the levels are others, what leads up and down the scale is known, and not where they part.
        w[features:] = thresholds if begun.levels == tuple(levels) else w[features:]
    held = settings.decay_or(WEIGHT_DECAY) if decay is None else decay
    adam = Adam(w, settings.rate)

    def gradient(batch: NDArray[np.intp]) -> Array:
        score = (rows[batch] @ w[:features]).astype(np.float64)
        error = (sigmoid(score[:, None] + w[features:]) - targets[batch]).astype(np.float32) / len(batch)
        direction = rows[batch].T @ error.sum(axis=1) + held * w[:features]
        return np.concatenate([direction, error.sum(axis=0)])

    passes = epochs(
        adam, len(rows), gradient, number=settings.epochs, batch_size=settings.batch_size, seed=settings.seed
    )
    for number in passes:
        thresholds = np.sort(w[features:])[::-1].copy()
        parts = (scaling.mean, scaling.scale, w[:features].copy(), thresholds, beside)
        yield Epoch(number, adam.steps, made(tuple(levels), others, *parts))


def train_rating(
    x: Array, said: Sequence[str], levels: Sequence[str], settings: Settings
) -> Iterator[Epoch[ScaleHead]]:
    """With the decay out of DECAYS that three-fold cross-validation on the training data finds best (least
    cross-entropy): what texts tell of a scale is often little, and then a head must not make much of it."""

    def learned(rows: NDArray[np.intp], decay: float, how: Settings) -> Iterator[Epoch[ScaleHead]]:
        return train(RatingHead, x[rows], [said[i] for i in rows.tolist()], levels, how, decay=decay)

    def loss(decay: float) -> float:
        total = 0.0
        for kept, held in settings.folds(len(said)):
            head = last(learned(kept, decay, settings.afresh), settings.alive).head
            total += head.loss_and_score(x[held], [said[i] for i in held.tolist()])[0] * len(held)
        return total

    decay = min(DECAYS, key=loss) if settings.decay is None else settings.decay
    yield from learned(np.arange(len(said)), decay, settings)


class RankingHead(ScaleHead):
    """Of what is better of two: the levels are worse, tie, better, and `x` is the difference of the two."""

    kind = "ranking"

    def scores(self, x: Array) -> Probabilities:
        """Shape (candidates,): the higher the better."""
        return np.asarray((x / self.scale) @ self.weights, dtype=np.float64)

    def are_alike(self, gaps: Probabilities) -> NDArray[np.bool_]:
        """Whether candidates whose scores lie so far apart are likelier to tie than to be in that order."""
        above = sigmoid(gaps[:, None] + self.bias)
        return np.asarray(above[:, 0] - above[:, 1] > above[:, 1])

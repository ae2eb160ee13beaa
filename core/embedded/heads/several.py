"""Several labels: one logistic regression a label on frozen embeddings, and one rule for which of them are answered.

Loss = mean over texts of the labels' summed binary cross-entropies + decay / 2 * |W|^2. Each bias begins at the
log-odds of its label, since many labels are rare. Three-fold cross-validation on the training data alone gives
probabilities of texts that were not learned from. On them are chosen: the temperature that makes them calibrated (least
cross-entropy), and the rule (best mean Jaccard): a label is answered where p >= max(LEAST, SHARE * p of the likeliest).
Where every training example has a label, the likeliest is answered in any case. One rule for all labels: thresholds of
their own, found on a few examples each, did worse on texts held back.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.embedded.classifier import Probabilities
from core.embedded.encoder import Array
from core.embedded.head import WEIGHT_DECAY, Epoch
from core.embedded.heads.adam import Adam, epochs
from core.embedded.heads.beginning import begin_columns, places_of, taken_over
from core.embedded.heads.scaling import Scaling, sigmoid
from core.embedded.heads.settings import Settings, last

TEMPERATURES = np.geomspace(0.25, 4, 33)
LEAST = np.linspace(0.05, 0.6, 23)
SHARES = np.linspace(0, 1, 11)


@dataclass(frozen=True)
class SeveralHead:
    """`weights` (features, labels) and `bias` (labels,); `rule` is (temperature, least, share, never empty)."""

    kind = "several_labels"
    labels: tuple[str, ...]
    mean: Array
    scale: Array
    weights: Array
    bias: Array
    rule: Array

    def probabilities(self, vectors: Array) -> Probabilities:
        """Shape (n, labels): of each label by itself."""
        x = Scaling(self.mean, self.scale).apply(vectors)
        return sigmoid(np.asarray(x @ self.weights + self.bias, dtype=np.float64) / float(self.rule[0]))

    def chosen(self, p: Probabilities) -> NDArray[np.bool_]:
        return chosen(p, float(self.rule[1]), float(self.rule[2]), bool(self.rule[3]))

    def loss_and_score(self, vectors: Array, said: Sequence[Sequence[str]]) -> tuple[float, float]:
        """Mean binary cross-entropy of a label, and mean Jaccard."""
        p, targets = self.probabilities(vectors), targets_of(said, self.labels)
        return cross_entropy(p, targets), jaccard(self.chosen(p), targets > 0)


def chosen(p: Probabilities, least: float, share: float, is_never_empty: bool) -> NDArray[np.bool_]:
    likeliest = p.max(axis=1, keepdims=True)
    found = p >= np.maximum(least, share * likeliest)
    if is_never_empty:
        found[np.arange(len(p)), p.argmax(axis=1)] = True
    return np.asarray(found)


def targets_of(said: Sequence[Sequence[str]], labels: Sequence[str]) -> Array:
    return np.array([[label in names for label in labels] for names in said], dtype=np.float32)


def cross_entropy(p: Probabilities, targets: Array) -> float:
    right = np.where(targets > 0, p, 1 - p)
    return float(-np.log(np.maximum(right, 1e-12)).mean())


def jaccard(found: NDArray[np.bool_], right: NDArray[np.bool_]) -> float:
    """Mean over rows of what both have by what either has; two empty sets are the same."""
    both, either = (found & right).sum(axis=1), (found | right).sum(axis=1)
    return float(np.where(either == 0, 1.0, both / np.maximum(either, 1)).mean())


def train(
    vectors: Array, said: Sequence[Sequence[str]], labels: Sequence[str], settings: Settings
) -> Iterator[Epoch[SeveralHead]]:
    targets = targets_of(said, labels)
    rule = _rule(vectors, targets, labels, settings)
    yield from _train(vectors, targets, labels, settings, rule)


def _rule(vectors: Array, targets: Array, labels: Sequence[str], settings: Settings) -> Array:
    p = np.empty(targets.shape, dtype=np.float64)
    plain = np.array([1.0, 0.5, 0.0, 0.0], dtype=np.float32)
    for kept, held in settings.folds(len(targets)):
        head = last(_train(vectors[kept], targets[kept], labels, settings.afresh, plain), settings.alive).head
        p[held] = head.probabilities(vectors[held])
    logits = np.log(np.maximum(p, 1e-12)) - np.log(np.maximum(1 - p, 1e-12))
    temperature = min(TEMPERATURES, key=lambda t: cross_entropy(sigmoid(logits / t), targets))
    calibrated, right = sigmoid(logits / temperature), targets > 0
    is_never_empty = bool(right.any(axis=1).all())
    _, least, share = max(
        (jaccard(chosen(calibrated, least, share, is_never_empty), right), least, share)
        for least in LEAST
        for share in SHARES
    )
    return np.array([temperature, least, share, is_never_empty], dtype=np.float32)


def _train(
    vectors: Array, targets: Array, labels: Sequence[str], settings: Settings, rule: Array
) -> Iterator[Epoch[SeveralHead]]:
    scaling = Scaling.of(vectors)
    x = scaling.apply(vectors)
    share = (targets.sum(axis=0) + 0.5) / (len(targets) + 1)
    w = np.concatenate([np.zeros((x.shape[1], len(labels))), [np.log(share / (1 - share))]]).astype(np.float32)
    if (begun := taken_over(settings.start, SeveralHead.kind, labels, x.shape[1])) is not None:
        begin_columns(w, begun, places_of(begun, labels), scaling.mean, scaling.scale, level=False)
    adam, decay = Adam(w, settings.rate), settings.decay_or(WEIGHT_DECAY)

    def gradient(batch: NDArray[np.intp]) -> Array:
        error = (sigmoid((x[batch] @ w[:-1] + w[-1]).astype(np.float64)) - targets[batch]).astype(np.float32)
        error /= len(batch)
        return np.concatenate([x[batch].T @ error + decay * w[:-1], error.sum(axis=0, keepdims=True)])

    passes = epochs(adam, len(x), gradient, number=settings.epochs, batch_size=settings.batch_size, seed=settings.seed)
    for number in passes:
        head = SeveralHead(tuple(labels), scaling.mean, scaling.scale, w[:-1].copy(), w[-1].copy(), rule)
        yield Epoch(number, adam.steps, head)

"""Where a training begins: at nothing, or at what an earlier model has learned of the same labels.

Weights belong to centred and scaled features, and each training centres and scales by its own examples. So what is
taken over is converted: it gives the same logits on the same features as before. A label that the earlier model does
not know begins where it would without one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from core.embedded.encoder import Array
from core.embedded.heads.joint import JointHead

RANKING = "ranking"


def taken_over(start: Any, kind: str, labels: Sequence[str], features: int | None = None) -> Any:
    """The head that a training of this kind and labels begins at: the earlier model's, or that one of its questions
    with the most of these labels. None where it has none, or sees other `features` (pictures beside texts)."""
    heads = start.parts.values() if isinstance(start, JointHead) else filter(None, [start])
    fit = [head for head in heads if head.kind == kind and features in (None, head.weights.shape[0])]
    best = max(fit, key=lambda head: len(in_common(head, labels)), default=None)
    return best if best is not None and (kind == RANKING or in_common(best, labels)) else None


def in_common(head: Any, labels: Sequence[str]) -> list[str]:
    """The labels that an earlier head knows; an order of candidates has none by name."""
    return [label for label in labels if label in head.labels]


def converted(head: Any, mean: Array, scale: Array) -> tuple[Array, Array]:
    """An earlier head's weights and bias for features that are centred and scaled otherwise. `scale` is one number or
    one for each feature; infinite where a feature does not count, which then has no weight."""
    old = np.asarray(head.deviation if hasattr(head, "deviation") else head.scale)
    with np.errstate(invalid="ignore", divide="ignore"):
        factor = np.broadcast_to(np.asarray(scale, dtype=np.float64) / old, mean.shape)
        moved = np.where(np.isfinite(old), (mean - head.mean) / old, 0.0)
    factor = np.where(np.isfinite(factor), factor, 0.0)
    weights = (head.weights.T * factor).T
    return weights.astype(np.float32), np.asarray(head.bias + moved @ head.weights, dtype=np.float32)


def begin_columns(w: Array, head: Any, places: Mapping[int, int], mean: Array, scale: Array, *, level: bool) -> None:
    """Writes what is taken over into `w`, whose last row is the bias: `places` are columns of `w` by those of the head.
    `level`: only differences between columns count, so that they are moved to 0 on average, where a new label is."""
    weights, bias = converted(head, mean, scale)
    own, theirs = list(places.values()), list(places)
    taken = np.concatenate([weights, bias[None]])[:, theirs]
    w[:, own] = taken - taken.mean(axis=1, keepdims=True) if level else taken


def places_of(head: Any, labels: Sequence[str]) -> dict[int, int]:
    """Where each label that the earlier head knows is there, and where it is among `labels`."""
    return {head.labels.index(label): labels.index(label) for label in in_common(head, labels)}

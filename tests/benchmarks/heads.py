"""The embedded host's training of one label, against named limits and scikit-learn's logistic regression."""

import time

import numpy as np
from sklearn.linear_model import LogisticRegression

from core.embedded.heads.calibrated import train_calibrated
from core.embedded.heads.settings import Settings
from core.embedded.hyperparameters import resolve

LABELS = 77
LIMITS = {5_000: 3.0, 50_000: 30.0}
RIVAL_AT = 5_000


def training_heads() -> list[str]:
    lines = [f"training a head of {LABELS} labels on vectors of 384 numbers, epochs and batches left to the host"]
    for rows, limit in LIMITS.items():
        vectors, targets = _clusters(rows)
        asked = resolve({}, rows)
        settings = Settings(asked["n_epochs"], asked["batch_size"], asked["learning_rate_multiplier"], seed=0)
        started = time.perf_counter()
        for _ in train_calibrated(vectors, targets, [str(label) for label in range(LABELS)], settings):
            pass
        ours = time.perf_counter() - started
        lines.append(
            f"  LabelLoop, {rows:6,} examples, calibrated  {ours:6.2f} s   {ours / limit:.2f} of the limit, {limit:g} s"
        )
        if rows == RIVAL_AT:
            started = time.perf_counter()
            LogisticRegression(C=10, max_iter=1_000).fit(vectors, targets)
            theirs = time.perf_counter() - started
            lines.append(
                f"  scikit-learn, {rows:6,} examples, one fit   {theirs:6.2f} s   {ours / theirs:.2f} of it is ours"
            )
    return lines


def _clusters(rows: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    targets = generator.integers(0, LABELS, rows).astype(np.intp)
    vectors = generator.normal(size=(LABELS, 384))[targets] + 3 * generator.normal(size=(rows, 384))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), targets

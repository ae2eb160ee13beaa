"""From similarities to probabilities: how the base model chooses a label, without any training.

Zero-shot: the score z of a label is the cosine of the text's vector with the label's: the mean direction of its
readable name and, where the prompt states one, its description. Few-shot: with examples e1..em of that label in the
messages,

    score = T * log( 1/2 exp(z / T) + 1/2 mean_i exp(cos(text, ei) / T) )

so the nearest examples dominate, their number does not, and a label without examples keeps its zero-shot score.
Probabilities are the softmax of score / T with T = 1/20, the scale with which the encoder itself was trained.

A fallback ("nothing fits") has no topic to be similar to; its z is the constant NOTHING_FITS, so it wins only where no
other label is more similar than chance. A text without any letter or digit says nothing: it is the fallback's outright.
"""

import numpy as np
from numpy.typing import NDArray

from core.embedded.encoder import Array

Probabilities = NDArray[np.float64]

TEMPERATURE = 1 / 20
# Texts that have nothing to do with each other: measured between headlines, customers' questions and comments, their
# cosines average 0.00, 0.03 and 0.10, each with a deviation of 0.06. The constant is the middle of that.
NOTHING_FITS = 0.05
DEVIATION = 0.06


def label_vectors(vectors: Array, owners: NDArray[np.intp]) -> Array:
    """One unit vector a label, of shape (labels, dimensions): the normalised sum of its texts' vectors.

    `owners[i]` is the label index of `vectors[i]`, ascending and without gaps.
    """
    sums = np.add.reduceat(vectors, np.flatnonzero(np.diff(owners, prepend=-1)), axis=0)
    return np.asarray(sums / np.linalg.norm(sums, axis=1, keepdims=True), dtype=vectors.dtype)


def zero_shot(text: Array, labels: Array, fallback: NDArray[np.bool_]) -> Probabilities:
    """Scores of shape (labels,): cosines of unit vectors, with NOTHING_FITS in place of a fallback's."""
    return np.where(fallback, NOTHING_FITS, (labels @ text).astype(np.float64))


def with_examples(scores: Probabilities, text: Array, examples: Array, owners: NDArray[np.intp]) -> Probabilities:
    """Scores blended with examples, as the module's formula says; `owners[i]` is the label index of `examples[i]`."""
    blended = scores.copy()
    similarities = (examples @ text).astype(np.float64)
    for label in np.unique(owners):
        kernel = np.exp(similarities[owners == label] / TEMPERATURE).mean()
        blended[label] = TEMPERATURE * np.log((np.exp(scores[label] / TEMPERATURE) + kernel) / 2)
    return blended


def softmax(logits: Probabilities) -> Probabilities:
    """Over the last axis; -inf becomes probability 0, and at least one logit must be finite."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))


def says_nothing(text: str) -> bool:
    return not any(character.isalnum() for character in text)


def certain(size: int, index: int) -> Probabilities:
    probabilities = np.zeros(size)
    probabilities[index] = 1.0
    return probabilities

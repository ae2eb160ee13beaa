"""Spans: a tag for each word by multinomial logistic regression, and the best tags that fit together.

A word is seen as the encoder's vector of it, its spelling (`word_shapes`), and the same of the words beside it; each
feature is centred and divided by its deviation (by LEAST_DEVIATION at least). The head learns what `bio` says, with
Adam. Words outside are many, and a head that is right about most words marks too little: so the tag O gets a handicap.
Which, three-fold cross-validation on the training data alone tells, by the F1 of exact spans.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.embedded.classifier import Probabilities, softmax
from core.embedded.encoder import Array
from core.embedded.head import WEIGHT_DECAY, Epoch
from core.embedded.heads.adam import Adam, epochs
from core.embedded.heads.beginning import begin_columns, places_of, taken_over
from core.embedded.heads.bio import Marked, decoded, marks_of, tags_of
from core.embedded.heads.settings import Settings, last
from core.embedded.heads.word_shapes import word_shapes
from core.embedded.words import WordVectors

RATE = 2.0  # times the learning rate: a word tells less than a text
LEAST_DEVIATION = 0.1
HANDICAPS = np.arange(0, 3.5, 0.5)
MOST_WORDS = 150_000


@dataclass(frozen=True)
class Likely:
    """A mark, and the probability of each label where it stands; they sum to at most 1."""

    mark: Marked
    p: Probabilities


@dataclass(frozen=True)
class SpansHead:
    """`weights` (features, tags) and `bias` (tags,); `handicap` is taken off the score of the tag O."""

    kind = "spans"
    labels: tuple[str, ...]
    mean: Array
    deviation: Array
    weights: Array
    bias: Array
    handicap: Array

    def logits(self, seen: Array) -> Probabilities:
        """Shape (words, tags), for the words of one text as `seen_words` gives them."""
        x = (_beside(_padded([seen[:, 2:]])[0], np.arange(1, len(seen) + 1)) - self.mean) / self.deviation
        found = np.asarray(x @ self.weights + self.bias, dtype=np.float64)
        found[:, 0] -= float(self.handicap)
        return found

    def marks(self, seen: Array) -> list[Likely]:
        """In the order of the text, none within another. A mark's probabilities are means over its words."""
        logits = self.logits(seen)
        p = softmax(logits)
        of_labels = p[:, 1::2] + p[:, 2::2]
        found = marks_of(seen[:, :2].astype(np.intp), decoded(logits).tolist(), self.labels)
        return [Likely(mark, of_labels[words].mean(axis=0)) for mark, words in found]

    def loss_and_score(self, seen: Sequence[Array], said: Sequence[Sequence[Marked]]) -> tuple[float, float]:
        """Mean cross-entropy of a word's tag, and F1 of exact spans."""
        losses, found = [np.zeros(1)], []
        for one, marks in zip(seen, said, strict=True):
            p = softmax(self.logits(one)) if len(one) else np.ones((0, 1))
            tags = tags_of(one[:, :2].astype(np.intp), marks, self.labels)
            losses.append(-np.log(np.maximum(p[np.arange(len(tags)), tags], 1e-12)))
            found.append([likely.mark for likely in self.marks(one)])
        return float(np.concatenate(losses)[1:].mean()) if len(losses) > 1 else 0.0, f1(found, said)


def f1(found: Sequence[Sequence[Marked]], said: Sequence[Sequence[Marked]]) -> float:
    """2 * spans that both have / all spans; 1 where there is none at all."""
    both = sum(len(set(a) & set(b)) for a, b in zip(found, said, strict=True))
    every = sum(len(set(a)) + len(set(b)) for a, b in zip(found, said, strict=True))
    return 2 * both / every if every else 1.0


def seen_words(text: str, words: WordVectors) -> Array:
    """Shape (words, 2 + features): where each word is (exact up to 2^24 code points), its vector, its spelling."""
    places = words.places.astype(np.float32).reshape(-1, 2)
    return np.concatenate([places, words.vectors, word_shapes(text, words.places)], axis=1)


def train(
    seen: Sequence[Array], said: Sequence[Sequence[Marked]], labels: Sequence[str], settings: Settings
) -> Iterator[Epoch[SpansHead]]:
    """Of more than MOST_WORDS words, as many texts are learned from as fit, drawn with the seed."""
    order = np.random.default_rng(settings.seed).permutation(len(seen))
    upto = np.cumsum([len(seen[i]) for i in order])
    kept = sorted(order[: max(1, int(np.searchsorted(upto, MOST_WORDS, side="right")))].tolist())
    seen, said = [seen[i] for i in kept], [said[i] for i in kept]
    yield from _train(seen, said, labels, settings, _handicap(seen, said, labels, settings))


def _handicap(
    seen: Sequence[Array], said: Sequence[Sequence[Marked]], labels: Sequence[str], settings: Settings
) -> float:
    both, every = np.zeros(len(HANDICAPS)), np.zeros(len(HANDICAPS))
    for kept, held in settings.folds(len(seen)):
        learned = _train([seen[i] for i in kept], [said[i] for i in kept], labels, settings.afresh, 0.0)
        head = last(learned, settings.alive).head
        for count, i in enumerate(held):
            logits, places, right = head.logits(seen[i]), seen[i][:, :2].astype(np.intp), set(said[i])
            for number, step in enumerate(np.diff(HANDICAPS, prepend=0.0)):
                logits[:, 0] -= step
                found = {mark for mark, _ in marks_of(places, decoded(logits).tolist(), labels)}
                both[number] += len(found & right)
                every[number] += len(found) + len(right)
            if count % 100 == 0:
                settings.alive()
    return float(HANDICAPS[np.argmax(both / np.maximum(every, 1))])


def _train(
    seen: Sequence[Array],
    said: Sequence[Sequence[Marked]],
    labels: Sequence[str],
    settings: Settings,
    handicap: float,
) -> Iterator[Epoch[SpansHead]]:
    rows, starts = _padded([one[:, 2:] for one in seen])
    tags = np.zeros(len(rows), dtype=np.intp)
    for one, marks, start in zip(seen, said, starts, strict=True):
        tags[start : start + len(one)] = tags_of(one[:, :2].astype(np.intp), marks, labels)
    own = np.concatenate([np.arange(start, start + len(one)) for one, start in zip(seen, starts, strict=True)])
    mean = np.tile(rows[own].mean(axis=0), 3)
    deviation = np.tile(np.maximum(rows[own].std(axis=0), LEAST_DEVIATION), 3)
    number = 1 + 2 * len(labels)
    share = (np.bincount(tags[own], minlength=number) + 0.5) / (len(own) + 0.5 * number)
    w = np.concatenate([np.zeros((len(mean), number)), [np.log(share)]]).astype(np.float32)
    if (begun := taken_over(settings.start, SpansHead.kind, labels, len(mean))) is not None:
        begin_columns(w, begun, _tags_in_common(begun, labels), mean, deviation, level=False)
    adam, decay = Adam(w, settings.rate * RATE), settings.decay_or(WEIGHT_DECAY)

    def gradient(batch: NDArray[np.intp]) -> Array:
        words = np.concatenate([np.arange(starts[i], starts[i] + len(seen[i])) for i in batch])
        x = (_beside(rows, words) - mean) / deviation
        error = softmax((x @ w[:-1] + w[-1]).astype(np.float64))
        error[np.arange(len(words)), tags[words]] -= 1
        error /= max(1, len(words))
        step = error.astype(np.float32)
        return np.concatenate([x.T @ step + decay * w[:-1], step.sum(axis=0, keepdims=True)])

    passes = epochs(
        adam, len(seen), gradient, number=settings.epochs, batch_size=settings.batch_size, seed=settings.seed
    )
    for epoch in passes:
        parts = (mean, deviation, w[:-1].copy(), w[-1].copy(), np.float32(handicap))
        yield Epoch(epoch, adam.steps, SpansHead(tuple(labels), *map(np.asarray, parts)))


def _tags_in_common(begun: SpansHead, labels: Sequence[str]) -> dict[int, int]:
    """Where O, and B and I of the labels in common, are in an earlier head and here."""
    found = {0: 0}
    for theirs, own in places_of(begun, labels).items():
        found |= {2 * theirs + 1: 2 * own + 1, 2 * theirs + 2: 2 * own + 2}
    return found


def _padded(parts: Sequence[Array]) -> tuple[Array, list[int]]:
    """The rows of all parts with a row of zeros around each part, and where each begins."""
    nothing = np.zeros((1, parts[0].shape[1]), dtype=np.float32)
    starts = (np.cumsum([1, *(len(part) + 1 for part in parts)])[:-1]).tolist()
    return np.concatenate([nothing, *(piece for part in parts for piece in (part, nothing))]), starts


def _beside(rows: Array, places: NDArray[np.intp]) -> Array:
    """Each row with the one before and the one after."""
    return np.concatenate([rows[places], rows[places - 1], rows[places + 1]], axis=1)

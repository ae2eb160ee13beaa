"""Marks as one tag a word: O is outside, B begins a mark of a label, I goes on with it. Tag 0 is O, then B and I of
each label in turn."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.embedded.classifier import Probabilities


class Marked(NamedTuple):
    """A half-open range of code points with its label."""

    start: int
    end: int
    label: str


def tags_of(places: NDArray[np.intp], marks: Iterable[Marked], labels: Sequence[str]) -> NDArray[np.intp]:
    """The tag of each word. A mark has the words that it touches; of marks that share words the longest is kept."""
    tags = np.zeros(len(places), dtype=np.intp)
    for mark in sorted(marks, key=lambda mark: (mark.start - mark.end, mark.start)):
        first = int(np.searchsorted(places[:, 1], mark.start, side="right"))
        last = int(np.searchsorted(places[:, 0], mark.end, side="left"))
        if mark.label in labels and first < last and not tags[first:last].any():
            tags[first:last] = 2 + 2 * labels.index(mark.label)
            tags[first] -= 1
    return tags


def decoded(logits: Probabilities) -> NDArray[np.intp]:
    """The tags of the highest sum among those where I follows B or I of its own label (Viterbi)."""
    words, number = logits.shape
    if not words:
        return np.zeros(0, dtype=np.intp)
    goes_on = np.arange(2, number, 2)
    best = logits[0].copy()
    best[goes_on] = -np.inf
    came_from = np.zeros((words, number), dtype=np.intp)
    for word in range(1, words):
        came_from[word] = best.argmax()
        came_from[word, goes_on] = np.where(best[goes_on] >= best[goes_on - 1], goes_on, goes_on - 1)
        best = best[came_from[word]] + logits[word]
    path = np.empty(words, dtype=np.intp)
    path[-1] = best.argmax()
    for word in range(words - 1, 0, -1):
        path[word - 1] = came_from[word, path[word]]
    return path


def marks_of(places: NDArray[np.intp], tags: Sequence[int], labels: Sequence[str]) -> list[tuple[Marked, slice]]:
    """The marks that tags say, each with its words."""
    found: list[tuple[Marked, slice]] = []
    for word, tag in enumerate(tags):
        if tag % 2 == 1:
            start, end = map(int, places[word])
            found.append((Marked(start, end, labels[(tag - 1) // 2]), slice(word, word + 1)))
        elif tag:
            mark, words = found[-1]
            found[-1] = mark._replace(end=int(places[word, 1])), slice(words.start, word + 1)
    return found

"""The metrics of texts by name, each the mean over items of how near the two texts of an item are."""

import unicodedata
from collections.abc import Callable, Iterable
from functools import cached_property

import numpy as np

from core.metrics.arrays import FloatArray
from core.metrics.bootstrap import SEED
from core.metrics.contingency import NO_ITEMS
from core.metrics.intervals import share
from core.metrics.metric import Metric
from core.metrics.rows import Rows
from core.metrics.sums import Sums
from core.metrics.texts.chrf import chrf
from core.metrics.texts.distance import edit_similarity
from core.model import Estimate

MOST = 5_000
"""Of more items than this, so many drawn at random are looked at character by character: a mean of so many is known
within a point or two, and a hundred thousand would take minutes."""

Pair = tuple[str, str]


def plain(text: str) -> str:
    """Texts are the same that differ in nothing but case, white space and ways to write a sign."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


class TextSums:
    """All sums over items of the reference's and the candidate's texts: each is computed when the first metric asks for
    it."""

    labels: tuple[str, ...] = ()

    def __init__(self, pairs: Iterable[Pair]) -> None:
        self._pairs = list(pairs)

    @property
    def n(self) -> int:
        """Items both annotated."""
        return len(self._pairs)

    @cached_property
    def agreements(self) -> int:
        """Items on which both wrote the very same."""
        return sum(own == other for own, other in self._pairs)

    @cached_property
    def same(self) -> Sums:
        return _mean(self._pairs, lambda own, other: float(own == other or plain(own) == plain(other)))

    @cached_property
    def similarity(self) -> Sums:
        return _mean(self._some, edit_similarity)

    @cached_property
    def chrf(self) -> Sums:
        return _mean(self._some, chrf)

    @cached_property
    def _some(self) -> list[Pair]:
        if self.n <= MOST:
            return self._pairs
        chosen = np.random.default_rng(SEED).permutation(self.n)[:MOST]
        return [self._pairs[at] for at in np.sort(chosen)]


def _mean(pairs: list[Pair], of_pair: Callable[[str, str], float]) -> Sums:
    rows = Rows.of(len(pairs))
    values = np.array([of_pair(*pair) for pair in pairs], dtype=np.float64)
    own = rows.add_up(np.arange(len(pairs)), values)[:, np.newaxis]

    def kernel(sums: FloatArray) -> FloatArray:
        return np.asarray(sums[..., 0] / max(1, len(pairs)))

    return Sums(rows, own, np.array([1.0]), np.array([0.0]), kernel)


def same_text(sums: TextSums) -> Estimate:
    """Items with the same text / items, case and white space aside, with a Wilson interval. Undefined on no items."""
    return share(round(float(sums.same.total[0])), sums.n, NO_ITEMS)


def _of_mean(which: Callable[[TextSums], Sums]) -> Callable[[TextSums], Estimate]:
    """The mean over items. Undefined on no items."""
    return lambda sums: which(sums).estimate(which(sums).n, "") if sums.n else Estimate(None, 0, undefined=NO_ITEMS)


TEXT_METRICS: dict[str, Metric[TextSums]] = {
    metric.key: metric
    for metric in (
        Metric(
            "same_text",
            "Same text",
            "share",
            "The share of items that got the same text from both annotators, case, white space and ways to write a "
            "sign aside. One other word counts as much as another text.",
            same_text,
            "texts",
            lambda sums: sums.same,
        ),
        Metric(
            "edit_similarity",
            "Edit similarity",
            "share",
            "The share of the longer text that needs no change to make one text of the other, averaged over the items: "
            "1 − edit distance in characters / length. "
            "It says how much there is to correct; words in another order count as changed.",
            _of_mean(lambda sums: sums.similarity),
            "texts",
            lambda sums: sums.similarity,
        ),
        Metric(
            "chrf",
            "chrF",
            "share",
            "How many pieces of one to six characters the two texts have in common (chrF2 of each item, averaged over "
            "the items). It credits words that stand elsewhere and other forms of a word, which edit similarity does "
            "not.",
            _of_mean(lambda sums: sums.chrf),
            "texts",
            lambda sums: sums.chrf,
        ),
    )
}

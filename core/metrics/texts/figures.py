"""The metrics of texts by name, each the mean over items of how near the two texts of an item are."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
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

    def __init__(self, pairs: Iterable[Pair], cosines: Callable[[Sequence[Pair]], FloatArray] | None = None) -> None:
        """`cosines` gives how near the texts of pairs are in meaning, NaN where that is not known."""
        self._pairs = list(pairs)
        self._cosines = np.full(len(self.looked_at), np.nan) if cosines is None else cosines(self.looked_at)

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
        return _mean(self.looked_at, edit_similarity)

    @cached_property
    def chrf(self) -> Sums:
        return _mean(self.looked_at, chrf)

    @cached_property
    def cosine(self) -> Sums:
        return _mean_of(self._cosines)

    @property
    def not_worked_out(self) -> int:
        """Of how many items the cosine is not known."""
        return int(np.isnan(self._cosines).sum())

    @cached_property
    def looked_at(self) -> list[Pair]:
        """Those that are looked at closely: all, or so many of them drawn at random."""
        if self.n <= MOST:
            return self._pairs
        chosen = np.random.default_rng(SEED).permutation(self.n)[:MOST]
        return [self._pairs[at] for at in np.sort(chosen)]


def _mean(pairs: list[Pair], of_pair: Callable[[str, str], float]) -> Sums:
    return _mean_of(np.array([of_pair(*pair) for pair in pairs], dtype=np.float64))


def _mean_of(values: FloatArray) -> Sums:
    """The mean of a figure of items, (n,); NaN where that of any item is."""
    rows = Rows.of(len(values))
    own = rows.add_up(np.arange(len(values)), values)[:, np.newaxis]

    def kernel(sums: FloatArray) -> FloatArray:
        return np.asarray(sums[..., 0] / max(1, len(values)))

    return Sums(rows, own, np.array([1.0]), np.array([0.0]), kernel)


def same_text(sums: TextSums) -> Estimate:
    """Items with the same text / items, case and white space aside, with a Wilson interval. Undefined on no items."""
    return share(round(float(sums.same.total[0])), sums.n, NO_ITEMS)


def _of_mean(which: Callable[[TextSums], Sums]) -> Callable[[TextSums], Estimate]:
    """The mean over items. Undefined on no items."""
    return lambda sums: which(sums).estimate(which(sums).n, "") if sums.n else Estimate(None, 0, undefined=NO_ITEMS)


def cosine(sums: TextSums) -> Estimate:
    """The mean over items of the cosine of both texts' vectors; 1 for the same text, 0 for an empty one beside another.
    Undefined on no items, and while it is not worked out for all of them."""
    if not sums.n:
        return Estimate(None, 0, undefined=NO_ITEMS)
    if left := sums.not_worked_out:
        return Estimate(None, sums.cosine.n, undefined=f"not worked out yet for {left:,} of {sums.cosine.n:,} items")
    return sums.cosine.estimate(sums.cosine.n, "")


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
        Metric(
            "cosine",
            "Likeness in meaning",
            "coefficient",
            "The cosine of the vectors that the sentence encoder minilm-l6 of the embedded host gives both texts "
            "(their first 256 tokens are read, best in English), averaged over the items. "
            "It credits the same said in other words, which characters do not; what one affirms and the other denies "
            "may still be near.",
            cosine,
            "texts",
            lambda sums: sums.cosine,
        ),
    )
}

"""Two annotators' rankings of the same items: each pair of rankings that occurs, with the number of its items."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray, ratio, whole_counts

Ranking = Sequence[Sequence[int]]


class OrderError(StrEnum):
    """How the candidate orders two candidates otherwise than the reference."""

    REVERSED = "reversed"
    TIED = "tied"
    UNTIED = "untied"


@dataclass(frozen=True, eq=False)
class OrderTable:
    """`reference` and `candidate` (P, K) hold the rank of each label in each pair of rankings, from 1 for the best,
    tied ones at the mean of theirs; NaN where it is not ranked. `items` (P,) says how many items show the pair.

    Two rankings of different candidates have no order in common: of them only the first place can be compared. No items
    at all is a valid table on which every metric is undefined.
    """

    labels: tuple[str, ...]
    reference: FloatArray
    candidate: FloatArray
    items: IntArray

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[Ranking, Ranking, int]], labels: Sequence[str]) -> "OrderTable":
        """From `(the reference's ranking, the candidate's, number of items)`, labels as positions. Raises ValueError
        for a ranking that names a candidate twice or has an empty place, and for a count that is negative or not whole.
        """
        kept = [(own, other, count) for own, other, count in pairs if count]
        counts = whole_counts([count for _, _, count in kept])
        shape = len(kept), len(labels)
        own = np.array([ranks(pair[0], len(labels)) for pair in kept]).reshape(shape)
        other = np.array([ranks(pair[1], len(labels)) for pair in kept]).reshape(shape)
        return cls(tuple(labels), own, other, counts)

    @property
    def n(self) -> int:
        """Items both annotated."""
        return int(self.items.sum())

    @cached_property
    def same_candidates(self) -> BoolArray:
        """Whether both ranked the same ones, (P,)."""
        return np.asarray((np.isnan(self.reference) == np.isnan(self.candidate)).all(axis=1))

    @cached_property
    def twos(self) -> tuple[IntArray, IntArray]:
        """Each two labels, by their positions, (C,) each."""
        return np.triu_indices(len(self.labels), 1)

    @cached_property
    def signs(self) -> tuple[IntArray, IntArray]:
        """Of each two labels, whether the reference puts the first of them higher (1), lower (-1), or neither: it ties
        them, or they were not both ranked by both; and the candidate. (P, C) each."""
        both = self.same_candidates[:, np.newaxis]
        return self._sign(self.reference, both), self._sign(self.candidate, both)

    def _sign(self, ranked: FloatArray, both: BoolArray) -> IntArray:
        first, second = self.twos
        return np.asarray(np.where(both, np.nan_to_num(np.sign(ranked[:, second] - ranked[:, first])), 0), np.int64)

    @cached_property
    def concordant(self) -> tuple[IntArray, IntArray]:
        """How many two candidates both put in one order, and in opposite orders, (P,) each."""
        product = self.signs[0] * self.signs[1]
        return (product > 0).sum(axis=1), (product < 0).sum(axis=1)

    @cached_property
    def tau(self) -> FloatArray:
        """Kendall's tau-b (Kendall 1945, Biometrika 33:239) of each pair of rankings, (P,): concordant less discordant
        / sqrt(untied in one x untied in the other); NaN where one of them orders nothing, or other candidates."""
        same, turned = self.concordant
        untied = np.sqrt((self.signs[0] != 0).sum(axis=1) * (self.signs[1] != 0).sum(axis=1).astype(np.float64))
        return ratio((same - turned).astype(np.float64), untied, untied > 0)

    @cached_property
    def first(self) -> tuple[BoolArray, BoolArray]:
        """Which labels stand at the first place of either, (P, K) each."""
        return _first(self.reference), _first(self.candidate)

    @property
    def same_first(self) -> BoolArray:
        """Whether both put the same candidates first, (P,)."""
        return np.asarray((self.first[0] == self.first[1]).all(axis=1))

    @property
    def agreements(self) -> int:
        """Items on which both gave the same ranking."""
        is_same = (self.reference == self.candidate) | (np.isnan(self.reference) & np.isnan(self.candidate))
        return int(self.items[is_same.all(axis=1)].sum())

    @cached_property
    def concordance(self) -> FloatArray:
        """Kendall's W of both (see `concordance`), (P,); NaN where they ranked other candidates, or both tied all."""
        k = (~np.isnan(self.reference)).sum(axis=1).astype(np.float64)
        together = self.reference + self.candidate
        apart = np.nansum((together - (k + 1)[:, np.newaxis]) ** 2, axis=1)
        most = 4 * (k**3 - k) - 2 * (_ties(self.reference) + _ties(self.candidate))
        return ratio(12 * apart, most, self.same_candidates & (most > 0))

    def differing(self, error: OrderError) -> tuple[BoolArray, BoolArray]:
        """In which pairs of rankings, and of which two labels (P, C), the annotators differ so: where the first of the
        two stands higher, and where the second does; for the reference, or for the candidate where the former ties."""
        own, other = self.signs
        both = self.same_candidates[:, np.newaxis] & self._both_ranked
        found = {
            OrderError.REVERSED: own * other < 0,
            OrderError.TIED: (own != 0) & (other == 0),
            OrderError.UNTIED: (own == 0) & (other != 0),
        }[error] & both
        # Where the reference ties, what the candidate puts lower counts as what the reference would have put higher.
        higher = -other if error is OrderError.UNTIED else own
        return found & (higher > 0), found & (higher < 0)

    @cached_property
    def _both_ranked(self) -> BoolArray:
        first, second = self.twos
        ranked = ~np.isnan(self.reference)
        return np.asarray(ranked[:, first] & ranked[:, second])


def _first(ranked: FloatArray) -> BoolArray:
    best = np.nanmin(ranked, axis=1, keepdims=True) if ranked.size else ranked[:, :1]
    return np.asarray(ranked == best)


def _ties(ranked: FloatArray) -> FloatArray:
    """The sum of t^3 - t over the ties, (P,): each of t tied ones has t^2 - 1 of it."""
    together = (ranked[:, :, np.newaxis] == ranked[:, np.newaxis]).sum(axis=2)
    return np.asarray(np.where(together > 0, together**2 - 1, 0).sum(axis=1), dtype=np.float64)


def ranks(ranking: Ranking, labels: int) -> FloatArray:
    """The rank of each of so many labels, from 1; tied ones share the mean of theirs; NaN for those it does not name.

    Raises ValueError where the groups name one twice or not at all, or one is empty.
    """
    flat = [label for group in ranking for label in group]
    if not flat or len(set(flat)) < len(flat) or not all(len(group) for group in ranking):
        raise ValueError("A ranking names each candidate once, and no place in it is empty.")
    found = np.full(labels, np.nan)
    before = 0
    for group in ranking:
        found[list(group)] = before + (len(group) + 1) / 2
        before += len(group)
    return found


def concordance(rankings: FloatArray | IntArray) -> float | None:
    """Kendall's W of m annotators' ranks or scores of k candidates, (m, k): 1 where all have one order, 0 where none.

    Corrected for ties (Kendall & Gibbons 1990, Rank Correlation Methods, section 6.10): 12 S / (m^2 (k^3 - k) - m T)
    with T the sum of t^3 - t over the ties of each. None where an annotator is alone or all tie all candidates. Raises
    ValueError for a table that is not two-dimensional.
    """
    given = np.asarray(rankings, dtype=np.float64)
    if given.ndim != 2:
        raise ValueError("Rankings must have one row per annotator and one column per candidate.")
    m, k = given.shape
    if m < 2:
        return None
    placed = np.array([_mean_ranks(row) for row in given])
    sums = placed.sum(axis=0)
    ties = sum(int((sizes**3 - sizes).sum()) for sizes in (np.unique(row, return_counts=True)[1] for row in given))
    most = m * m * (k**3 - k) - m * ties
    return float(12 * ((sums - sums.mean()) ** 2).sum() / most) if most > 0 else None


def _mean_ranks(row: FloatArray) -> FloatArray:
    _, which, sizes = np.unique(row, return_inverse=True, return_counts=True)
    ends = np.cumsum(sizes)
    return np.asarray((ends - (sizes - 1) / 2)[which], dtype=np.float64)

"""Two annotators' sets of labels on the same items: each pair of sets that occurs, with the number of its items."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray, whole_counts
from core.metrics.contingency import Contingency


@dataclass(frozen=True, eq=False)
class SetTable:
    """`reference` and `candidate` are P x K, whether the label (a position in `labels`) is in the set of each pair;
    `items` (P,) says how many items show it. No items at all is a valid table on which every metric is undefined."""

    labels: tuple[str, ...]
    reference: BoolArray
    candidate: BoolArray
    items: IntArray

    @classmethod
    def from_pairs(cls, pairs: Iterable[tuple[Sequence[int], Sequence[int], int]], labels: Sequence[str]) -> "SetTable":
        """From `(the reference's labels, the candidate's labels, number of items)`, labels as positions.

        Pairs of no items are left out. Raises ValueError for a position that is none, and for a count that is negative
        or not whole.
        """
        kept = [(own, other, count) for own, other, count in pairs if count]
        counts = whole_counts([count for _, _, count in kept])
        return cls(
            tuple(labels),
            _members([own for own, _, _ in kept], len(labels)),
            _members([other for _, other, _ in kept], len(labels)),
            counts,
        )

    @property
    def n(self) -> int:
        """Items both annotated."""
        return int(self.items.sum())

    @cached_property
    def both(self) -> BoolArray:
        """Labels that both gave, P x K."""
        return self.reference & self.candidate

    @cached_property
    def sizes(self) -> tuple[IntArray, IntArray, IntArray]:
        """How many labels both gave, the reference and the candidate, for each pair, (P,) each."""
        hits, own, other = (sets.sum(axis=1) for sets in (self.both, self.reference, self.candidate))
        return np.asarray(hits), np.asarray(own), np.asarray(other)

    @property
    def agreements(self) -> int:
        """Items on which both gave the same set."""
        hits, own, other = self.sizes
        return int(self.items[(hits == own) & (hits == other)].sum())

    def with_or_without(self, label: int) -> Contingency:
        """The 2 x 2 table of one label: in the set or not, of the reference (rows) and the candidate (columns)."""
        own, other = (sets[:, label].astype(np.int64) for sets in (self.reference, self.candidate))
        counts = np.bincount(2 * own + other, weights=self.items, minlength=4).astype(np.int64)
        return Contingency(("without", "with"), counts.reshape(2, 2))

    def taken_for(self) -> IntArray:
        """On how many items the reference alone gave a label (row) and the candidate alone another (column), K x K."""
        missed, added = (self.reference & ~self.candidate), (self.candidate & ~self.reference)
        weighted = missed.astype(np.float64) * self.items[:, np.newaxis]
        return np.rint(weighted.T @ added).astype(np.int64)


def jaccard(hits: IntArray, own: IntArray, other: IntArray) -> FloatArray:
    """Labels both gave / labels either gave; 1 for two empty sets, which are the same."""
    either = own + other - hits
    return np.where(either > 0, hits / np.maximum(1, either), 1.0)


def _members(sets: Sequence[Sequence[int]], k: int) -> BoolArray:
    rows = np.repeat(np.arange(len(sets)), [len(one) for one in sets])
    labels = np.array([label for one in sets for label in one], dtype=np.int64)
    if len(labels) and (labels.min() < 0 or labels.max() >= k):
        raise ValueError(f"A set holds label {labels.max() if labels.max() >= k else labels.min()} of {k}.")
    members = np.zeros((len(sets), k), dtype=np.bool_)
    members[rows, labels] = True
    return members

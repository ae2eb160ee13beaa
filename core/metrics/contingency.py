"""The one table every nominal metric is computed from: two annotators on the same items."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.metrics.arrays import IntArray, gather_cells, whole_counts
from core.metrics.bootstrap import label_sums, resample

NO_ITEMS = "no item was annotated by both"


@dataclass(frozen=True, eq=False)
class Margins:
    """What every metric here needs of one K x K table, or of a whole stack of them: three arrays of shape (..., K).

    `hits` is the diagonal (both chose the label), `reference` the row sums, `candidate` the column sums. A million
    resampled tables would not fit in memory at K = 500; their margins do.
    """

    hits: IntArray
    reference: IntArray
    candidate: IntArray

    @classmethod
    def of(cls, tables: IntArray) -> "Margins":
        """The margins of a stack of tables of shape (..., K, K): rows reference, columns candidate."""
        return cls(np.diagonal(tables, axis1=-2, axis2=-1), tables.sum(axis=-1), tables.sum(axis=-2))

    @property
    def n(self) -> IntArray:
        """Items in each table, shape (...)."""
        return np.asarray(self.reference.sum(axis=-1), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Contingency:
    """How often each pair of labels was chosen for the same item.

    `counts` is K x K, whole numbers, K = len(labels): rows are the reference's label, columns the candidate's. It is
    copied and made read-only. No items at all (n == 0) is a valid table on which every metric is undefined.
    Raises ValueError for a shape that is not K x K, a negative or fractional count, or a label named twice.
    """

    labels: tuple[str, ...]
    counts: IntArray

    def __post_init__(self) -> None:
        k = len(self.labels)
        if len(set(self.labels)) != k:
            raise ValueError("A label is named twice.")
        counts = whole_counts(self.counts)
        if counts.shape != (k, k):
            raise ValueError(f"{k} labels need a {k} x {k} table, not one of shape {counts.shape}.")
        counts.setflags(write=False)
        object.__setattr__(self, "counts", counts)

    @classmethod
    def from_pairs(cls, cells: Iterable[tuple[str, str, int]], labels: Sequence[str]) -> "Contingency":
        """The table of `(reference label, candidate label, number of items)` cells; equal pairs add up.

        Raises ValueError for a label that is not among `labels` and for a negative count.
        """
        (rows, columns), totals = gather_cells((((a, b), count) for a, b, count in cells), labels, 2)
        counts = np.zeros((len(labels), len(labels)), dtype=np.int64)
        counts[rows, columns] = totals
        return cls(tuple(labels), counts)

    @property
    def n(self) -> int:
        """Items both annotated."""
        return int(self.counts.sum())

    @property
    def agreements(self) -> int:
        """Items on which both chose the same label."""
        return int(np.trace(self.counts))

    @cached_property
    def margins(self) -> Margins:
        return Margins.of(self.counts)

    @cached_property
    def resampled(self) -> Margins:
        """The margins, shape (resamples, K), of tables drawn from this one; drawn once and shared by every metric.

        Raises ValueError when the table is empty.
        """
        rows, columns = np.nonzero(self.counts)
        return resampled_margins(self.counts[rows, columns], rows, columns, len(self.labels))


def resampled_margins(counts: IntArray, rows: IntArray, columns: IntArray, k: int) -> Margins:
    """Bootstrap margins of the table whose cells hold `counts` items at (`rows`, `columns`)."""
    summaries = (label_sums(np.where(rows == columns, rows, -1), k), label_sums(rows, k), label_sums(columns, k))
    draws = resample(counts, lambda cells: np.stack([sums(cells) for sums in summaries], axis=1))
    return Margins(draws[:, 0], draws[:, 1], draws[:, 2])

"""The one table every nominal metric is computed from: two annotators on the same items."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.metrics.arrays import FloatArray, IntArray, gather_cells, whole_counts
from core.metrics.bootstrap import label_sums
from core.metrics.posterior import draw, with_unseen

NO_ITEMS = "no item was annotated by both"


@dataclass(frozen=True, eq=False)
class Margins:
    """What every metric here needs of one K x K table, or of a whole stack of them: three arrays of shape (..., K).

    `hits` is the diagonal (both chose the label), `reference` the row sums, `candidate` the column sums. Thousands of
    drawn tables would not fit in memory at K = 500; their margins do. Tables drawn from a posterior are not whole.
    """

    hits: IntArray | FloatArray
    reference: IntArray | FloatArray
    candidate: IntArray | FloatArray

    @classmethod
    def of(cls, tables: IntArray) -> "Margins":
        """The margins of a stack of tables of shape (..., K, K): rows reference, columns candidate."""
        return cls(np.diagonal(tables, axis1=-2, axis2=-1), tables.sum(axis=-1), tables.sum(axis=-2))

    @property
    def n(self) -> IntArray | FloatArray:
        """Items in each table, shape (...)."""
        return np.asarray(self.reference.sum(axis=-1))


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

    @property
    def cells(self) -> tuple[IntArray, IntArray]:
        """The cells that are not empty: their labels (2, C), reference first, and their counts (C,)."""
        index = np.array(np.nonzero(self.counts), dtype=np.int64)
        return index, np.asarray(self.counts[index[0], index[1]])

    @cached_property
    def drawn(self) -> Margins:
        """The margins, shape (draws, K), of tables drawn from the posterior; drawn once, shared by every metric.

        Raises ValueError when the table is empty.
        """
        if self.n == 0:
            raise ValueError("A table without items says nothing of any other.")
        cells = with_unseen(*self.cells)
        sums = margin_sums(cells.index, len(self.labels))
        return Margins(*np.moveaxis(draw(cells, sums), 1, 0))


def margin_sums(index: IntArray, k: int) -> Callable[[FloatArray], FloatArray]:
    """A function from tables (b, C), whose cells are at `index` (2, C), to their margins (b, 3, K)."""
    rows, columns = index
    summaries = (label_sums(np.where(rows == columns, rows, -1), k), label_sums(rows, k), label_sums(columns, k))
    return lambda tables: np.stack([sums(tables) for sums in summaries], axis=1)

"""Rows of sufficient statistics, and what their sums might be in other samples of items: one form for spans and sets.

A statistic is a sum over items, so a figure is a function of sums of columns. A row is an item; beyond a thousand items
they are dealt at random to five hundred rows, so that the cost of an interval does not grow with them: rows then vary
as the mean of so many items does, which is all that a resample of items uses (the interval's width is known to 3 %).
Weights of rows are drawn from a Dirichlet posterior, as everywhere in these metrics (see `posterior`; over rows it is
the Bayesian bootstrap, Rubin 1981, Annals of Statistics 9:130). One more item is unseen: half of it an average item on
which both agree, half one on which they do not.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.metrics.arrays import FloatArray, IntArray
from core.metrics.bootstrap import RESAMPLES, SEED
from core.metrics.posterior import UNSEEN

MOST_ROWS = 1_000
DEALT_ROWS = 500


@dataclass(frozen=True, eq=False)
class Rows:
    """Which row each item belongs to: `row` (n,), of `number` rows."""

    row: IntArray
    number: int

    @classmethod
    def of(cls, n: int) -> "Rows":
        if n <= MOST_ROWS:
            return cls(np.arange(n), n)
        order = np.random.default_rng(SEED).permutation(n)
        return cls(np.asarray(order % DEALT_ROWS, dtype=np.int64), DEALT_ROWS)

    def add_up(self, item: IntArray, values: FloatArray | IntArray | None = None) -> FloatArray:
        """The sum in each row, (rows,), of `values` of items; of ones where no values are given."""
        return np.bincount(self.row[item], weights=values, minlength=self.number).astype(np.float64)

    def add_up_by(
        self, item: IntArray, column: IntArray, columns: int, values: FloatArray | IntArray | None = None
    ) -> FloatArray:
        """The same in so many columns, (rows, columns): each value counts in its own."""
        return self._in_cells((self.row * columns)[item] + column, columns, values)

    def count_and_add_up_by(
        self, item: IntArray, column: IntArray, columns: int, values: FloatArray | IntArray
    ) -> tuple[FloatArray, FloatArray]:
        """How many values there are, and their sums, both as `add_up_by`."""
        cells = (self.row * columns)[item] + column
        return self._in_cells(cells, columns), self._in_cells(cells, columns, values)

    def _in_cells(self, cells: IntArray, columns: int, values: FloatArray | IntArray | None = None) -> FloatArray:
        sums = np.bincount(cells, weights=values, minlength=self.number * columns)
        return sums.reshape(self.number, columns).astype(np.float64)

    @cached_property
    def weights(self) -> FloatArray:
        """Drawn weights of rows and, behind them, of the unseen item that agrees and of the one that does not:
        (draws, rows + 2), as many items in all as there are. Raises ValueError where there are none."""
        if not len(self.row):
            raise ValueError("No items say nothing of others.")
        generator = np.random.default_rng(SEED)
        drawn = np.empty((RESAMPLES, self.number + 2))
        drawn[:, :-2] = generator.standard_exponential((RESAMPLES, self.number))
        drawn[:, -2:] = generator.standard_gamma(UNSEEN / 2, (RESAMPLES, 2))
        items = np.append(np.bincount(self.row, minlength=self.number), [1.0, 1.0])
        return np.asarray(drawn * (len(self.row) / (drawn @ items))[:, np.newaxis])

    def draw(self, rows: FloatArray, agreed: FloatArray, apart: FloatArray, draws: int = RESAMPLES) -> FloatArray:
        """Sums of columns, (draws, columns), from those of `rows` (rows, columns) and of the two unseen items."""
        return np.asarray(self.weights[:draws] @ np.vstack([rows, agreed, apart]))

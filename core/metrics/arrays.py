"""Array types, and the checks every table of counts passes on its way in."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


def whole_counts(values: object) -> IntArray:
    """A fresh int64 copy of `values`; ValueError when one of them is negative or not a whole number."""
    given = np.asarray(values)
    if not np.isfinite(given).all() or (given < 0).any() or (given != np.floor(given)).any():
        raise ValueError("Counts must be whole numbers, none of them negative.")
    return np.array(given, dtype=np.int64)


def gather_cells(
    cells: Iterable[tuple[tuple[str, ...], int]], labels: Sequence[str], width: int
) -> tuple[IntArray, IntArray]:
    """Cells of `width` labels and a count, as label positions (width, C) and counts (C,), in the order of `labels`.

    Equal cells are added up and empty ones left out. Raises ValueError for a label that is not among `labels`, and
    for a count that is negative.
    """
    position = {label: index for index, label in enumerate(labels)}
    totals: dict[tuple[int, ...], int] = {}
    for names, count in cells:
        if count < 0:
            raise ValueError(f"The count of {names!r} is negative: {count}.")
        unknown = [name for name in names if name not in position]
        if unknown:
            raise ValueError(f"The label {unknown[0]!r} is not one of the task's labels.")
        key = tuple(position[name] for name in names)
        totals[key] = totals.get(key, 0) + count
    kept = sorted((key, count) for key, count in totals.items() if count)
    index = np.array([key for key, _ in kept], dtype=np.int64).reshape(-1, width).T
    return index, np.array([count for _, count in kept], dtype=np.int64)


def ratio(numerator: FloatArray, denominator: FloatArray, defined: BoolArray) -> FloatArray:
    """Elementwise numerator / denominator where `defined`, NaN elsewhere, without NumPy's warnings."""
    quotient = np.full(np.broadcast_shapes(np.shape(numerator), np.shape(denominator)), np.nan)
    np.divide(numerator, denominator, out=quotient, where=defined)
    return quotient

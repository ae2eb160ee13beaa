"""The error table of spans: for each that the other annotator does not have, what is the matter with it.

Spans are matched one to one (see `Outcomes`): equals first, then those of one label that overlap most, then what is
left and overlaps. So each span of either annotator stands in one cell, and each cell knows its items.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.metrics.arrays import IntArray
from core.metrics.spans.outcomes import Outcomes
from core.metrics.spans.overlaps import unmarked


class SpanError(StrEnum):
    """How the candidate differs from the reference at one place. The extents of a wrong label may differ as well."""

    MISSED = "missed"
    SPURIOUS = "spurious"
    WRONG_LABEL = "wrong_label"
    LONGER = "longer"
    SHORTER = "shorter"
    SHIFTED = "shifted"


@dataclass(frozen=True)
class Cell:
    """An error with the labels of both sides, by position; None on the side that marked nothing there."""

    error: SpanError
    reference: int | None
    candidate: int | None


@dataclass(frozen=True, eq=False)
class SpanErrors:
    """Errors of one kind in arrays: `item` each, and the positions of its spans in `Marks`, -1 where there is none."""

    error: SpanError
    item: IntArray
    reference: IntArray
    candidate: IntArray


def span_errors(outcomes: Outcomes) -> tuple[SpanErrors, ...]:
    """All errors, a kind each, in the order of SpanError.

    Longer: the candidate's span holds all of the reference's and more; shorter: lies within it; shifted: each has
    characters that the other has not.
    """
    pairs, same, wrong = outcomes.others, outcomes.same_label, outcomes.wrong_label
    reference, candidate = outcomes.reference, outcomes.candidate
    earlier = candidate.start[pairs.candidate] - reference.start[pairs.reference]
    later = candidate.end[pairs.candidate] - reference.end[pairs.reference]
    longer = same & (earlier <= 0) & (later >= 0)
    shorter = same & (earlier >= 0) & (later <= 0)
    missed = unmarked(len(reference), outcomes.equal.reference, pairs.reference[same | wrong])
    spurious = unmarked(len(candidate), outcomes.equal.candidate, pairs.candidate[same | wrong])
    nobody = np.int64(-1)
    paired = {
        SpanError.WRONG_LABEL: wrong,
        SpanError.LONGER: longer,
        SpanError.SHORTER: shorter,
        SpanError.SHIFTED: same & ~longer & ~shorter,
    }
    return (
        SpanErrors(SpanError.MISSED, reference.item[missed], missed, np.full(len(missed), nobody)),
        SpanErrors(SpanError.SPURIOUS, candidate.item[spurious], np.full(len(spurious), nobody), spurious),
        *(
            SpanErrors(error, outcomes.item[which], pairs.reference[which], pairs.candidate[which])
            for error, which in paired.items()
        ),
    )


def error_cells(outcomes: Outcomes) -> dict[Cell, int]:
    """How many errors each cell has, the most frequent first, of equals in the order of SpanError; no empty cells."""
    cells: dict[Cell, int] = {}
    for errors in span_errors(outcomes):
        sides = _labels(outcomes, errors)
        # One number a cell, since a side without a span has label -1.
        width = int(sides.max(initial=0)) + 2
        counts = np.bincount((sides[0] + 1) * width + sides[1] + 1)
        for key in np.flatnonzero(counts).tolist():
            reference, candidate = (label - 1 if label else None for label in divmod(key, width))
            cells[Cell(errors.error, reference, candidate)] = int(counts[key])
    return dict(sorted(cells.items(), key=lambda entry: -entry[1]))


def items_in(outcomes: Outcomes, cell: Cell) -> IntArray:
    """The items that have an error of this cell, in order, each once."""
    errors = next(errors for errors in span_errors(outcomes) if errors.error is cell.error)
    wanted = [-1 if label is None else label for label in (cell.reference, cell.candidate)]
    reference, candidate = _labels(outcomes, errors)
    return np.unique(errors.item[(reference == wanted[0]) & (candidate == wanted[1])])


def _labels(outcomes: Outcomes, errors: SpanErrors) -> IntArray:
    """The labels of both sides of each error, (2, errors); -1 where there is no span."""
    # Behind the last label stands the one that position -1 finds.
    reference, candidate = (np.append(marks.label, -1) for marks in (outcomes.reference, outcomes.candidate))
    return np.stack([reference[errors.reference], candidate[errors.candidate]])

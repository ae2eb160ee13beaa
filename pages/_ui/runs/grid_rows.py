"""The runs of a grid as the rows of a table."""

from collections.abc import Sequence

import pandas as pd

from core.model import Run
from core.services.runs.side_by_side import GridResult
from pages._ui.runs.words import seconds_or_ms, status_of
from pages._ui.words.cost import PER_1000_RIGHT, about, right_labels
from pages._ui.words.figures import interval, number
from pages._ui.words.money import dollars


def grid_rows(cells: Sequence[GridResult], opened: Run) -> pd.DataFrame:
    """One row a cell; what is not known is a dash."""
    return pd.DataFrame(
        {
            "run": [
                f"{'▶' if any(one.id == opened.id for one in cell.runs) else '●'} {cell.run.number}" for cell in cells
            ],
            "model": [cell.model for cell in cells],
            "prompt": [cell.prompt or "–" for cell in cells],
            "labelled": [_labelled(cell) for cell in cells],
            "accuracy": [_accuracy(cell) for cell in cells],
            "n": [cell.accuracy.n for cell in cells],
            "cost": ["free" if cell.is_free else dollars(cell.cost.dollars) for cell in cells],
            PER_1000_RIGHT: [_right(cell) for cell in cells],
            "median": ["–" if cell.seconds is None else seconds_or_ms(cell.seconds) for cell in cells],
            "tokens": [about(cell.tokens) if cell.tokens else "–" for cell in cells],
        }
    )


def _accuracy(cell: GridResult) -> str:
    said = f"{number(cell.accuracy.value)} {interval(cell.accuracy)}".strip()
    return f"{said} other items" if cell.apart else said


def _labelled(cell: GridResult) -> str:
    """`12`, `5 of 12, paused`: how it stands is said where it is not simply done."""
    far = f"{cell.labelled:,}" if cell.labelled == cell.chosen else f"{cell.labelled:,} of {cell.chosen:,}"
    stands = status_of(cell.run)
    return far if stands == "done" else f"{far}, {stands}"


def _right(cell: GridResult) -> str:
    if cell.is_free and not cell.cost.is_all_from_cache:
        return "free"
    return right_labels(cell.cost)

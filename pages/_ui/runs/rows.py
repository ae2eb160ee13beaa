"""Runs, and what went wrong in one, as the rows of tables."""

from collections.abc import Sequence

import pandas as pd

from core.model import Annotator, Run
from core.services.asking.costing import Costs
from core.services.runs.details import Trouble
from pages._ui.runs.words import IN_PROGRESS, status_of, trouble_kind
from pages._ui.words.money import dollars
from pages._ui.words.parts import in_a_line
from pages._ui.words.table import Cell, Heading

HEADINGS = (
    Heading("Run", width="4.5rem"),
    Heading("Model and prompt"),
    Heading("Items"),
    Heading("Status"),
    Heading("Cost", right=True),
    Heading("Started", right=True),
)


def run_row(run: Run, annotator: Annotator | None, costs: Costs) -> list[Cell]:
    """As the list shows it: no more than fits beside the sidebar of a small screen."""
    return [
        Cell(str(run.number), color=annotator.color if annotator else ""),
        Cell(annotator.name if annotator else f"run {run.number}"),
        Cell(_items(run)),
        Cell(IN_PROGRESS if run.status.is_live else status_of(run)),
        Cell(_cost(run, costs)),
        Cell(f"{(run.started_at or run.created_at).astimezone():%d %b, %H:%M}"),
    ]


def _cost(run: Run, costs: Costs) -> str:
    if costs.is_free(run):
        return "free"
    return "–" if run.status.is_live else dollars(costs.of(run))  # so far: that stands above, and grows there


def _items(run: Run) -> str:
    """`320 validation`, `69 of 80 train`, `20 test, probe`."""
    is_whole = run.done == run.total or run.status.is_live  # how far a live one is stands above, and grows there
    how_many = f"{run.total:,}" if is_whole else f"{run.done:,} of {run.total:,}"
    chosen = f"{how_many} {run.config.get('split') or ''}".strip()
    return f"{chosen}, probe" if run.config.get("purpose") == "probe" else chosen


def trouble_rows(troubles: Sequence[Trouble], raw: str) -> pd.DataFrame:
    """One row an item; `raw` is the title of the column with what the host sent, as it was."""
    return pd.DataFrame(
        {
            "Item": [in_a_line(trouble.item) for trouble in troubles],
            "Kind": [trouble_kind(trouble.kind) for trouble in troubles],
            "Why": [trouble.message for trouble in troubles],
            raw: [trouble.raw for trouble in troubles],
        }
    )

"""Runs, and what went wrong in one, as the rows of tables."""

from collections.abc import Mapping, Sequence

import pandas as pd

from core.model import Annotator, Run
from core.services.asking.costing import Costs
from core.services.runs.details import Trouble
from pages._ui.runs.words import IN_PROGRESS, status_of, trouble_kind
from pages._ui.words.money import dollars


def run_rows(runs: Sequence[Run], everyone: Mapping[int, Annotator], costs: Costs, opened: Run) -> pd.DataFrame:
    """One row a run, as the list shows it: no more than fits beside the sidebar of a small screen."""
    return pd.DataFrame(
        {
            "run": [f"{'▶' if run.id == opened.id else '●'} {run.number}" for run in runs],
            "model and prompt": [run_name(run, everyone) for run in runs],
            "items": [_items(run) for run in runs],
            "status": [IN_PROGRESS if run.status.is_live else status_of(run) for run in runs],
            "cost": [_cost(run, costs) for run in runs],
            "started": [run.started_at or run.created_at for run in runs],
        }
    )


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


def run_name(run: Run, everyone: Mapping[int, Annotator]) -> str:
    return everyone[run.annotator_id].name if run.annotator_id in everyone else f"run {run.number}"


def trouble_rows(troubles: Sequence[Trouble], raw: str) -> pd.DataFrame:
    """One row an item; `raw` is the title of the column with what the host sent, as it was."""
    return pd.DataFrame(
        {
            "item": [trouble.item.text for trouble in troubles],
            "kind": [trouble_kind(trouble.kind) for trouble in troubles],
            "why": [trouble.message for trouble in troubles],
            raw: [trouble.raw for trouble in troubles],
        }
    )

"""Runs, and what went wrong in one, as the rows of tables."""

from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd

from core.model import Annotator, Run
from core.services.costing import Costs
from core.services.run_details import Trouble
from pages._ui.money import dollars
from pages._ui.run_words import seconds_in_words, selection_of, status_of, trouble_kind


def run_rows(runs: Sequence[Run], everyone: Mapping[int, Annotator], costs: Costs) -> pd.DataFrame:
    """One row a run, as the list shows it. `with` names the first of several runs started together."""
    sizes = Counter(run.grid_id for run in runs)
    return pd.DataFrame(
        {
            "": ["●" for _ in runs],
            "run": [run.id for run in runs],
            "with": [f"{run.grid_id}" if run.grid_id and sizes[run.grid_id] > 1 else "" for run in runs],
            "model and prompt": [run_name(run, everyone) for run in runs],
            "items": [_items(run) for run in runs],
            "of": [run.total for run in runs],
            "labelled": [100 * run.done // run.total if run.total else 100 for run in runs],
            "status": [status_of(run) for run in runs],
            "tokens": [run.prompt_tokens + run.completion_tokens for run in runs],
            "cost": ["free" if costs.is_free(run) else dollars(costs.of(run)) for run in runs],
            "took": [seconds_in_words(run.busy_seconds) for run in runs],
            "started": [run.started_at or run.created_at for run in runs],
        }
    )


def _items(run: Run) -> str:
    chosen = run.config.get("split") or "all"
    return f"{chosen}, probe" if run.config.get("purpose") == "probe" else chosen


def run_name(run: Run, everyone: Mapping[int, Annotator]) -> str:
    return everyone[run.annotator_id].name if run.annotator_id in everyone else f"run {run.id}"


def run_title(run: Run, everyone: Mapping[int, Annotator]) -> str:
    return f"Run {run.id}: {run_name(run, everyone)}, {selection_of(run)}"


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

"""What is known of each prompt version, as the rows of a table."""

from collections.abc import Sequence

import pandas as pd

from core.services.prompts.results import KnownResult
from pages._ui.words.figures import basis, interval, number

_OTHER = "other items, not comparable: "


def results_rows(results: Sequence[KnownResult]) -> pd.DataFrame:
    """One row for each version and model, newest version first, those on other items last; undefined says why instead
    of a number."""
    ordered = sorted(results, key=lambda r: (r.apart, -r.version.number, r.annotator.name))
    return pd.DataFrame(
        {
            "version": [r.version.title for r in ordered],
            "model": [r.annotator.name.replace(f" · v{r.version.number}", "", 1) for r in ordered],
            "accuracy": ["undefined" if r.accuracy.value is None else number(r.accuracy.value) for r in ordered],
            "95 % interval": [interval(r.accuracy) or "–" for r in ordered],
            "n": [r.accuracy.n for r in ordered],
            "how": [f"{_OTHER if r.apart else ''}{basis(r.accuracy)}" for r in ordered],
        }
    )

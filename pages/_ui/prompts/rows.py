"""What is known of each prompt version, as the rows of a table."""

from collections.abc import Sequence

import pandas as pd

from core.services.prompts.results import KnownResult
from pages._ui.words.figures import interval, number


def results_rows(results: Sequence[KnownResult]) -> pd.DataFrame:
    """One row for each version and model, newest version first, those on other items last; undefined says why instead
    of a number. There is a column of notes only where one of them has any."""
    ordered = sorted(results, key=lambda r: (r.apart, -r.version.number, r.annotator.name))
    notes = [_note(one) for one in ordered]
    columns = {
        "version": [r.version.title for r in ordered],
        "model": [r.annotator.name.replace(f" · v{r.version.number}", "", 1) for r in ordered],
        "accuracy": ["undefined" if r.accuracy.value is None else number(r.accuracy.value) for r in ordered],
        "95 % interval": [interval(r.accuracy) or "–" for r in ordered],
        "n": [r.accuracy.n for r in ordered],
    }
    return pd.DataFrame(columns | ({"note": notes} if any(notes) else {}))


def intervals_in_words(results: Sequence[KnownResult]) -> str:
    """By which method the intervals are, said once for all of them; empty where there are none."""
    methods = list(dict.fromkeys(r.accuracy.interval for r in results if r.accuracy.interval))
    return f"95 % intervals: {', '.join(methods)}." if methods else ""


def _note(result: KnownResult) -> str:
    """What sets this figure apart from the others."""
    if result.accuracy.value is None:
        return f"undefined: {result.accuracy.undefined}"
    parts = (
        "other items, not comparable" if result.apart else "",
        result.accuracy.rough and "rough: " + result.accuracy.rough,
    )
    return "; ".join(part for part in parts if part)

"""What is known of each prompt version, as the rows of a table."""

from collections.abc import Sequence
from dataclasses import replace

from core.services.prompts.results import KnownResult
from pages._ui.words.table import Cell, Heading, figure

HEADINGS = (
    Heading("Version"),
    Heading("Model"),
    Heading("Accuracy", axis=(0, 1), width="40%"),
    Heading("Items", right=True),
)


def results_rows(results: Sequence[KnownResult]) -> list[list[Cell]]:
    """One row for each version and model, newest version first, those on other items last."""
    ordered = sorted(results, key=lambda r: (r.apart, -r.version.number, r.annotator.name))
    return [
        [
            Cell(r.version.title),
            Cell(r.annotator.name.replace(f" · v{r.version.number}", "", 1)),
            _accuracy(r),
            Cell(f"{r.accuracy.n:,}"),
        ]
        for r in ordered
    ]


def _accuracy(result: KnownResult) -> Cell:
    """With what sets it apart from the others; undefined says why instead of a number."""
    cell = figure(result.accuracy, result.annotator.color)
    if result.accuracy.value is None:
        return replace(cell, note=result.accuracy.undefined)
    apart = "other items, not comparable" if result.apart else ""
    return replace(cell, note="; ".join(filter(None, (apart, cell.note))))


def intervals_in_words(results: Sequence[KnownResult]) -> str:
    """By which method the intervals are, said once for all of them; empty where there are none."""
    methods = list(dict.fromkeys(r.accuracy.interval for r in results if r.accuracy.interval))
    return f"95 % intervals: {', '.join(methods)}." if methods else ""

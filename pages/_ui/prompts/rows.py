"""What is known of each prompt version, as the rows of a table."""

from collections.abc import Sequence
from dataclasses import replace

from core.services.prompts.results import KnownResult
from pages._ui.words.table import Cell, Heading, figure


def headings(results: Sequence[KnownResult]) -> tuple[Heading, ...]:
    """All results are of one measure."""
    return (
        Heading("Version"),
        Heading("Model"),
        Heading(results[0].measure, axis=(0, 1), width="40%"),
        Heading("Items", right=True),
    )


def results_rows(results: Sequence[KnownResult]) -> list[list[Cell]]:
    """One row for each version and model, newest version first, those on other items last."""
    ordered = sorted(results, key=lambda r: (r.apart, -r.version.number, r.annotator.name))
    return [
        [
            Cell(r.version.title),
            Cell(r.annotator.name.replace(f" · v{r.version.number}", "", 1)),
            _score(r),
            Cell(f"{r.score.n:,}"),
        ]
        for r in ordered
    ]


def _score(result: KnownResult) -> Cell:
    """With what sets it apart from the others; undefined says why instead of a number."""
    cell = figure(result.score, result.annotator.color)
    if result.score.value is None:
        return replace(cell, note=result.score.undefined)
    apart = "other items, not comparable" if result.apart else ""
    return replace(cell, note="; ".join(filter(None, (apart, cell.note))))


def intervals_in_words(results: Sequence[KnownResult]) -> str:
    """By which method the intervals are, said once for all of them; empty where there are none."""
    methods = list(dict.fromkeys(r.score.interval for r in results if r.score.interval))
    return f"95 % intervals: {', '.join(methods)}." if methods else ""

"""What stands in the way of an import, before anything is stored."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from core.importers import Check, best_spelling, check_rows
from core.model import Problem, TableData
from core.services.data.choice import ImportChoice
from core.tasks import MAX_LABELS, fold


def check(table: TableData, choice: ImportChoice) -> Check:
    """What stands in the way of importing this table so; see `core.importers.check_rows`."""
    found = check_rows(
        table,
        choice.text_columns,
        choice.label_columns,
        choice.id_column,
        skip_empty=choice.skip_empty,
        first_row=choice.first_row,
    )
    problems = (*found.problems, *(_too_many_labels(found.label_counts) if choice.label_columns[1:] else ()))
    return replace(found, problems=problems, label_variants=_spellings(found.label_counts))


def _spellings(counts: Mapping[str, int]) -> dict[str, str]:
    """For every spelling that no task could hold beside another, the one it should count as: the most frequent."""
    groups: dict[str, Counter[str]] = {}
    for spelling, number in counts.items():
        groups.setdefault(fold(spelling), Counter())[" ".join(spelling.split())] += number
    best = {key: best_spelling(found) for key, found in groups.items()}
    return {spelling: best[fold(spelling)] for spelling in counts if spelling != best[fold(spelling)]}


def _too_many_labels(counts: Mapping[str, int]) -> list[Problem]:
    distinct = len({fold(spelling) for spelling in counts})
    if distinct <= MAX_LABELS:
        return []
    text = f"The label columns hold {distinct:,} different labels together; the most is {MAX_LABELS}."
    return [Problem(text, hint="Choose fewer label columns.")]

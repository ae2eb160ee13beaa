"""What stands in the way of an import, before anything is stored."""

from collections.abc import Iterable
from dataclasses import replace

from core.importers import Check, check_rows
from core.model import Problem, TableData
from core.services.data.choice import ImportChoice
from core.spelling import fold
from core.tasks import MAX_LABELS


def check(table: TableData, choice: ImportChoice) -> Check:
    """What stands in the way of importing this table so; see `core.importers.check_rows`."""
    found = check_rows(
        table,
        choice.text_columns,
        choice.label_columns,
        choice.id_column,
        choice.annotator_column,
        skip_empty=choice.skip_empty,
        first_row=choice.first_row,
    )
    if len(choice.label_columns) < 2:
        return found
    plain = [spelling for spelling in found.label_counts if spelling not in found.asked]
    return replace(found, problems=(*found.problems, *_too_many_labels(plain)))


def _too_many_labels(spellings: Iterable[str]) -> list[Problem]:
    distinct = len(set(map(fold, spellings)))
    if distinct <= MAX_LABELS:
        return []
    text = f"The label columns have {distinct:,} different labels in total; the limit is {MAX_LABELS}."
    return [Problem(text, hint="Choose fewer label columns.")]

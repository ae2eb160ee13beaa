"""Records of a file that is no text, as the table that they are."""

from collections.abc import Sequence
from pathlib import Path

from core.importers.label_cells import cell_text
from core.importers.naming import name_columns
from core.importers.options import Limits
from core.importers.problems import ProblemList
from core.importers.text_file import clean_cells
from core.importers.tools import renamed, unfolded
from core.importers.tools.gathered import Record
from core.model import TableData


def table_of(
    records: Sequence[Record], path: Path, about: str, limits: Limits, first_row: int, written: Sequence[str] = ()
) -> TableData:
    """The table of all names, unfolded where a tool wrote the records. `written` are names in their order, for records
    that stay as they are."""
    export = unfolded(records, path)
    is_as_written = bool(written) and export.records == records
    names = list(written) if is_as_written else list(dict.fromkeys(key for one in export.records for key in one))
    columns, notes = name_columns(names, limits)
    rows = [[cell_text(record.get(name)) for name in names] for record in export.records]
    problems = ProblemList()
    clean_cells(rows, columns, first_row, problems)
    answers = renamed(export.answers, dict(zip(names, columns, strict=True)))
    return TableData(columns, rows, about, problems.all(), (*export.notes, *notes), True, answers, export.models)

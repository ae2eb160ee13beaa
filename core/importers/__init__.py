"""Where items come from: one file per format, and the IMPORTERS dict whose order is the order on screen.

Reading gives a `TableData` of text with the problems named by row and column; nothing is stored here. `check_rows`
then judges the columns that the user chose.
"""

import re
from pathlib import Path

from core.importers import conll_file, csv_file, docbin_file, excel_file, huggingface, jsonl, parquet_file
from core.importers.check import Check, check_rows
from core.importers.columns import ColumnGuess, guess_columns
from core.importers.csv_file import read_csv
from core.importers.further import FurtherQuestion, further_questions, kind_of_answers
from core.importers.grouping import Conflict, Duplicate
from core.importers.huggingface import read_huggingface, read_saved
from core.importers.item_keys import item_keys, joined_text, keys_told_apart, text_keys
from core.importers.joining import joined
from core.importers.jsonl import read_jsonl
from core.importers.label_cells import CellKind, read_label, unlisted
from core.importers.label_columns import Asked
from core.importers.offset_doctor import Diagnosis, Quoted, diagnose
from core.importers.options import DEFAULTS, Importer, Limits, ReadOptions
from core.importers.other_kinds import OtherKind, other_kind
from core.importers.ranking_cells import MOST_CANDIDATES, rankings_by_item
from core.importers.recognised import Recognised, recognise, verdicts
from core.importers.set_cells import names_in, separator_of
from core.importers.span_cells import spans_in
from core.importers.spreadsheet import answers_of_ours
from core.importers.text_file import TITLES
from core.importers.uncollected import uncollected
from core.model import TableData

IMPORTERS: dict[str, Importer] = {
    "csv": csv_file.IMPORTER,
    "jsonl": jsonl.IMPORTER,
    "parquet": parquet_file.IMPORTER,
    "excel": excel_file.IMPORTER,
    "conll": conll_file.IMPORTER,
    "docbin": docbin_file.IMPORTER,
    "huggingface": huggingface.IMPORTER,
}

__all__ = [
    "OtherKind",
    "DEFAULTS",
    "IMPORTERS",
    "MOST_CANDIDATES",
    "TITLES",
    "Asked",
    "CellKind",
    "Check",
    "ColumnGuess",
    "Conflict",
    "Diagnosis",
    "Duplicate",
    "FurtherQuestion",
    "Importer",
    "Limits",
    "Quoted",
    "Recognised",
    "ReadOptions",
    "answers_of_ours",
    "check_rows",
    "format_of",
    "further_questions",
    "guess_columns",
    "item_keys",
    "joined",
    "kind_of_answers",
    "diagnose",
    "joined_text",
    "names_in",
    "other_kind",
    "peek",
    "rankings_by_item",
    "read_csv",
    "read_huggingface",
    "read_jsonl",
    "read_label",
    "read_saved",
    "read_table",
    "recognise",
    "separator_of",
    "spans_in",
    "verdicts",
    "text_keys",
    "unlisted",
    "keys_told_apart",
    "uncollected",
]


def format_of(path: str | Path) -> str:
    """The key in IMPORTERS for a file, by its suffix; CSV where the suffix says nothing. A file that begins as JSON,
    Parquet or Excel do is none of CSV, whatever it is called, nor is one of tagged words."""
    suffix = Path(path).suffix.lower()
    key = next((key for key, importer in IMPORTERS.items() if suffix in importer.suffixes), "csv")
    if key != "csv":
        return key
    head = _head(Path(path))
    if head.startswith(parquet_file.MAGIC):
        return "parquet"
    if head.startswith(excel_file.MAGIC) and excel_file.is_workbook(Path(path)):
        return "excel"
    if docbin_file.is_docbin(head):
        return "docbin"
    return "jsonl" if _JSON.match(head) else "conll" if conll_file.looks_like_conll(head) else key


_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\[\s*)?(?:\{\s*\"[^\"]*\"\s*:|\[\s*\"[^\"]*\"\s*,\s*\{)")
_HEAD = 1 << 16


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD)
    except (OSError, ValueError):
        return b""


def read_table(path: str | Path, options: ReadOptions = DEFAULTS) -> TableData:
    """The whole table of a CSV or JSONL file, the format taken from its suffix. See the format's own function."""
    return rankings_by_item(IMPORTERS[format_of(path)].read(path, options))


def peek(path: str | Path, n: int = 8, options: ReadOptions = DEFAULTS) -> TableData:
    """The first n rows of a file, read from its head alone."""
    return IMPORTERS[format_of(path)].peek(path, n, options)

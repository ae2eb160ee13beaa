"""Where items come from: one file per format, and the IMPORTERS dict whose order is the order on screen.

Reading gives a `TableData` of text with the problems named by row and column; nothing is stored here. `check_rows`
then judges the columns that the user chose.
"""

import re
from pathlib import Path

from core.importers import csv_file, huggingface, jsonl
from core.importers.check import Check, check_rows
from core.importers.columns import ColumnGuess, guess_columns
from core.importers.csv_file import read_csv
from core.importers.grouping import Conflict, Duplicate
from core.importers.huggingface import read_huggingface
from core.importers.item_keys import item_keys, joined_text, text_keys
from core.importers.jsonl import read_jsonl
from core.importers.label_cells import CellKind, read_label
from core.importers.label_columns import Asked
from core.importers.options import DEFAULTS, Importer, Limits, ReadOptions
from core.importers.other_kinds import OtherKind, other_kind
from core.importers.text_file import TITLES
from core.model import TableData

IMPORTERS: dict[str, Importer] = {
    "csv": csv_file.IMPORTER,
    "jsonl": jsonl.IMPORTER,
    "huggingface": huggingface.IMPORTER,
}

__all__ = [
    "OtherKind",
    "DEFAULTS",
    "IMPORTERS",
    "TITLES",
    "Asked",
    "CellKind",
    "Check",
    "ColumnGuess",
    "Conflict",
    "Duplicate",
    "Importer",
    "Limits",
    "ReadOptions",
    "check_rows",
    "format_of",
    "guess_columns",
    "item_keys",
    "joined_text",
    "other_kind",
    "peek",
    "read_csv",
    "read_huggingface",
    "read_jsonl",
    "read_label",
    "read_table",
    "text_keys",
]


def format_of(path: str | Path) -> str:
    """The key in IMPORTERS for a file, by its suffix; CSV where the suffix says nothing. A file that begins as JSON
    is none of CSV, whatever it is called."""
    suffix = Path(path).suffix.lower()
    if suffix not in IMPORTERS["jsonl"].suffixes and _begins_as_json(Path(path)):
        return "jsonl"
    return next((key for key, importer in IMPORTERS.items() if suffix in importer.suffixes), "csv")


_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\[\s*)?\{\s*\"[^\"]*\"\s*:")


def _begins_as_json(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return _JSON.match(file.read(4096)) is not None
    except (OSError, ValueError):
        return False


def read_table(path: str | Path, options: ReadOptions = DEFAULTS) -> TableData:
    """The whole table of a CSV or JSONL file, the format taken from its suffix. See the format's own function."""
    return IMPORTERS[format_of(path)].read(path, options)


def peek(path: str | Path, n: int = 8, options: ReadOptions = DEFAULTS) -> TableData:
    """The first n rows of a file, read from its head alone."""
    return IMPORTERS[format_of(path)].peek(path, n, options)

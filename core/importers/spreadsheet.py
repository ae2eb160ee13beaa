"""Our own exports for spreadsheets, brought back as they were: see `core.exporters.spreadsheet`."""

import re
from collections.abc import Sequence

_OWN = ("item_id", "id", "text", "split")
_LABEL = "label:"
_MARKED = re.compile("''*(?:[\\s\u200b-\u200f\u2060\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])")


def is_own_export(header: Sequence[str], encoding: str) -> bool:
    """Whether the file begins as our export for spreadsheets does, byte order mark included; of several questions the
    question goes first."""
    own = header[1:] if header[:1] == ["question"] or header[:1] == ("question",) else header
    return tuple(own[: len(_OWN)]) == _OWN and encoding == "utf-8-sig"


def answers_of_ours(columns: Sequence[str]) -> tuple[str, ...]:
    """The columns of an export of ours that hold what annotators say, a row an annotation or a column an annotator; ()
    of any other table."""
    named = tuple(name for name in columns if name.startswith(_LABEL))
    is_long = tuple(columns[: len(_OWN)]) == _OWN and {"annotator", "label"} <= {*columns}
    return ("label",) if is_long else named


def restored(text: str) -> str:
    """The text without the apostrophe that kept a spreadsheet from computing it."""
    return text[1:] if text.startswith("'") and _MARKED.match(text) else text


def restore(rows: list[list[str]]) -> None:
    """The same for all cells, in place."""
    for row in rows:
        for place, cell in enumerate(row):
            if cell and cell[0] == "'":
                row[place] = restored(cell)

"""Files on their way in: each is looked at, stored, and named by its reference; what was wrong is said by file."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from core.errors import WorkbenchError
from core.media import MediaStore, examine, is_reference
from core.message_files import with_files
from core.model import TableData
from core.plural import count

_MOST_NAMED = 5
_SAMPLE, _TALKS = 50, 2_000
_FILE_IN_MESSAGE = re.compile(r'"type": ?"(?:input_)?(?:image|audio)')
_DATA_URI = re.compile(r"\s*data:(?:image|audio|video)/[\w.+-]+(?:;[\w=.+-]+)*;base64,([A-Za-z0-9+/=_\s-]+)", re.ASCII)


@dataclass
class Intake:
    """Stores what comes in, and remembers by file what could not be taken and what is to know."""

    store: MediaStore
    refused: dict[str, str] = field(default_factory=dict)
    remarks: dict[str, list[str]] = field(default_factory=dict)
    taken: int = 0

    def take(self, data: bytes, name: str) -> str:
        """The reference of a file; "" for one that is not taken."""
        try:
            examined = examine(data)
            reference = self.store.put(data)
        except WorkbenchError as error:
            self.refused[name] = error.message
            return ""
        self.taken += 1
        if examined.remark:
            self.remarks.setdefault(examined.remark, []).append(name)
        return str(reference)

    def notes(self) -> tuple[str, ...]:
        """One sentence a file that was refused, the first few of many; one for each thing to know."""
        found = [f"{name}: {why} It was left out." for name, why in list(self.refused.items())[:_MOST_NAMED]]
        if len(self.refused) > _MOST_NAMED:
            found.append(f"{count(len(self.refused) - _MOST_NAMED, 'more file')} could not be read and were left out.")
        for remark, names in self.remarks.items():
            listed = ", ".join(names[:_MOST_NAMED]) + (" …" if len(names) > _MOST_NAMED else "")
            found.append(f"{count(len(names), 'file')} {'is' if len(names) == 1 else 'are'} {remark} ({listed}).")
        return tuple(found)


def take_data_uris(table: TableData, intake: Intake) -> TableData:
    """The table with each file that is written into a cell, or into a message, stored, and its reference in its
    place."""
    columns = [place for place in range(len(table.columns)) if _has_data_uris(table, place)]
    talks = [place for place in range(len(table.columns)) if place not in columns and has_message_files(table, place)]
    if not columns and not talks:
        return table
    rows = [list(row) for row in table.rows]
    for number, row in enumerate(rows, start=1):
        for place in columns:
            row[place] = _taken(row[place], f"{table.columns[place]} of record {number:,}", intake)
        for place in talks:
            named = partial(_taken, name=f"{table.columns[place]} of record {number:,}", intake=intake)
            row[place] = with_files(row[place], named)
    return replace(table, rows=rows)


def has_message_files(table: TableData, place: int) -> bool:
    """Whether a column has conversations with pictures or sounds in their messages."""
    cells = (row[place] for row in table.rows[:: len(table.rows) // _TALKS + 1])
    return any(_FILE_IN_MESSAGE.search(cell) for cell in cells if cell[:1] in ("[", "{"))


def _has_data_uris(table: TableData, place: int) -> bool:
    cells = [row[place] for row in table.rows[:: len(table.rows) // _SAMPLE + 1] if row[place]]
    return bool(cells) and sum(cell[:40].lstrip().startswith("data:") for cell in cells) * 2 >= len(cells)


def _taken(cell: str, name: str, intake: Intake) -> str:
    found = _DATA_URI.fullmatch(cell)
    if found is None:
        return cell
    try:
        data = base64.b64decode("".join(found[1].split()).replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        intake.refused[name] = "The file is written into its cell, and cannot be read from it."
        return ""
    return intake.take(data, name)


def file_columns(table: TableData) -> tuple[str, ...]:
    """The columns that hold references and nothing else, as far as they hold anything."""
    return tuple(name for place, name in enumerate(table.columns) if _are_files(table.rows, place))


def _are_files(rows: Sequence[Sequence[str]], place: int) -> bool:
    has_any = False
    for row in rows:
        if row[place]:
            if not is_reference(row[place]):
                return False
            has_any = True
    return has_any

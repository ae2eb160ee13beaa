"""Names for the columns of a table: each has one, and no two the same, whatever the file says."""

import re
from collections.abc import Sequence

from core.errors import WorkbenchError
from core.importers.options import Limits

_EDGE = " \t\r\n\u00a0\u00ad\u200b\u200e\u200f\u2060\ufeff"
_UNREADABLE = re.compile("[\x00\ud800-\udfff]")
_LISTED = 5


def name_columns(cells: Sequence[str], limits: Limits) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A name for each column, and a sentence for each thing that was done to get there.

    A column without a name is called by its place, "column 3"; of names that repeat the later ones are numbered. What
    is invisible at the ends is left out. Raises WorkbenchError for too many columns.
    """
    if len(cells) > limits.columns:
        text = f"The file has {len(cells):,} columns; the limit is {limits.columns:,}."
        raise WorkbenchError(text, "Leave out columns that are not needed, or check that each row is on its own line.")
    written = [_UNREADABLE.sub("\ufffd", cell).strip(_EDGE) for cell in cells]
    taken = set(written)
    names: list[str] = []
    nameless: list[str] = []
    repeated: list[str] = []
    used: set[str] = set()
    for place, wanted in enumerate(written, start=1):
        name = wanted or _free(f"column {place}", taken)
        if name in used:
            name = _free(name, taken | used)
            repeated.append(name)
        if not wanted:
            nameless.append(name)
        used.add(name)
        names.append(name)
    return tuple(names), (*_said(nameless, "without a name in the file"), *_said(repeated, "whose name repeats"))


def _free(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    number = 2
    while f"{name} ({number})" in taken:
        number += 1
    return f"{name} ({number})"


def _said(names: list[str], why: str) -> tuple[str, ...]:
    if not names:
        return ()
    shown = ", ".join(f'"{name[:40]}"' for name in names[:_LISTED])
    more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    one = len(names) == 1
    return (f"{'A column' if one else 'Columns'} {why} {'is' if one else 'are'} called {shown}{more}.",)

"""What a table plainly is, where that is no table of texts: said before anything is imported, since it could be read as
one, with every word an item."""

import re
from dataclasses import dataclass

from core.importers.span_rows import END, START
from core.model import TableData
from core.text import whole_in

_SAMPLE = 4_000
_TAG = re.compile(r"O|[BIESLU]-\S+")
_MOSTLY = 0.95


@dataclass(frozen=True)
class OtherKind:
    """`title` says what it is; `found` by what that is seen; `todo` what can be done."""

    title: str
    found: str
    todo: str


def other_kind(table: TableData) -> OtherKind | None:
    """None where nothing speaks against rows of texts."""
    rows = table.rows[:: len(table.rows) // _SAMPLE + 1]
    columns = {name: [row[place].strip() for row in rows] for place, name in enumerate(table.columns)}
    return _tokens(columns) or _places(columns)


def _tokens(columns: dict[str, list[str]]) -> OtherKind | None:
    """CoNLL and its kin: a word a row, and a tag beside it."""
    for cells in columns.values():
        # Parted by spaces, all of a line is one cell, and the tag its last word.
        words = [cell.split() for cell in cells if cell]
        tags = [parts[-1] for parts in words if len(columns) > 1 or len(parts) > 1]
        fits = sum(_TAG.fullmatch(tag) is not None for tag in tags)
        if fits >= _MOSTLY * max(len(words), 1) and len(set(tags)) > 1 and any("-" in tag for tag in tags):
            example = next(tag for tag in tags if "-" in tag)
            return OtherKind(
                "This is a file of tagged words (CoNLL)",
                f"Each row is one word with its tag, such as “{example}”.",
                "Join the words of each sentence into one text per row, or save it with tabs between the columns.",
            )
    return None


def _places(columns: dict[str, list[str]]) -> OtherKind | None:
    """A span a row, as two numbers."""
    by_name = {name.casefold().replace(" ", "_"): name for name in columns}
    start, end = (next((by_name[one] for one in by_name if one in names), None) for names in (START, END))
    if start is None or end is None:
        return None
    both = [(a, b) for a, b in zip(columns[start], columns[end], strict=True) if a or b]
    numbers = [(whole_in(a), whole_in(b)) for a, b in both]
    whole = [(a, b) for a, b in numbers if a is not None and b is not None]
    if not whole or len(whole) < _MOSTLY * len(both) or any(a > b for a, b in whole):
        return None
    return OtherKind(
        "These are places in texts (spans)",
        f"The columns “{start}” and “{end}” say where in a text something begins and ends.",
        'Join them with their texts: one row per text, with a column of spans such as [[0, 5, "PER"]].',
    )

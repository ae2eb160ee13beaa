"""Columns that hold the levels of a scale: a few consecutive whole numbers, under a name that says so."""

import re
from collections.abc import Collection, Sequence

from core.model import TableData

_NAME = re.compile(r"(?:^|[^a-z])(?:rating|score|stars?|level|grade)s?(?![a-z])")
_LEVEL = re.compile(r"(\d{1,3})(?:\.0+)?")
_FEWEST, _MOST = 3, 10
_SAMPLE = 4_000


def scales(table: TableData, leave_out: Collection[str]) -> tuple[str, ...]:
    """The first such column, and all others with levels of its range: several people who rate, or several models."""
    found = {name: levels for name in table.columns if name not in leave_out and (levels := _levels(table, name))}
    if not found:
        return ()
    first = next(iter(found.values()))
    return tuple(name for name, levels in found.items() if levels <= first or first <= levels)


def _levels(table: TableData, name: str) -> frozenset[int]:
    """The levels of a column; none where it is called otherwise, or holds something else."""
    if not _NAME.search(name.casefold()):
        return frozenset()
    cells = _spoken(table, name)
    found = [_LEVEL.fullmatch(cell) for cell in cells]
    numbers = {int(one[1]) for one in found if one}
    is_scale = _FEWEST <= len(numbers) <= _MOST and max(numbers) - min(numbers) == len(numbers) - 1
    return frozenset(numbers) if is_scale and all(found) and len(cells) > len(numbers) else frozenset()


def _spoken(table: TableData, name: str) -> Sequence[str]:
    place = table.columns.index(name)
    return [cell for row in table.rows[:: len(table.rows) // _SAMPLE + 1] if (cell := row[place].strip())]

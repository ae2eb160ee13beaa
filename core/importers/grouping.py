"""What rows that are about one item say of it: what they repeat, and where they contradict each other."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from core.importers.label_cells import CellKind, read_label
from core.model import TableData
from core.spelling import same_value, tidy

MOST_CONFLICTS = 200
_FIRST_ROWS = 5


@dataclass(frozen=True)
class Duplicate:
    """One text that occurs `count` times; `rows` are the numbers of the first few rows that hold it."""

    text: str
    count: int
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Conflict:
    """One annotator (or label column) that says several things of one item, in the order of the rows."""

    who: str
    text: str
    labels: tuple[str, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Groups:
    """`repeats` are the rows about an item that an earlier row is about."""

    repeats: int
    conflicts: tuple[Conflict, ...] = ()
    n_conflicts: int = 0
    varying: tuple[str, ...] = ()


def group_rows(
    table: TableData,
    keys: Sequence[str],
    texts: Sequence[str],
    label_columns: Sequence[str],
    annotator_column: str | None,
    own: Sequence[str],
    skipped: frozenset[int],
    first_row: int,
    read: "Callable[[str], _Said]",
) -> Groups:
    """The rows that are about one item, what in them contradicts itself, and which of the `own` columns differ. `read`
    gives what a label cell says, as it is told from others and as it is shown."""
    if len(set(keys)) == len(keys):
        return Groups(0)
    members: dict[str, list[int]] = {}
    for index, key in enumerate(keys):
        if index not in skipped:
            members.setdefault(key, []).append(index)
    groups = [found for found in members.values() if len(found) > 1]
    said_in = [(name, _by_cell(table, name, cache(read))) for name in label_columns]
    who_in = _by_cell(table, annotator_column, cache(_named)) if annotator_column else None
    conflicts: list[Conflict] = []
    n_conflicts = 0
    for found in groups:
        new = _conflicts(found, texts[found[0]], said_in, who_in, first_row)
        n_conflicts += len(new)
        conflicts += new[: MOST_CONFLICTS - len(conflicts)]
    repeats = sum(len(found) - 1 for found in groups)
    return Groups(repeats, tuple(conflicts), n_conflicts, _varying(table, groups, own))


def duplicates(
    texts: Sequence[str], keys: Sequence[str], skipped: frozenset[int], first_row: int
) -> tuple[Duplicate, ...]:
    """Texts of more than one row, the most frequent first; `keys` tell which are the same."""
    if len(set(keys)) == len(keys):
        return ()
    repeated = {key: count for key, count in Counter(keys).most_common() if count > 1 and key}
    rows: dict[str, list[int]] = {key: [] for key in repeated}
    for index, key in enumerate(keys):
        if key in rows and index not in skipped and len(rows[key]) < _FIRST_ROWS:
            rows[key].append(index)
    return tuple(
        Duplicate(texts[rows[key][0]], count, tuple(first_row + index for index in rows[key]))
        for key, count in repeated.items()
        if rows[key]
    )


_Said = tuple[str, str]
"""A label or a name as it is told from others, and as it is shown."""


def _by_cell(table: TableData, column: str, read: Callable[[str], _Said]) -> Callable[[int], _Said]:
    """What the column says in a row. The same cells come again and again in a long table, and are read once."""
    place, rows = table.columns.index(column), table.rows
    return lambda index: read(rows[index][place])


def cell_said(cell: str) -> _Said:
    """A cell that holds more than a name, as it is written."""
    return cell.strip(), tidy(cell)


def label_said(cell: str) -> _Said:
    """The one label of a cell."""
    said = read_label(cell)
    is_one = said.kind in (CellKind.LABEL, CellKind.MARKED)
    return (same_value(said.label), tidy(said.label)) if is_one else ("", "")


def _named(cell: str) -> _Said:
    return same_value(cell), tidy(cell)


def _conflicts(
    members: Sequence[int],
    text: str,
    said_in: Sequence[tuple[str, Callable[[int], _Said]]],
    who_in: Callable[[int], _Said] | None,
    first_row: int,
) -> list[Conflict]:
    found = []
    for column, said_of in said_in:
        said: dict[str, dict[str, tuple[str, int]]] = {}
        names: dict[str, str] = {}
        for index in members:
            key, label = said_of(index)
            if not key:
                continue
            who, name = who_in(index) if who_in else ("", "")
            names.setdefault(who, name or column)
            said.setdefault(who, {}).setdefault(key, (label, index))
        found += [
            Conflict(
                names[who], text, tuple(label for label, _ in by.values()), tuple(first_row + i for _, i in by.values())
            )
            for who, by in said.items()
            if len(by) > 1
        ]
    return found


def _varying(table: TableData, groups: Sequence[Sequence[int]], own: Sequence[str]) -> tuple[str, ...]:
    """Of the items' own columns those that differ between rows of one item."""
    places: Mapping[str, int] = {name: table.columns.index(name) for name in own}
    return tuple(
        name
        for name, place in places.items()
        if any(table.rows[index][place] != table.rows[found[0]][place] for found in groups for index in found[1:])
    )

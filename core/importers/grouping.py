"""Rows that are about one item: those of one text, or, where each row is one annotation, of one id."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
    """`keys` tell which item a row is about. `repeats` are the rows about an item that an earlier row is about."""

    keys: Sequence[str]
    repeats: int
    conflicts: tuple[Conflict, ...] = ()
    n_conflicts: int = 0
    varying: tuple[str, ...] = ()


def joined_text(table: TableData, text_columns: Sequence[str]) -> list[str]:
    """The text of every row: the one column as it is, or several joined by line breaks without the blank ones."""
    places = [table.columns.index(name) for name in text_columns]
    if len(places) == 1:
        return [row[places[0]] for row in table.rows]
    return ["\n".join([row[place] for place in places if row[place].strip()]) for row in table.rows]


def item_keys(table: TableData, texts: Sequence[str], id_column: str | None, is_long: bool) -> Sequence[str]:
    """What tells one item from another: the text, or in tables of annotations the id where there is one."""
    if not is_long or id_column is None:
        return texts
    place = table.columns.index(id_column)
    return [
        f"id {own}" if (own := row[place].strip()) else f"text {text}"
        for row, text in zip(table.rows, texts, strict=True)
    ]


def group_rows(
    table: TableData,
    keys: Sequence[str],
    texts: Sequence[str],
    label_columns: Sequence[str],
    annotator_column: str | None,
    own: Sequence[str],
    skipped: frozenset[int],
    first_row: int,
) -> Groups:
    """The rows that are about one item, what in them contradicts itself, and which of the `own` columns differ."""
    if len(set(keys)) == len(keys):
        return Groups(keys, 0)
    members: dict[str, list[int]] = {}
    for index, key in enumerate(keys):
        if index not in skipped:
            members.setdefault(key, []).append(index)
    groups = [found for found in members.values() if len(found) > 1]
    conflicts: list[Conflict] = []
    n_conflicts = 0
    for found in groups:
        new = _conflicts(table, found, texts[found[0]], label_columns, annotator_column, first_row)
        n_conflicts += len(new)
        conflicts += new[: MOST_CONFLICTS - len(conflicts)]
    repeats = sum(len(found) - 1 for found in groups)
    return Groups(keys, repeats, tuple(conflicts), n_conflicts, _varying(table, groups, own))


def duplicates(texts: Sequence[str], skipped: frozenset[int], first_row: int) -> tuple[Duplicate, ...]:
    """Texts of more than one row, the most frequent first."""
    if len(set(texts)) == len(texts):
        return ()
    repeated = {text: count for text, count in Counter(texts).most_common() if count > 1 and text.strip()}
    rows: dict[str, list[int]] = {text: [] for text in repeated}
    for index, text in enumerate(texts):
        if text in rows and index not in skipped and len(rows[text]) < _FIRST_ROWS:
            rows[text].append(first_row + index)
    return tuple(Duplicate(text, count, tuple(rows[text])) for text, count in repeated.items())


def _conflicts(
    table: TableData,
    members: Sequence[int],
    text: str,
    label_columns: Sequence[str],
    annotator_column: str | None,
    first_row: int,
) -> list[Conflict]:
    who_place = table.columns.index(annotator_column) if annotator_column else None
    found = []
    for column in label_columns:
        place = table.columns.index(column)
        said: dict[str, dict[str, tuple[str, int]]] = {}
        names: dict[str, str] = {}
        for index in members:
            cell = read_label(table.rows[index][place])
            if cell.kind is not CellKind.LABEL:
                continue
            who = tidy(table.rows[index][who_place]) if who_place is not None else ""
            names.setdefault(same_value(who), who or column)
            said.setdefault(same_value(who), {}).setdefault(same_value(cell.label), (tidy(cell.label), index))
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

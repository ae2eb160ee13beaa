"""What annotators say of the same items, set beside one another: the counts that every figure of two or three is made
of, and on how many items they meet."""

from collections.abc import Collection, Sequence

import numpy as np

from core.model import Split
from core.storage.columns import Column
from core.storage.engine import Connection
from core.storage.kept_columns import SaidColumns, in_split, said_by

Triple = tuple[int, int, int, int]
_LARGEST_TABLE = 4_000_000


def pair_counts(
    conn: Connection,
    reference: int,
    candidate: int,
    split: Split | None,
    but: Collection[int] = (),
    among: Sequence[int] = (),
) -> list[tuple[int, int | None, int]]:
    """`(id of the reference's value, of the candidate's, items)` without the items in `but`: the contingency table.

    The candidate's value is None for the reference's items that it has not labelled. Only items that each of `among`
    has labelled count.
    """
    own = narrowed(conn, reference, split, but)
    for other in among:
        own = own.only(said_by(conn, other).on(own.items)[1])
    said = said_by(conn, candidate).values_on(own.items)
    return [(r, None if c < 0 else c, n) for (r, c), n in counted([own.values, said])]


def in_common(
    conn: Connection, reference: int, candidate: int, split: Split | None, but: Collection[int] = ()
) -> tuple[int, int]:
    """`(items the reference has labelled, those of them the candidate has too)`, those in `but` left out."""
    own = narrowed(conn, reference, split, but)
    return len(own.items), int(said_by(conn, candidate).on(own.items)[1].sum())


def triple_counts(
    conn: Connection, reference: int, a: int, b: int, but: Collection[int] = ()
) -> dict[Split | None, list[Triple]]:
    """`(reference, a, b, items)` over the items all three have labelled, without those in `but`, by split (None: not
    dealt)."""
    own = said_by(conn, reference).but(but)
    others = [said_by(conn, one).values_on(own.items) for one in (a, b)]
    is_kept = (others[0] >= 0) & (others[1] >= 0)
    items, said = own.items[is_kept], [column[is_kept] for column in (own.values, *others)]
    found: dict[Split | None, list[Triple]] = {}
    left = np.ones(len(items), np.bool_)
    for split in Split:
        is_in = np.isin(items, in_split(conn, reference, split), assume_unique=True)
        left &= ~is_in
        _add(found, split, [column[is_in] for column in said])
    _add(found, None, [column[left] for column in said])
    return found


def met_on_test(conn: Connection, one: int, other: int) -> tuple[int, int]:
    """On how many test items both annotators' labels stand, and the newest entry among those; 0 is nobody, who asks
    for no label."""
    both = [annotator for annotator in (one, other) if annotator]
    own = narrowed(conn, both[0], Split.TEST, ())
    newest = own.entries
    for annotator in both[1:]:
        said = said_by(conn, annotator)
        place, is_there = said.on(own.items)
        newest = np.maximum(newest[is_there], said.entries[place[is_there]])
    return len(newest), int(newest.max(initial=0))


def counts_of(said: SaidColumns) -> dict[int, int]:
    """Of each value on how many items it is said."""
    values, numbers = np.unique(said.values, return_counts=True)
    return dict(zip(values.tolist(), numbers.tolist(), strict=True))


def narrowed(conn: Connection, annotator: int, split: Split | None, but: Collection[int]) -> SaidColumns:
    """What an annotator says of the items of a split, or of all, those in `but` left out."""
    own = said_by(conn, annotator).but(but)
    return own.only(np.isin(own.items, in_split(conn, annotator, split), assume_unique=True)) if split else own


def _add(found: dict[Split | None, list[Triple]], split: Split | None, said: Sequence[Column]) -> None:
    if len(said[0]):
        found[split] = [(r, a, b, n) for (r, a, b), n in counted(said)]


def counted(said: Sequence[Column]) -> list[tuple[tuple[int, ...], int]]:
    """Which values stand beside one another, in ascending order, and how often; -1 is none."""
    if not len(said[0]):
        return []
    key, most = np.zeros(len(said[0]), np.int64), 1
    for column in said:
        values, place = _placed(column)
        if most > _LARGEST_TABLE:
            key, most = _closer(key)
        key, most = key * len(values) + place, most * len(values)
    if most > _LARGEST_TABLE:
        key, most = _closer(key)
    numbers, one_of = np.bincount(key), np.zeros(most, np.int64)
    one_of[key] = np.arange(len(key))
    found = np.flatnonzero(numbers)
    parts = [column[one_of[found]].tolist() for column in said]
    return list(zip(zip(*parts, strict=True), numbers[found].tolist(), strict=True))


def _closer(key: Column) -> tuple[Column, int]:
    """The place of each number among those that occur, and how many these are."""
    found, place = np.unique(key, return_inverse=True)
    return place.reshape(-1), len(found)


def _placed(column: Column) -> tuple[Column, Column]:
    """The values in it, ascending, and the place of each entry's among them."""
    low, high = int(column.min()), int(column.max())
    if high - low >= _LARGEST_TABLE:
        values, place = np.unique(column, return_inverse=True)
        return values, place.reshape(-1)
    occurs = np.zeros(high - low + 1, np.bool_)
    occurs[column - low] = True
    return np.flatnonzero(occurs) + low, (np.cumsum(occurs) - 1)[column - low]

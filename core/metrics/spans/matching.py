"""One-to-one matchings of spans that overlap, of all items at once: the heaviest, and the first come, first served.

Nearly all spans overlap one other or none, so what is left to decide is small; arrays do the rest.
"""

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray
from core.metrics.spans.assignment import heaviest_assignment
from core.metrics.spans.overlaps import Pairs

_LARGEST = 300
"""So many spans on either side, all tied together by overlaps, are still matched exactly; beyond, the heaviest pair
goes first, which gives at least half of the best sum."""


def heaviest(pairs: Pairs, weights: FloatArray) -> BoolArray:
    """Which pairs make the one-to-one matching with the largest sum of `weights`, one for each pair and above 0.

    A pair that weighs as much as the heaviest other pair of its one span and that of its other together is in one of
    the best matchings (to take it in place of those two loses nothing). Such pairs are taken, round by round, which
    leaves next to nothing to the Hungarian method.
    """
    chosen = np.zeros(len(pairs), dtype=np.bool_)
    left = np.arange(len(pairs))
    while len(left):
        rows, columns, weight = pairs.reference[left], pairs.candidate[left], weights[left]
        (by_row, first_of_row), (by_column, first_of_column) = (_others(side, weight) for side in (rows, columns))
        sure = weight >= by_row + by_column
        # Two sure pairs of one span weigh the same and stand alone otherwise: the first of them goes.
        sure &= first_of_row & first_of_column
        if not sure.any():
            chosen[left[_by_components(rows, columns, weight)]] = True
            break
        chosen[left[sure]] = True
        left = left[~(_among(rows, rows[sure]) | _among(columns, columns[sure]))]
    return chosen


def _others(side: IntArray, weight: FloatArray) -> tuple[FloatArray, BoolArray]:
    """For each pair the heaviest other pair of its span, 0 where there is none, and whether it is the span's heaviest,
    of equals the first."""
    number = np.bincount(side)
    if number.max(initial=0) <= 1:
        return np.zeros(len(side)), np.ones(len(side), dtype=np.bool_)
    order = np.lexsort((-weight, side))
    sorted_side, sorted_weight = side[order], weight[order]
    is_first = np.ones(len(side), dtype=np.bool_)
    is_first[1:] = sorted_side[1:] != sorted_side[:-1]
    heads = np.flatnonzero(is_first)
    seconds = np.where(number[sorted_side[heads]] > 1, np.append(sorted_weight, 0.0)[heads + 1], 0.0)
    which = np.cumsum(is_first) - 1
    others = np.where(is_first, seconds[which], sorted_weight[heads][which])
    best, first = np.empty(len(side)), np.empty(len(side), dtype=np.bool_)
    best[order], first[order] = others, is_first
    return best, first


def _among(values: IntArray, chosen: IntArray) -> BoolArray:
    is_chosen = np.zeros(int(values.max(initial=0)) + 1, dtype=np.bool_)
    is_chosen[chosen] = True
    return np.asarray(is_chosen[values], dtype=np.bool_)


def _by_components(rows: IntArray, columns: IntArray, weight: FloatArray) -> list[int]:
    """Positions of the pairs of the heaviest matching, spans that hang together at a time."""
    chosen: list[int] = []
    for members in _components(rows, columns):
        own_rows, row = np.unique(rows[members], return_inverse=True)
        own_columns, column = np.unique(columns[members], return_inverse=True)
        if min(len(own_rows), len(own_columns)) > _LARGEST:
            chosen += _heaviest_first(members, rows, columns, weight)
            continue
        matrix, place = np.zeros((len(own_rows), len(own_columns))), {}
        for at, i, j in zip(members, row, column, strict=True):
            matrix[i, j] = weight[at]
            place[int(i), int(j)] = at
        chosen += [place[pair] for pair in heaviest_assignment(matrix)]
    return chosen


def _components(rows: IntArray, columns: IntArray) -> list[list[int]]:
    """Positions of pairs, those that hang together by their spans in one list."""
    by_row: dict[int, list[int]] = {}
    by_column: dict[int, list[int]] = {}
    for at, (row, column) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
        by_row.setdefault(row, []).append(at)
        by_column.setdefault(column, []).append(at)
    found: list[list[int]] = []
    seen: set[int] = set()
    for start in range(len(rows)):
        members: list[int] = []
        waiting = [] if start in seen else [start]
        while waiting:
            at = waiting.pop()
            if at not in seen:
                seen.add(at)
                members.append(at)
                waiting += by_row.pop(int(rows[at]), []) + by_column.pop(int(columns[at]), [])
        if members:
            found.append(sorted(members))
    return found


def _heaviest_first(members: list[int], rows: IntArray, columns: IntArray, weight: FloatArray) -> list[int]:
    chosen: list[int] = []
    taken_rows: set[int] = set()
    taken_columns: set[int] = set()
    for at in sorted(members, key=lambda member: -weight[member]):
        if rows[at] not in taken_rows and columns[at] not in taken_columns:
            chosen.append(at)
            taken_rows.add(int(rows[at]))
            taken_columns.add(int(columns[at]))
    return chosen


def first_come(pairs: Pairs, item: IntArray, preference: IntArray) -> BoolArray:
    """Which pairs come about when the candidate's spans, in the order of the text, each take what they prefer.

    Each takes, of the reference's spans that none before it took, the one of the smallest `preference` (of equals the
    first in the text). `item` is each pair's. One round serves the k-th span of every item.
    """
    is_alone = np.ones(len(pairs), dtype=np.bool_)
    for side in (pairs.candidate, pairs.reference):
        is_alone &= np.bincount(side)[side] == 1
    chosen = is_alone.copy()
    left = np.flatnonzero(~is_alone)
    left = left[np.lexsort((pairs.reference[left], preference[left], pairs.candidate[left]))]
    is_new = np.ones(len(left), dtype=np.bool_)
    is_new[1:] = pairs.candidate[left[1:]] != pairs.candidate[left[:-1]]
    turn = _turns(item[left], is_new)
    order = np.argsort(turn, kind="stable")
    bounds = np.searchsorted(turn[order], np.arange(int(turn.max(initial=-1)) + 2))
    is_taken: BoolArray = np.zeros(int(pairs.reference.max(initial=0)) + 1, dtype=np.bool_)
    for low, high in zip(bounds[:-1], bounds[1:], strict=True):
        free = left[order[low:high]]
        free = free[~is_taken[pairs.reference[free]]]
        heads = np.ones(len(free), dtype=np.bool_)
        heads[1:] = pairs.candidate[free[1:]] != pairs.candidate[free[:-1]]
        chosen[free[heads]] = True
        is_taken[pairs.reference[free[heads]]] = True
    return chosen


def _turns(item: IntArray, is_new: BoolArray) -> IntArray:
    """How many spans of the same item came before, for pairs in the order of spans; `is_new` where a span begins."""
    if not len(item):
        return item
    spans = np.cumsum(is_new)
    begins = np.ones(len(item), dtype=np.bool_)
    begins[1:] = item[1:] != item[:-1]
    return np.asarray(spans - spans[begins][np.cumsum(begins) - 1])

"""How far apart two sets of labels are, and how far apart any two would be by chance: what alpha of sets needs.

The distance is 1 - MASI as Passonneau 2006 (LREC, Measuring agreement on set-valued items) gives it: MASI is the
Jaccard index times 1 for equal sets, 2/3 where one holds the other, 1/3 where they only overlap, 0 where they do not.
(Another definition multiplies the two distances instead of the two likenesses; it is not this one.)
"""

from collections.abc import Callable

import numpy as np

from core.metrics.arrays import BoolArray, FloatArray, IntArray
from core.metrics.sets.table import SetTable, jaccard

Distance = Callable[[IntArray, IntArray, IntArray], FloatArray]
"""From the sizes (both, one, other) of pairs of sets to their distances, 0 to 1."""

_BLOCK = 2_000_000


def masi_distance(hits: IntArray, own: IntArray, other: IntArray) -> FloatArray:
    """1 - MASI. Two empty sets are equal; an empty and any other do not overlap."""
    equal, within = (hits == own) & (hits == other), hits == np.minimum(own, other)
    likeness = np.where(equal, 1.0, np.where(within, 2 / 3, 1 / 3))
    return 1.0 - jaccard(hits, own, other) * likeness


class Pooled:
    """All sets that either annotator gave: each different one once, with its share of all values.

    `own` and `other` (P,) say which of them the reference's and the candidate's of each pair is.
    """

    def __init__(self, table: SetTable) -> None:
        packed = np.packbits(np.vstack([table.reference, table.candidate]), axis=1)
        _, first, which = np.unique(packed, axis=0, return_index=True, return_inverse=True)
        members = np.vstack([table.reference, table.candidate])[first]
        self.own, self.other = np.split(which.reshape(-1), 2)
        counts = np.bincount(which.reshape(-1), weights=np.r_[table.items, table.items], minlength=len(first))
        self.shares = counts / max(1.0, counts.sum())
        self._members: BoolArray = members

    def mean_distances(self, distance: Distance) -> FloatArray:
        """Of each different set, its mean distance to all values: (D,). The work grows with the square of D."""
        return mean_distances(self._members, self.shares, distance)


def mean_distances(sets: BoolArray, shares: FloatArray, distance: Distance) -> FloatArray:
    """Of each of the different sets (D, K), its mean distance to all, of which each has such a share (D,): (D,). The
    work grows with the square of D."""
    members, sizes = sets.astype(np.float32), sets.sum(axis=1)
    found = np.empty(len(sizes))
    step = max(1, _BLOCK // max(1, len(sizes)))
    for start in range(0, len(sizes), step):
        block = slice(start, start + step)
        hits = np.rint(members[block] @ members.T).astype(np.int64)
        found[block] = distance(hits, sizes[block, np.newaxis], sizes[np.newaxis]) @ shares
    return found

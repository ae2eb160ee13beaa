"""Candidates found by keys: numbers spread over all there are, and the places that share one."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]


def mixed(keys: Keys) -> Keys:
    """Numbers that follow each other, spread over all there are (the finalizer of splitmix64)."""
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))


def buckets(keys: Keys) -> Iterable[list[int]]:
    """The places of equal keys, where there are several, ascending."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    is_same = np.concatenate(([False], ordered[1:] == ordered[:-1], [False]))
    begins = np.flatnonzero(~is_same[:-1] & is_same[1:])
    ends = np.flatnonzero(is_same[:-1] & ~is_same[1:]) + 1
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        yield order[begin:end].tolist()

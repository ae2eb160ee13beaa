"""A pseudo-random order that depends on nothing but ids and seed: it needs no storage, and a reload repeats it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def in_seeded_order(item_ids: Sequence[int], seed: int = 0) -> list[int]:
    """The ids in that order: a larger sample holds the smaller."""
    ids = np.array(item_ids, np.int64)
    found: list[int] = ids[np.argsort(ranks(ids, seed), kind="stable")].tolist()
    return found


def ranks(ids: NDArray[np.int64], seed: int) -> NDArray[np.uint64]:
    """Each id's place in the order: splitmix64's finisher."""
    with np.errstate(over="ignore"):
        value = ids.astype(np.uint64) + np.uint64(((seed + 1) * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF)
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return value ^ (value >> np.uint64(31))

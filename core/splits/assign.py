"""Dealing items into splits."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import WorkbenchError
from core.model import Split

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Shares:
    """Parts of the whole; they sum to 1."""

    train: float = 0.6
    validation: float = 0.2
    test: float = 0.2

    def __post_init__(self) -> None:
        if not (all(0 <= share <= 1 for share in self.as_tuple()) and abs(sum(self.as_tuple()) - 1) <= 1e-6):
            raise WorkbenchError("The three shares must each be at least 0 % and add up to 100 %.")

    def as_tuple(self) -> tuple[float, float, float]:
        return self.train, self.validation, self.test


def assign_splits(
    strata: Sequence[Hashable | None],
    groups: Sequence[int | None],
    shares: Shares,
    seed: int,
    in_train: Set[int] = frozenset(),
) -> list[Split]:
    """One split per item.

    `strata[i]` is item i's reference label (None where it has none), `groups[i]` its near-duplicate group. A group goes
    into one split whole, counted under its most common label. Within each label the units are shuffled with `seed` and
    dealt as close to the shares as whole units allow; what of a label cannot be divided so, goes where the whole is
    short. Labels of a single item are therefore spread over all splits. Same input and seed, same splits.

    Items in `in_train` (their places) go into train with their groups, whatever the shares; the rest makes up for it.
    """
    units = _units(strata, groups)
    rng = np.random.default_rng(seed)
    target = np.array(shares.as_tuple())
    splits: list[Split] = [Split.TRAIN] * len(strata)
    dealt = np.zeros(3)
    for stratum in sorted(units, key=repr):
        members = units[stratum]
        order = sorted(rng.permutation(len(members)), key=lambda index: -len(members[index]))
        order.sort(key=lambda index: in_train.isdisjoint(members[index]))
        quota = np.floor(target * sum(map(len, members)) + 1e-9)
        own = np.zeros(3)
        for index in order:
            unit = members[index]
            stays = not in_train.isdisjoint(unit)
            choice = 0 if stays else _choice(target, quota, own, dealt, len(unit))
            own[choice] += len(unit)
            dealt[choice] += len(unit)
            for item in unit:
                splits[item] = tuple(Split)[choice]
    return splits


def _choice(target: Vector, quota: Vector, own: Vector, dealt: Vector, size: int) -> int:
    """The split that is owed most: within the label while its quotas last, then in the whole."""
    is_open = own < quota
    owed = target * (own.sum() + size) - own
    if not is_open.any():
        is_open, owed = target > 0, target * (dealt.sum() + size) - dealt
    return int(np.argmax(np.where(is_open, owed, -np.inf)))


def _units(strata: Sequence[Hashable | None], groups: Sequence[int | None]) -> dict[Hashable | None, list[list[int]]]:
    grouped: dict[int, list[int]] = defaultdict(list)
    units: dict[Hashable | None, list[list[int]]] = defaultdict(list)
    for index, group in enumerate(groups):
        if group is None:
            units[strata[index]].append([index])
        else:
            grouped[group].append(index)
    for members in grouped.values():
        known = [strata[index] for index in members if strata[index] is not None]
        units[Counter(known).most_common(1)[0][0] if known else None].append(members)
    return units

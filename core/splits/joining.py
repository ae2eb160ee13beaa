"""Items that join others which are dealt already: those stay where they are, and by a stable rule each new one has a
place of its own, whatever comes with it and in whatever order."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from core.model import Split
from core.splits.assign import Shares

_LEAST_HARM = (Split.TEST, Split.VALIDATION, Split.TRAIN)


@dataclass(frozen=True)
class Present:
    """An item that is there already; `group` names its group of near-identical ones, as `id` names it."""

    id: int
    split: Split | None
    group: int | None


@dataclass(frozen=True)
class Place:
    """Where a new item goes. `group` is the id of an item that is there, `own` the place among the new ones of the
    first of its group where all of these are new; `is_near` says whether it is near one that was there, `between`
    whether it is near several that are in different splits."""

    split: Split
    group: int | None = None
    own: int | None = None
    is_near: bool = False
    between: bool = False


def stable_split(key: str, shares: Shares, seed: int) -> Split:
    """The split of an item by what it is alone: the same in every project of this seed and these shares."""
    digest = blake2b(f"{seed}\x1f{key}".encode(), digest_size=8).digest()
    drawn = int.from_bytes(digest, "big") / 2**64
    return (
        Split.TRAIN
        if drawn < shares.train
        else Split.VALIDATION
        if drawn < shares.train + shares.validation
        else Split.TEST
    )


def join(
    present: Sequence[Present], keys: Sequence[str], groups: Sequence[int | None], shares: Shares, seed: int
) -> tuple[list[Place], dict[int, int]]:
    """A place for each new item, and the group by id of those present that had none and now have company.

    `groups` are those of `group_near_duplicates` for the texts present and then the new ones, `keys` what each new one
    is. Near one that is present it goes with that one; near each other new ones go together, by the least of their
    keys; any other by its own. What is near items of different splits cannot be with all of them: it goes where it is
    not learned from, and shares the group of one in train, so that no model that learned that one is measured on it.
    """
    members: dict[int, list[int]] = defaultdict(list)
    for place, group in enumerate(groups):
        if group is not None:
            members[group].append(place)
    n = len(present)
    places = [Place(stable_split(key, shares, seed)) for key in keys]
    company: dict[int, int] = {}
    for together in members.values():
        new = [place - n for place in together if place >= n]
        there = [present[place] for place in together if place < n and present[place].split is not None]
        if not new:
            continue
        if there:
            found = _beside(there, company)
        else:
            found = Place(stable_split(min(keys[one] for one in new), shares, seed), own=new[0])
        for one in new:
            places[one] = found
    return places, company


def _beside(there: Sequence[Present], company: dict[int, int]) -> Place:
    splits = {one.split for one in there}
    split = next(one for one in _LEAST_HARM if one in splits)
    learned = [one for one in there if one.split is Split.TRAIN]
    shared = learned or [one for one in there if one.split is split]
    group = next((one.group for one in shared if one.group is not None), None)
    group = min(one.id for one in shared) if group is None else group
    company.update({one.id: group for one in shared if one.group is None})
    return Place(split, group, is_near=True, between=len(splits) > 1)

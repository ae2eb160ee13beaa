"""A part of the training examples, as if no more had been labelled."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

Row = TypeVar("Row")
Key = TypeVar("Key", int, str)


@dataclass(frozen=True)
class Subset:
    """The first `n` examples as the seed deals them."""

    n: int
    seed: int


def subset_in(config: Mapping[str, Any]) -> Subset | None:
    """What a fine-tune was told to learn from, where that was not all."""
    found = config.get("subset")
    return Subset(int(found["n"]), int(found["seed"])) if found else None


def dealt(
    rows: Sequence[Row], subset: Subset, key: Callable[[Row], Key], labels: Callable[[Row], tuple[str, ...]]
) -> list[Row]:
    """So many of the rows, in their own order; a larger `n` of the same seed holds the smaller.

    Stratified: of each label about the share it has among all, at every size; a row of several labels counts with the
    rarest of them. Which ones is told by `key` (what tells a row from all others) and the seed alone, so that a row
    labelled later moves no other before or behind one of its own label.
    """
    if subset.n >= len(rows):
        return list(rows)
    common = Counter(label for row in rows for label in labels(row))
    strata: dict[str, list[Row]] = {}
    for row in rows:
        strata.setdefault(min(labels(row), key=lambda one: (common[one], one), default=""), []).append(row)
    places: list[tuple[float, Key, Row]] = []
    for name, stratum in strata.items():
        mixed = sorted(stratum, key=lambda row: _lot(subset.seed, str(key(row))))
        # Each stratum begins at a place of its own within its step: else all rare labels would come at once.
        start = _lot(subset.seed, f"label {name}") / 2**64
        places += [((rank + start) / len(mixed), key(row), row) for rank, row in enumerate(mixed)]
    chosen = {one for _, one, _ in sorted(places, key=lambda place: place[:2])[: subset.n]}
    return [row for row in rows if key(row) in chosen]


def _lot(seed: int, name: str) -> int:
    return int.from_bytes(hashlib.blake2b(f"{seed}:{name}".encode(), digest_size=8).digest(), "big")

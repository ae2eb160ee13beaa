"""Many tests read together: Holm 1979 (Scandinavian Journal of Statistics 6:65)."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def adjusted(p_values: Mapping[Key, float]) -> dict[Key, float]:
    """Each p such that those below a level tell at that level for all of them together."""
    found: dict[Key, float] = {}
    highest = 0.0
    for place, key in enumerate(sorted(p_values, key=lambda one: p_values[one])):
        highest = max(highest, min(1.0, p_values[key] * (len(p_values) - place)))
        found[key] = highest
    return found

"""Whether cells hold what somebody wrote about an item, as against names that are chosen from a list."""

from collections.abc import Sequence

_HARDLY_TWICE = 0.8


def is_prose(cells: Sequence[str]) -> bool:
    """Whether most of those that say anything have several words."""
    spoken = [cell for cell in cells if cell]
    return bool(spoken) and sum(" " in cell for cell in spoken) > len(spoken) / 2


def is_written(cells: Sequence[str]) -> bool:
    """Whether it is prose of which hardly two are the same."""
    spoken = [cell for cell in cells if cell]
    return len(spoken) > 1 and is_prose(cells) and len({*spoken}) >= _HARDLY_TWICE * len(spoken)

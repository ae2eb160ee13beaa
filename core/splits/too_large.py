"""Groups of near-identical texts that are too large to be true, and how they are taken apart."""

from collections import Counter
from collections.abc import Sequence

from core.words import text_key

_MORE_THAN, _SHARE = 10, 0.05


def too_large(groups: Sequence[int | None], texts: Sequence[str]) -> list[int]:
    """Those of the groups of `group_near_duplicates` that hold more than 10 items and more than one in twenty of all,
    and not all the very same words: what they share may be a template. The largest first."""
    sizes = Counter(group for group in groups if group is not None)
    large = [group for group, size in sizes.most_common() if size > max(_MORE_THAN, _SHARE * len(texts))]
    keys: dict[int | None, set[int]] = {group: set() for group in large}
    for group, text in zip(groups, texts, strict=True):
        if group in keys:
            keys[group].add(text_key(text))
    return [group for group in large if len(keys[group]) > 1]


def taken_apart(groups: Sequence[int | None], texts: Sequence[str]) -> list[int | None]:
    """The groups, but of those too large only items of the very same words together."""
    large = set(too_large(groups, texts))
    first: dict[int, int] = {}
    again = list(groups)
    for place, (group, text) in enumerate(zip(groups, texts, strict=True)):
        if group in large:
            again[place] = first.setdefault(text_key(text), place)
    sizes = Counter(again)
    return [None if group is None or sizes[group] == 1 else group for group in again]

"""Rankings: names in groups, the best first, those of one group tied; out of whatever files and models write."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.tasks.answers import quote

Ranking = tuple[tuple[str, ...], ...]
_BETTER, _TIED, _LISTED = re.compile(r">+"), re.compile(r"[=~]+"), re.compile(r"[;|,\n]")
_VALUE = ("value", "name", "candidate", "id", "label", "model")
_RANK = ("rank", "place", "position")


def ordered(groups: Iterable[Iterable[str]]) -> Ranking:
    """The ranking as it is said: the names of each place in alphabetical order."""
    return tuple(tuple(sorted(group)) for group in groups)


def named_twice(groups: Iterable[Iterable[str]]) -> str | None:
    """The first name that is ranked a second time."""
    seen: set[str] = set()
    for name in (name for group in groups for name in group):
        if name in seen:
            return name
        seen.add(name)
    return None


def groups_in(held: Any) -> list[list[str]] | None:
    """The groups of an order in JSON or in words, objects as mappings or as pairs; None where it is no order.

    Read are lists of names and of lists of names, `{name: rank}`, `[{"value": name, "rank": 1}, ...]` with 1 the best,
    lists by the name of a bucket, the best first, any of these under one key, and `b > a = c`.
    """
    if isinstance(held, str):
        return _in_words(held)
    if isinstance(held, Mapping):
        held = tuple(held.items())
    if _are_pairs(held):
        return _of_pairs(held)
    if not isinstance(held, list) or not held:
        return None
    if all(isinstance(one, Mapping) or _are_pairs(one) for one in held):
        return _by_rank([_name_and_rank(dict(one)) for one in held])
    groups = [one if isinstance(one, list) else [one] for one in held]
    is_flat = all(isinstance(name, str | int) and not isinstance(name, bool) for group in groups for name in group)
    return [[str(name).strip() for name in group] for group in groups if group] if is_flat else None


def _in_words(text: str) -> list[list[str]] | None:
    """`b > a = c`; without such signs a list, each behind the one before."""
    if _BETTER.search(text) or _TIED.search(text):
        groups = [_TIED.split(group) for group in _BETTER.split(text)]
    else:
        groups = [[name] for name in _LISTED.split(text)]
    kept = [[name.strip() for name in group if name.strip()] for group in groups]
    return [group for group in kept if group] or None


def _are_pairs(held: Any) -> bool:
    return isinstance(held, tuple) and all(isinstance(one, tuple) and len(one) == 2 for one in held)


def _of_pairs(pairs: Sequence[tuple[Any, Any]]) -> list[list[str]] | None:
    values = [value for _, value in pairs]
    if pairs and all(_number(value) is not None for value in values):
        return _by_rank([(str(name), value) for name, value in pairs])
    if len(pairs) > 1 and all(_number(key) is not None and isinstance(value, str) for key, value in pairs):
        return _by_rank([(value, key) for key, value in pairs])
    if len(pairs) == 1:
        return groups_in(values[0])
    if pairs and all(isinstance(value, list) and all(isinstance(name, str) for name in value) for value in values):
        return [[name.strip() for name in group] for group in values if group]
    return None


def _name_and_rank(held: Mapping[Any, Any]) -> tuple[str | None, Any]:
    name, rank = (next((held[key] for key in keys if key in held), None) for keys in (_VALUE, _RANK))
    return (None if name is None else str(name)), rank


def _by_rank(ranked: Sequence[tuple[str | None, Any]]) -> list[list[str]] | None:
    groups: dict[float, list[str]] = {}
    for name, rank in ranked:
        number = _number(rank)
        if name is None or number is None:
            return None
        groups.setdefault(number, []).append(name.strip())
    return [groups[number] for number in sorted(groups)]


def _number(held: Any) -> float | None:
    if isinstance(held, bool) or not isinstance(held, str | int | float):
        return None
    try:
        number = float(held)
    except (ValueError, OverflowError):
        return None
    return number if number == number and abs(number) < float("inf") else None


def from_cell(text: str) -> Ranking:
    """The ranking of a cell; raises ValueError with a sentence for what is none, and for a name that comes twice."""
    plain = text.strip()
    if not plain:
        return ()
    held: Any = plain
    if plain[0] in "[{":
        try:
            held = json.loads(plain)
        except (ValueError, RecursionError):
            held = None
    groups = groups_in(held)
    if groups is None or not all(name for group in groups for name in group):
        raise ValueError(f"{quote(plain)} is no ranking, such as b > a = c.")
    if (twice := named_twice(groups)) is not None:
        raise ValueError(f"The ranking names {quote(twice)} twice.")
    return ordered(groups)


def words(said: Ranking, text: str = "") -> str:
    """`b > a = c`."""
    return " > ".join(" = ".join(group) for group in said) or "no ranking"

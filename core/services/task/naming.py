"""Labels that are named in the guidelines: a new name does not change by itself what is written there."""

import re
from collections.abc import Iterable

from core.model import Task

Renamed = tuple[str, str]


def still_named(task: Task, renamed: Iterable[tuple[str, str, int]]) -> list[Renamed]:
    """`(old name, new name)` of the labels that the guidelines name by their old one, which no label has any more."""
    return [(old, new) for old, new, _ in renamed if old not in task.names and _named(old).search(task.guidelines)]


def named_anew(guidelines: str, renamed: Iterable[Renamed]) -> str:
    """The guidelines with the new names, all at once, so that two that changed places do."""
    pairs = dict(renamed)
    every = "|".join(_named(old).pattern for old in sorted(pairs, key=len, reverse=True))
    return re.sub(every, lambda found: pairs[found.group()], guidelines) if pairs else guidelines


def _named(name: str) -> re.Pattern[str]:
    """A whole name: none that goes on in a longer one."""
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")

"""Inputs that went wrong somewhere, each with the value that is right: `python -m tests.cases` prints them all.

A family of cases is one module with `cases() -> Iterable[Case]` and one line in FAMILIES. The same cases are tests
(`test_cases.py`). The inputs are no part of the repository: see `folder`.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

FAMILIES: tuple[str, ...] = ("tests.cases.files", "tests.cases.answers")
"""Modules, in the order of the table."""


@dataclass(frozen=True)
class Case:
    """One input: what is right of it, and a function that finds out what we make of it, given an empty folder."""

    name: str
    right: object
    get: Callable[[Path], object]


def folder() -> Path | None:
    """Where the inputs lie: `cases` beside the test data; None where they are absent."""
    data = Path(os.environ.get("LABELLOOP_TEST_DATA") or Path(__file__).parents[3] / "shared" / "data")
    found = data.parent / "cases"
    return found if found.is_dir() else None


def all_cases() -> Iterator[Case]:
    """Every case of every family; none where the inputs are absent."""
    if folder() is None:
        return
    for family in FAMILIES:
        found: Iterable[Case] = import_module(family).cases()
        yield from found

"""What every tool's reader provides."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.importers.tools.gathered import Gathered, Record


@dataclass(frozen=True)
class Tool:
    """One tool's shape: its name, how a record of it is known, which records beside such ones are its too, what records
    they become (noting what they say), and what to know. `prepare` looks for the tool's settings next to the file."""

    title: str
    fits: Callable[[Record], bool]
    takes: Callable[[Record], bool]
    unfold: Callable[[Record, Gathered], Iterator[Record]]
    note: str = ""
    prepare: Callable[[Gathered, Path | None], None] | None = None
    among: Callable[[Sequence[Record]], bool] | None = None
    """Whether records of this shape are to be read so, by what they say together."""

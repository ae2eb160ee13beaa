"""How a source is read, and what every format provides."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from core.model import TableData

Progress = Callable[[int, int | None], None]
"""Called now and then with (done, total): bytes for files, rows for a hub; total is None where it is not known."""

Keep = Callable[[bytes, str], str]
"""Stores a file that is written into a cell, with what it is called, and gives what the cell says instead. Without it
nothing is stored, and the cell says how many bytes there are."""


@dataclass(frozen=True)
class Limits:
    """Sizes beyond which a source is refused. `line` is in characters, `file` in bytes."""

    file: int = 500 * 2**20
    line: int = 10 * 2**20
    columns: int = 1_000
    rows: int = 2_000_000


@dataclass(frozen=True)
class ReadOptions:
    """What the user may say about a source; None means find out.

    `encoding`, `delimiter`, `has_escapes` (quotes inside cells are written with a backslash) concern files, as do
    `names`, of the columns of a file that has no header; `part` which of several tables in a zip or folder; `config`,
    `split`, `revision`, `rows` a Hugging Face data set.
    """

    encoding: str | None = None
    delimiter: str | None = None
    has_escapes: bool | None = None
    names: tuple[str, ...] = ()
    part: str | None = None
    config: str | None = None
    split: str = "train"
    revision: str | None = None
    rows: int = 1_000
    progress: Progress | None = None
    limits: Limits = field(default_factory=Limits)
    keep: Keep | None = None


DEFAULTS = ReadOptions()
Read = Callable[[str | Path, ReadOptions], TableData]
Peek = Callable[[str | Path, int, ReadOptions], TableData]


@dataclass(frozen=True)
class Importer:
    """One format. `read` gives the whole table, `peek` its first rows from the head of the source alone.

    `first_row` is the number that users see for the first record: 2 under a header line, else 1.
    """

    title: str
    about: str
    suffixes: tuple[str, ...]
    first_row: int
    read: Read
    peek: Peek

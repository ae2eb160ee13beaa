"""What every tool's format provides.

Offsets are code points, half-open, as these tools count. What a format cannot carry is said in `leaves_out`, and it is
not offered for kinds of questions that it has no place for.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple

from core.model import Item, QuestionKind, Said, Span, Task
from core.text import is_storable

CHOSEN = frozenset({QuestionKind.SINGLE_LABEL, QuestionKind.SEVERAL_LABELS})
"""Questions that are answered by choosing of a list."""
LINES, JSON = "application/x-ndjson", "application/json"


class Word(NamedTuple):
    """What one annotator says of an item."""

    annotator: str
    is_model: bool
    said: Said


Spoken = tuple[Item, Sequence[Word]]
Records = Callable[[Task, Iterable[Spoken]], Iterator[Any]]
Pack = Callable[[Task, Iterator[Any], BinaryIO], int]


@dataclass(frozen=True)
class Settings:
    """What a tool must be told of the task before it takes the file: what it is called there, its file, its text."""

    title: str
    file: str
    mime: str
    text: Callable[[Task], str]


@dataclass(frozen=True)
class ToolExporter:
    """One tool's format. `kinds` are those it can hold; `records` makes what the preview shows, `pack` the file of it,
    and gives the number of records. `about` says what it is, `leaves_out` what of a project it cannot carry."""

    title: str
    about: str
    leaves_out: str
    suffix: str
    mime: str
    kinds: frozenset[QuestionKind]
    records: Records
    pack: Pack
    settings: Settings | None = None

    def write(self, task: Task, spoken: Iterable[Spoken], out: BinaryIO) -> int:
        return self.pack(task, self.records(task, spoken), out)


def as_lines(task: Task, records: Iterator[Any], out: BinaryIO) -> int:
    """One record a line, as it comes; those that are texts are written as they are."""
    n = 0
    for record in records:
        n += 1
        out.write(f"{written(record)}\n".encode())
    return n


def as_array(task: Task, records: Iterator[Any], out: BinaryIO) -> int:
    """One JSON array, a record a line."""
    n = 0
    for n, record in enumerate(records, start=1):
        out.write((("[\n" if n == 1 else ",\n") + written(record)).encode())
    out.write(b"\n]\n" if n else b"[]\n")
    return n


def written(record: Any) -> str:
    """The record as one line of JSON; a text as it is."""
    if isinstance(record, str):
        return record
    line = json.dumps(record, ensure_ascii=False)
    # Half a character cannot be written as UTF-8; as an escape it can, and is read back as it was.
    return line if is_storable(line) else json.dumps(record)


def names_in(said: Said) -> list[str]:
    """The chosen labels, one or several."""
    return [said] if isinstance(said, str) else [one for one in said if isinstance(one, str)]


def spans_in(said: Said) -> tuple[Span, ...]:
    return tuple(one for one in said if isinstance(one, Span))


def places_in(said: Said) -> list[list[str]]:
    """The candidates of a ranking, the best place first, those of one place together."""
    return [list(group) for group in said if isinstance(group, tuple)] if isinstance(said, tuple) else []


def others(item: Item, taken: Sequence[str]) -> dict[str, str]:
    """The item's fields whose names the record does not use itself."""
    return {name: value for name, value in item.fields.items() if name not in taken}


def score_of(task: Task, said: Said) -> float | None:
    """Of a level or an outcome; None where it has none, as the fallback does."""
    return next((one.score for one in task.labels if one.name == said), None)

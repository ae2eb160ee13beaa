"""What every tool's format provides.

Offsets are code points, half-open, as these tools count. What a format cannot carry is said in `leaves_out`, and it is
not offered for kinds of questions that it has no place for.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol

from core.model import TEXT_FIELD, FieldShow, Item, QuestionKind, Said, Span, Task
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
SpokenOfAll = tuple[Item, Sequence[Sequence[Word]]]
"""What is said of an item, by question."""


def _nowhere(place: str) -> Path | None:
    return None


@dataclass(frozen=True)
class Files:
    """The files of items. `shows` are the fields that are files, `TEXT_FIELD` the items' own text, and what they are;
    such a field says where its file lies in the zip that is written, `media/NAME`, and `path` where it lies here, None
    where it is missing. `fields` are the names of the items' fields besides their text."""

    shows: Mapping[str, FieldShow] = field(default_factory=dict)
    path: Callable[[str], Path | None] = _nowhere
    fields: tuple[str, ...] = ()


NO_FILES = Files()
_CALLED = {FieldShow.PICTURE: "image", FieldShow.SOUND: "audio", FieldShow.FILM: "video"}


def text_key(files: Files, text: str = "text") -> str:
    """What tools call the item's own text: `text`, or `image`, `audio` or `video` where it is a file."""
    return _CALLED.get(files.shows.get(TEXT_FIELD, FieldShow.TEXT), text)


class Records(Protocol):
    """A record for each item, or for each annotation; as a tool has it."""

    def __call__(self, task: Task, spoken: Iterable[Spoken], files: Files = NO_FILES) -> Iterator[Any]: ...


Pack = Callable[[Task, Iterator[Any], BinaryIO, Files], int]


@dataclass(frozen=True)
class Settings:
    """What a tool must be told of the task before it takes the file: what it is called there, its file, its text."""

    title: str
    file: str
    mime: str
    text: Callable[[Task, Files], str]


class Asked(NamedTuple):
    """One of several questions: by what `name` it is asked in the file, what people call it, and where there is a
    condition, on which of the questions before it, by name, and on which of its labels it hangs."""

    name: str
    task: Task
    title: str = ""
    on: str = ""
    labels: tuple[str, ...] = ()


class RecordsOfAll(Protocol):
    """As `Records`, of several questions."""

    def __call__(
        self, asked: Sequence[Asked], spoken: Iterable[SpokenOfAll], files: Files = NO_FILES
    ) -> Iterator[Any]: ...


@dataclass(frozen=True)
class OfAll:
    """How the answers to several questions go into one file, and what the tool must be told of them. `hangs` are the
    kinds of questions on which others can hang there; elsewhere a question that hangs on one is asked always."""

    records: RecordsOfAll
    settings: Callable[[Sequence[Asked], Files], str]
    hangs: frozenset[QuestionKind] = frozenset()


@dataclass(frozen=True)
class ToolExporter:
    """One tool's format. `kinds` are those it can hold; `records` makes what the preview shows, `pack` the file of it,
    and gives the number of records. `about` says what it is, `leaves_out` what of a project it cannot carry.

    Of files of items `about_files` says how the tool comes by them: they lie beside the file in a zip, or where
    `holds_files` in the file itself.
    """

    title: str
    about: str
    leaves_out: str
    suffix: str
    mime: str
    kinds: frozenset[QuestionKind]
    records: Records
    pack: Pack
    settings: Settings | None = None
    about_files: str = "Pictures, sounds and films are named by their place in the zip."
    holds_files: bool = False
    of_all: OfAll | None = None
    """Where a file of it can hold several questions, of any of its kinds."""

    def write(self, task: Task, spoken: Iterable[Spoken], out: BinaryIO, files: Files = NO_FILES) -> int:
        return self.pack(task, self.records(task, spoken, files), out, files)


def as_lines(task: Task, records: Iterator[Any], out: BinaryIO, files: Files = NO_FILES) -> int:
    """One record a line, as it comes; those that are texts are written as they are."""
    n = 0
    for record in records:
        n += 1
        out.write(f"{written(record)}\n".encode())
    return n


def as_array(task: Task, records: Iterator[Any], out: BinaryIO, files: Files = NO_FILES) -> int:
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


def levels_note(task: Task) -> str:
    """What the labels of a rating count, in the order in which they are listed, for tools that know labels alone: they
    leave it alone, and an import of ours reads it. "" for other questions, and where a level has no score."""
    scores = [one.score for one in task.labels]
    if task.type is not QuestionKind.RATING or not scores or None in scores:
        return ""
    return f"levels of a rating: {', '.join(map(repr, scores))}"

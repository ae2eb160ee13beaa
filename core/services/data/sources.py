"""Where a new project's rows come from: a spooled upload, a file on this machine, or a Hugging Face data set."""

import shutil
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from core.errors import WorkbenchError
from core.importers import (
    IMPORTERS,
    TITLES,
    FurtherQuestion,
    ReadOptions,
    format_of,
    further_questions,
    guess_columns,
    kind_of_answers,
    other_kind,
    rankings_by_item,
    recognise,
)
from core.media import MediaStore
from core.media import format_of as kind_of
from core.model import TableData
from core.plural import count
from core.services.common.door import let_in
from core.services.media.intake import Intake, take_data_uris
from core.services.media.reading import first_row, holds_media, parts_of, read_files

__all__ = [
    "DELIMITERS",
    "ENCODINGS",
    "QUOTES",
    "FurtherQuestion",
    "Source",
    "discard",
    "find_upload",
    "further_questions",
    "is_media",
    "guess_columns",
    "kind_of_answers",
    "other_kind",
    "parts_in",
    "read_source",
    "recognise",
    "spool",
    "spool_together",
]

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with BOM",
    "cp1252": "Latin-1 (CP1252)",
    "utf-16": "UTF-16",
    **{name: TITLES[name] for name in ("cp1250", "cp1251", "gb18030", "big5", "cp932", "cp949")},
}
QUOTES = {"doubled": 'Doubled: ""', "backslash": 'Backslash: \\"'}
_KEEP_SECONDS = 24 * 3600
_PIECE = 1 << 20
_HEAD = 64

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Source:
    """One place to read rows from. `location` is a path, or a repository "owner/name" where `is_hub`.

    `encoding`, `delimiter` and `has_escapes` concern files and None means find out; `part` names one of several tables
    in a zip or folder; the rest concerns Hugging Face data sets.
    """

    location: str
    is_hub: bool = False
    encoding: str | None = None
    delimiter: str | None = None
    has_escapes: bool | None = None
    part: str | None = None
    config: str | None = None
    split: str = "train"
    revision: str | None = None
    rows: int = 1_000

    @property
    def format(self) -> str:
        return "huggingface" if self.is_hub else format_of(self.location)

    @property
    def holds_files(self) -> bool:
        """Whether it is a zip or a folder, of pictures, sounds or films."""
        path = Path(self.location)
        return not self.is_hub and (path.suffix.lower() == ".zip" or path.is_dir())

    @property
    def first_row(self) -> int:
        """The number users see for the first record: 2 under a header line, else 1."""
        return first_row(Path(self.location), self.part) if self.holds_files else IMPORTERS[self.format].first_row

    @property
    def name(self) -> str:
        """What a project made of it may be called."""
        words = Path(self.location.rstrip("/")).name if self.is_hub else Path(self.location).stem
        return " ".join(words.replace("_", " ").split())[:80] or "New project"

    @property
    def file(self) -> str:
        """What the file or data set is called."""
        return self.location if self.is_hub else Path(self.location).name

    def stamp(self) -> str:
        """Changes whenever reading it again could give something else, as far as can be told."""
        try:
            facts = Path(self.location).stat()
            state = f"{facts.st_mtime_ns}-{facts.st_size}"
        except (OSError, ValueError):
            state = ""
        return f"{self}-{state}"


@let_in
def parts_in(source: Source) -> tuple[str, ...]:
    """The names of the tables and saved data sets in a zip or folder, of which one is read; () of all other sources."""
    return parts_of(Path(source.location)) if source.holds_files else ()


@let_in
def read_source(source: Source, progress: Progress = lambda share: None, store: MediaStore | None = None) -> TableData:
    """The whole table, all text, with its problems; pictures, sounds and films in it go to the `store`, and are named
    by their references. Raises `WorkbenchError` where there is no table to show."""
    _refuse_unusable(source)
    intake = Intake(store) if store else None

    def on_progress(done: int, total: int | None) -> None:
        progress(min(1.0, done / total) if total else 0.0)

    options = ReadOptions(
        encoding=source.encoding,
        delimiter=source.delimiter,
        has_escapes=source.has_escapes,
        part=source.part,
        config=source.config,
        split=source.split,
        revision=source.revision,
        rows=source.rows,
        progress=on_progress,
        keep=intake.take if intake else None,
    )
    if source.holds_files and intake:
        return rankings_by_item(read_files(Path(source.location), options, intake, progress))
    table = IMPORTERS[source.format].read(source.location, options)
    if intake:
        table = take_data_uris(table, intake)
        table = replace(table, notes=(*table.notes, *intake.notes()))
    return rankings_by_item(table)


def _refuse_unusable(source: Source) -> None:
    if not source.location.strip() or "\x00" in source.location:
        raise WorkbenchError("No source is given.", "Enter a path or a repository.")
    if source.is_hub:
        return
    path = Path(source.location)
    try:
        if path.is_dir() and not holds_media(path) and not parts_of(path):
            text = f"{path} is a folder, not a file."
            raise WorkbenchError(
                text, "Give the path of a file in it, or choose Hugging Face to read the folder as a data set."
            )
        if not path.exists():
            raise WorkbenchError(f"There is no file {path}.", "Check the path on the machine that runs LabelLoop.")
        if not path.is_file() and not path.is_dir():
            raise WorkbenchError(f"{path} is not a regular file.", "Choose a file with a table.")
    except OSError as error:
        raise WorkbenchError(
            f"{path} cannot be read: {error.strerror}.", "Check the path and its permissions."
        ) from error


@let_in
def spool(folder: Path, name: str, stream: BinaryIO) -> Path:
    """Write an upload to disk, under `folder` and its own name, and give its path.

    Uploads that nobody has imported within a day are removed on the way.
    """
    target = folder / uuid.uuid4().hex / _safe(name)
    try:
        _remove_old(folder)
        target.parent.mkdir(parents=True)
        with target.open("wb") as file:
            shutil.copyfileobj(stream, file, _PIECE)
    except OSError as error:
        shutil.rmtree(target.parent, ignore_errors=True)
        text = f"{_safe(name)} could not be saved to disk: {error.strerror}."
        raise WorkbenchError(text, f"Free some space in {folder}, or give the file's path instead.") from error
    return target


@let_in
def spool_together(folder: Path, files: Sequence[tuple[str, BinaryIO]]) -> Path:
    """Write several files that were dropped together into one folder, which it gives."""
    held = folder / uuid.uuid4().hex / count(len(files), "file")
    for name, stream in files:
        one = spool(folder, name, stream)
        held.mkdir(parents=True, exist_ok=True)
        one.replace(_unused(held / one.name))
        one.parent.rmdir()
    return held


def is_media(stream: BinaryIO) -> bool:
    """Whether an upload is a picture, sound or film by itself; the stream is at its beginning again."""
    head = stream.read(_HEAD)
    stream.seek(0)
    return kind_of(head) is not None


def _unused(path: Path) -> Path:
    numbered = (path.with_stem(f"{path.stem} {number}") for number in range(2, 100_000))
    return path if not path.exists() else next(one for one in numbered if not one.exists())


@let_in
def find_upload(folder: Path, token: str | None) -> Path | None:
    """The spooled file behind the token in an address, or the folder of several; None where there is none any more."""
    if not token or not (token.isascii() and token.isalnum()):
        return None
    held = folder / token
    return next(iter(sorted(held.iterdir())), None) if held.is_dir() else None


def discard(folder: Path, source: Source) -> None:
    """Remove the spooled upload after its import; a file that the user named by path is never touched."""
    held = Path(source.location).parent
    if not source.is_hub and held.parent == folder:
        shutil.rmtree(held, ignore_errors=True)


def _safe(name: str) -> str:
    kept = "".join(c if c.isprintable() and c not in '/\\:*?"<>|' else "_" for c in name).lstrip(". ")
    stem, dot, suffix = kept.rpartition(".")
    return f"{stem[:80]}.{suffix[:20]}" if dot and stem else (kept[:100] or "upload.csv")


def _remove_old(folder: Path) -> None:
    if not folder.is_dir():
        return
    for held in folder.iterdir():
        if held.is_dir() and time.time() - held.stat().st_mtime > _KEEP_SECONDS:
            shutil.rmtree(held, ignore_errors=True)

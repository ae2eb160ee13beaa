"""The files that fine-tunes were taught with, kept byte by byte: one each, called after its content, never changed."""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from core.errors import WorkbenchError
from core.model import FineTune
from core.storage.engine import Database

FOLDER = "training"
TRAIN, VALIDATION = "train.jsonl", "validation.jsonl"
NOTED = "files"
"""Under which a job keeps what its files are."""

_HASH = re.compile(r"[0-9a-f]{64}")
_PIECE = 2**20


class KeptFile(NamedTuple):
    """What tells a training file from every other, and how much is in it."""

    sha256: str
    size: int
    lines: int


class TrainingFiles:
    """The files below one folder. Safe to share: a file appears whole or not at all and is the same whoever writes
    it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, content: BinaryIO) -> KeptFile:
        """Store what is read from here to its end, once. Raises `WorkbenchError` where it cannot be written."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.folder, prefix=".")
            try:
                with os.fdopen(handle, "wb") as file:
                    shutil.copyfileobj(content, file, _PIECE)
                    file.flush()
                    os.fsync(file.fileno())
                kept = described(Path(name))
                os.replace(name, self._place(kept.sha256))
            except BaseException:
                with suppress(OSError):
                    os.unlink(name)
                raise
        except OSError as error:
            text = f"The training file could not be kept in {self.folder}: {error.strerror}."
            raise WorkbenchError(text, "Free some space there, or set LABELLOOP_DATA to another folder.") from error
        return kept

    def path(self, sha256: str) -> Path | None:
        """Where the file with this hash lies; None where it is not there."""
        place = self._place(sha256) if _HASH.fullmatch(sha256) else None
        return place if place and place.is_file() else None

    def _place(self, sha256: str) -> Path:
        return self.folder / f"{sha256}.jsonl"


def described(path: Path) -> KeptFile:
    """Of a file of lines, read piece by piece."""
    digest, size, lines, last = hashlib.sha256(), 0, 0, b"\n"
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size, lines, last = size + len(piece), lines + piece.count(b"\n"), piece[-1:]
    return KeptFile(digest.hexdigest(), size, lines + (last != b"\n"))


def training_files_of(db: Database) -> TrainingFiles:
    """They lie beside the database, wherever that is."""
    return TrainingFiles(db.path.parent / FOLDER)


def noted(kept: Mapping[str, KeptFile]) -> dict[str, dict[str, Any]]:
    """What a job keeps of its files, by their names."""
    return {name: one._asdict() for name, one in kept.items()}


def files_of_job(job: FineTune) -> dict[str, KeptFile]:
    """What a job was taught with, by the names of its files; nothing of jobs of before that was noted."""
    held = job.config.get(NOTED)
    found = held.items() if isinstance(held, Mapping) else ()
    return {name: KeptFile(one["sha256"], one["size"], one["lines"]) for name, one in found}

"""The zip of a fine-tune: how it is written, and how one from elsewhere is read without believing it anything.

Beside its parts it has a manifest with the SHA-256 and size of each. A file of an item is called after its own bytes.
"""

import hashlib
import json
import re
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from core.errors import WorkbenchError
from core.plural import bytes_in_words
from core.text import read_json

FORMAT, VERSION = "labelloop-fine-tune", 1
MANIFEST = "manifest.json"
MEDIA = "media/"

MOST_FILES = 200_000
MOST_BYTES = 8 * 2**30
MOST_TEXT = 2 * 2**30
"""Of all parts that are no files of items, unpacked."""
MOST_RATIO = 200
"""A part that unpacks to so many times its size is no text that anybody wrote."""
_SMALL = 10 * 2**20
_PIECE = 2**20
_SAFE = re.compile(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*")
_EXPORT_AGAIN = "Export it again where it came from."


class Part(NamedTuple):
    """A part to write; `write` is called once."""

    name: str
    write: Callable[[BinaryIO], object]


def write_bundle(
    out: BinaryIO, facts: Mapping[str, Any], parts: Iterable[Part], media: Iterable[tuple[str, Path]]
) -> None:
    """Write the parts, then the files of items, then the manifest with `facts`."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        told = _written(archive, parts)
        for name, place in media:
            archive.write(place, f"{MEDIA}{name}", zipfile.ZIP_STORED)
        manifest = {"format": FORMAT, "version": VERSION, **facts, "parts": told}
        archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))


def write_parts(out: BinaryIO, parts: Iterable[Part]) -> None:
    """A zip of these alone."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        _written(archive, parts)


def _written(archive: zipfile.ZipFile, parts: Iterable[Part]) -> dict[str, dict[str, Any]]:
    """Writes them one by one, by way of a file; gives the hash and size of each."""
    told: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "part"
        for part in parts:
            with path.open("wb") as file:
                part.write(file)
            with path.open("rb") as written:
                told[part.name] = {
                    "sha256": hashlib.file_digest(written, "sha256").hexdigest(),
                    "bytes": path.stat().st_size,
                }
            archive.write(path, part.name)
    return told


@dataclass(frozen=True)
class Bundle:
    """A zip that was looked through: its names lead nowhere else, its parts are as the manifest says."""

    manifest: Mapping[str, Any]
    _archive: zipfile.ZipFile

    def has(self, name: str) -> bool:
        return name in self.manifest["parts"]

    @property
    def media(self) -> list[str]:
        """The names of the files of items."""
        return [name for name in self._archive.namelist() if name.startswith(MEDIA)]

    def open(self, name: str) -> Any:
        """A part, or a file of an item, to be read piece by piece."""
        return self._archive.open(name)

    def json(self, name: str) -> Any:
        """A part that is one JSON. Raises `WorkbenchError` where it is missing or none."""
        with self._part(name) as file:
            return _read(name, file.read())

    def lines(self, name: str) -> Iterator[Any]:
        """A part with a JSON a line, likewise."""
        with self._part(name) as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield _read(f"{name}, line {number}", line)

    def _part(self, name: str) -> Any:
        if not self.has(name):
            raise WorkbenchError(f"The zip has no {name}.", _EXPORT_AGAIN)
        return self._archive.open(name)


def open_bundle(path: Path) -> Bundle:
    """Look the zip through. Raises `WorkbenchError` with one sentence for what is none of these zips, is damaged, was
    changed, leads out of it or would unpack to more than it may."""
    try:
        archive = zipfile.ZipFile(path)
        _refuse_dangers(archive.infolist())
        if MANIFEST not in archive.namelist():
            raise WorkbenchError("This zip is no exported fine-tune.", "Choose the zip of a fine-tune.")
        manifest = _checked(_read(MANIFEST, archive.read(MANIFEST)))
        for name, told in manifest["parts"].items():
            _refuse_unless_as_told(archive, name, told)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, ValueError, zlib.error) as error:
        raise WorkbenchError("The file is no zip, or a damaged one.", _EXPORT_AGAIN) from error
    return Bundle(manifest, archive)


def _refuse_dangers(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_FILES:
        raise WorkbenchError(f"The zip has {len(entries):,} files; the limit is {MOST_FILES:,}.", _EXPORT_AGAIN)
    names = [entry.filename for entry in entries]
    for entry in entries:
        parts = entry.filename.split("/")
        if not _SAFE.fullmatch(entry.filename) or any(set(part) == {"."} for part in parts):
            shown = entry.filename[:80].encode("ascii", "backslashreplace").decode()
            raise WorkbenchError(f"The zip has a file with the name “{shown}”, which is refused.", _EXPORT_AGAIN)
        if entry.flag_bits & 1:
            raise WorkbenchError("The zip is protected by a password.", "Export it without one.")
        if entry.file_size > max(_SMALL, MOST_RATIO * entry.compress_size):
            raise WorkbenchError(
                f"{entry.filename} unpacks to far more than its size, which is refused.", _EXPORT_AGAIN
            )
    if len(set(names)) < len(names):
        raise WorkbenchError("The zip has two files with one name.", _EXPORT_AGAIN)
    text = sum(entry.file_size for entry in entries if not entry.filename.startswith(MEDIA))
    total = sum(entry.file_size for entry in entries)
    for size, most in ((text, MOST_TEXT), (total, MOST_BYTES)):
        if size > most:
            told = f"The zip unpacks to {bytes_in_words(size)}; the limit is {bytes_in_words(most)}."
            raise WorkbenchError(told, "Export it without files of items.")


def _checked(manifest: Any) -> Mapping[str, Any]:
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise WorkbenchError("This zip is no exported fine-tune.", "Choose the zip of a fine-tune.")
    if manifest.get("version") != VERSION:
        text = f"The zip has version {str(manifest.get('version'))[:20]}; this LabelLoop reads version {VERSION}."
        raise WorkbenchError(text, "Update LabelLoop, or export it again with this version.")
    parts = manifest.get("parts")
    is_told = isinstance(parts, dict) and all(
        isinstance(told, dict) and isinstance(told.get("sha256"), str) for told in parts.values()
    )
    if not is_told or not isinstance(manifest.get("origin"), str) or not manifest["origin"]:
        raise WorkbenchError("The manifest of the zip does not say what is in it.", _EXPORT_AGAIN)
    return manifest


def _refuse_unless_as_told(archive: zipfile.ZipFile, name: str, told: Mapping[str, Any]) -> None:
    if name not in archive.namelist():
        raise WorkbenchError(f"The zip lacks {name}, which its manifest names.", _EXPORT_AGAIN)
    digest = hashlib.sha256()
    with archive.open(name) as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    if digest.hexdigest() != told["sha256"]:
        raise WorkbenchError(f"{name} in the zip is not as it was exported.", _EXPORT_AGAIN)


def _read(what: str, data: bytes) -> Any:
    try:
        return read_json(data)
    except (ValueError, RecursionError) as error:
        raise WorkbenchError(f"{what} in the zip is no JSON.", _EXPORT_AGAIN) from error

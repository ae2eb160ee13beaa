"""What holds several files: a zip, or a folder on this machine. Nothing is unpacked to disk, and nothing outside it is
read."""

import lzma
import os
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from core.errors import WorkbenchError
from core.plural import bytes_in_words, count

MOST_FILES = 50_000
MOST_BYTES = 8 * 2**30
_MOST_TIMES, _UNSUSPICIOUS = 200, 50 * 2**20
_PIECE = 1 << 20
_SYSTEM = {"thumbs.db", "desktop.ini"}
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
)


@dataclass(frozen=True)
class Held:
    """One file: its name with the folders in the holder, its size, and how it is opened. What it holds is read when
    asked for."""

    name: str
    size: int
    opened: Callable[[], IO[bytes]]

    def read(self, most: int = -1) -> bytes:
        """Its bytes, or so many of them. Raises `WorkbenchError` for what cannot be read."""
        try:
            with self.opened() as file:
                return file.read(most)
        except _BROKEN as error:
            raise _unreadable("The file", error) from error

    def save(self, path: Path) -> None:
        """Copy it there, a piece at a time. Raises `WorkbenchError` for what cannot be read."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with self.opened() as source, path.open("wb") as target:
                shutil.copyfileobj(source, target, _PIECE)
        except _BROKEN as error:
            raise _unreadable(self.name, error) from error

    @property
    def base(self) -> str:
        return PurePosixPath(self.name).name

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.name).suffix.lower()

    @property
    def folder(self) -> str:
        """The folder it lies in, without those above; "" at the top."""
        return PurePosixPath(self.name).parent.name


def _unreadable(what: str, error: Exception) -> WorkbenchError:
    why = "needs a password" if "password" in str(error) else "cannot be read"
    return WorkbenchError(f"{what} {why}.", "Pack it again without one, or save it anew.")


@contextmanager
def opened(path: Path) -> Iterator[tuple[list[Held], list[str]]]:
    """The files in a zip or folder, by name, and a sentence for each that is left out.

    Raises `WorkbenchError` for what is no zip, for names that lead out of it, and past the limits: too many files, too
    many bytes, or so much more than was packed that it is no picture, sound or film.
    """
    if path.is_dir():
        yield _in_folder(path)
        return
    try:
        archive = zipfile.ZipFile(path)
    except _BROKEN as error:
        raise WorkbenchError(f"{path.name} is no zip that can be read.", "Pack it again.") from error
    with archive:
        yield _in_zip(archive, path)


def _in_zip(archive: zipfile.ZipFile, path: Path) -> tuple[list[Held], list[str]]:
    members = [one for one in archive.infolist() if not one.is_dir() and not _is_system(one.filename)]
    total = sum(one.file_size for one in members)
    _refuse_too_much(path.name, len(members), total)
    packed = sum(one.compress_size for one in members)
    if total > max(_UNSUSPICIOUS, _MOST_TIMES * packed):
        text = f"{path.name} unpacks to {bytes_in_words(total)}, over {_MOST_TIMES} times its size."
        raise WorkbenchError(text, "Unpack it yourself, check what it contains, and give the folder's path.")
    found, left_out = [], []
    for member in members:
        name = member.filename.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or ":" in name.split("/")[0]:
            text = f"{path.name} contains “{name[:80]}”, a name that leads out of the zip."
            raise WorkbenchError(text, "Pack it again without such names.")
        if stat.S_ISLNK(member.external_attr >> 16):
            left_out.append(f"{name} is a link and was left out.")
        elif name.lower().endswith(".zip"):
            left_out.append(f"{name} is a zip inside the zip and was left out; unpack it to import its files.")
        else:
            found.append(Held(name, member.file_size, partial(archive.open, member)))
    return sorted(found, key=lambda one: _natural(one.name)), left_out


def _in_folder(path: Path) -> tuple[list[Held], list[str]]:
    found: list[Held] = []
    left_out: list[str] = []
    for place, folders, files in os.walk(path):
        folders[:] = sorted(one for one in folders if not _is_system(one) and not (Path(place) / one).is_symlink())
        for name in files:
            file = Path(place) / name
            inside = file.relative_to(path).as_posix()
            if _is_system(name):
                continue
            if file.is_symlink() or not file.is_file():
                left_out.append(f"{inside} is a link and was left out.")
                continue
            found.append(Held(inside, file.stat().st_size, partial(_opened, file)))
            _refuse_too_much(path.name, len(found), 0)
    _refuse_too_much(path.name, len(found), sum(one.size for one in found))
    return sorted(found, key=lambda one: _natural(one.name)), left_out


def _opened(path: Path) -> IO[bytes]:
    return path.open("rb")


def _refuse_too_much(name: str, files: int, total: int) -> None:
    if files > MOST_FILES:
        text = f"{name} contains {count(files, 'file')}; the limit is {MOST_FILES:,}."
        raise WorkbenchError(text, "Import it in parts.")
    if total > MOST_BYTES:
        text = f"{name} contains {bytes_in_words(total)}; the limit is {bytes_in_words(MOST_BYTES)}."
        raise WorkbenchError(text, "Import it in parts.")


def _is_system(name: str) -> bool:
    """What systems put beside files of the user's."""
    parts = name.replace("\\", "/").split("/")
    is_hidden = any(part.startswith(".") and part not in (".", "..") or part == "__MACOSX" for part in parts)
    return is_hidden or parts[-1].lower() in _SYSTEM


def _natural(name: str) -> list[tuple[int, int, str]]:
    """So that picture 2 comes before picture 10."""
    pieces: list[str] = [""]
    for letter in name.casefold():
        if pieces[-1] and pieces[-1][-1].isdecimal() != letter.isdecimal():
            pieces.append("")
        pieces[-1] += letter
    return [(0, int(one), "") if one.isdecimal() and len(one) < 19 else (1, 0, one) for one in pieces]

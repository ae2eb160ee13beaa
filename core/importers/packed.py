"""Files of a folder that are packed: unpacked to a temporary place, never more than a file may have."""

import bz2
import gzip
import lzma
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from core.errors import WorkbenchError
from core.importers.options import Limits
from core.plural import bytes_in_words

_PIECE = 1 << 20
_UNSUSPICIOUS = 50 * 2**20
_MOST_TIMES = 200
_MOST_MEMBERS = 1_000
_BROKEN = (EOFError, OSError, lzma.LZMAError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError)


@contextmanager
def unpacked(path: Path, limits: Limits, suffixes: Sequence[str]) -> Iterator[list[Path]]:
    """The plain files in it, of an archive those with one of the suffixes, or all where none has; the file itself where
    it is not packed. They are gone afterwards.

    Raises WorkbenchError for what is no such archive, and for more than the limits allow.
    """
    if path.suffix not in _OPENERS and path.suffix != ".zip":
        yield [path]
        return
    with tempfile.TemporaryDirectory() as place:
        try:
            if path.suffix == ".zip":
                files = _members(path, Path(place), limits, suffixes)
            else:
                files = [Path(place) / path.stem]
                with _OPENERS[path.suffix](path) as packed:
                    _copy(packed, files[0], path, limits.file)
        except _BROKEN as error:
            text = f"{path.name} cannot be unpacked: {str(error)[:100] or type(error).__name__}."
            raise WorkbenchError(text, "Pack it again, or put the plain file into the folder.") from error
        yield files


def _members(path: Path, place: Path, limits: Limits, suffixes: Sequence[str]) -> list[Path]:
    """The members under names of ours, for theirs may lead out of the place."""
    files: list[Path] = []
    left = limits.file
    with zipfile.ZipFile(path) as archive:
        held = [one for one in archive.infolist() if not one.is_dir() and not _is_hidden(one.filename)]
        wanted = [one for one in held if Path(one.filename).suffix.lower() in suffixes] or held
        if len(wanted) > _MOST_MEMBERS:
            text = f"{path.name} contains {len(wanted):,} files; the limit is {_MOST_MEMBERS:,}."
            raise WorkbenchError(text, "Put the plain files into the folder.")
        for number, member in enumerate(wanted):
            files.append(place / f"{number}{Path(member.filename).suffix[:20]}")
            with archive.open(member) as packed:
                left -= _copy(packed, files[-1], path, left)
    return files


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__")) and part != ".." for part in Path(name).parts)


def _copy(packed: IO[bytes], target: Path, path: Path, most: int) -> int:
    """Unpacks until there is too much: more than a file may have, or so much more than was packed that no text is."""
    suspicious = max(_UNSUSPICIOUS, _MOST_TIMES * path.stat().st_size)
    done = 0
    with target.open("wb") as out:
        while piece := packed.read(_PIECE):
            done += len(piece)
            if done > min(most, suspicious):
                text = f"{path.name} unpacks to more than {bytes_in_words(min(most, suspicious))}."
                raise WorkbenchError(text, "Unpack it and put the parts that are needed into the folder.")
            out.write(piece)
    return done


@contextmanager
def _zstandard(path: Path) -> Iterator[Any]:
    import pyarrow

    with pyarrow.OSFile(str(path)) as packed, pyarrow.CompressedInputStream(packed, "zstd") as plain:
        yield plain


_OPENERS: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open, ".zst": _zstandard}

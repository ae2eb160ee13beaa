"""The files that were built to be taken along: in a folder for each set of items, the newest few, and what came since.

Each can be built again, and any new answer outdates it. So there are at most `NEWEST` of a project and `MOST_BYTES` of
all together, the oldest go first, and those of a project go with it. Whatever else lies in the folder is left alone.
"""

import json
import shutil
from collections.abc import Callable, Container
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from core.services.export.with_files import whole

NEWEST = 5
MOST_BYTES = 20 * 2**30
_LONGEST_NAME = 200
"""In bytes: file systems take 255, and some of them count less."""
_FACTS = ".built-of.json"


@dataclass(frozen=True)
class BuiltFile:
    """`newest` is the last annotation that there was when it was begun, None where that is not known."""

    path: Path
    n_bytes: int
    at: datetime
    newest: int | None


def put(folder: Path, home_id: int, name: str, write: Callable[[BinaryIO], object], newest: int) -> Path:
    """What `write` writes as a file of that name of the project: whole, or as it was before. The oldest of the others
    go, where there are too many."""
    place = folder / str(home_id)
    path = whole(place / plain_name(name), write)
    facts = _facts(place) | {path.name: newest}
    here = {one.name for one in _files(place)}
    kept = json.dumps({name: one for name, one in facts.items() if name in here})
    whole(place / _FACTS, lambda out: out.write(kept.encode()))
    bound(folder, keep=path)
    return path


def built(folder: Path, home_id: int) -> list[BuiltFile]:
    """The files of a project, the newest first."""
    place = folder / str(home_id)
    facts = _facts(place)
    found = []
    for path in _newest_first(_files(place)):
        with suppress(OSError):
            told = path.stat()
            at = datetime.fromtimestamp(told.st_mtime, UTC)
            found.append(BuiltFile(path, told.st_size, at, facts.get(path.name)))
    return found


def remove(folder: Path, home_id: int, name: str) -> None:
    """Away with one of them; nothing where it is gone already."""
    path = next((one for one in _files(folder / str(home_id)) if one.name == name), None)
    if path is not None:
        _unlink(path)


def bound(folder: Path, *, keep: Path | None = None) -> None:
    """The newest few of each project, and of all together no more than the limit; but `keep` in any case."""
    remaining: list[Path] = []
    for place in _places(folder):
        newest = _newest_first(_files(place))
        for path in newest[NEWEST:]:
            _unlink(path)
        remaining += newest[:NEWEST]
    total = 0
    for path in _newest_first(remaining):
        total += _size(path)
        if total > MOST_BYTES and path != keep:
            _unlink(path)


def clear(folder: Path, homes: Container[int]) -> None:
    """Without the files of projects that are none of these, and within the limits."""
    for place in _places(folder):
        if int(place.name) not in homes:
            shutil.rmtree(place, ignore_errors=True)
    bound(folder)


def plain_name(name: str) -> str:
    """A name of a file that every file system takes, and nothing that leads elsewhere. Of a long one the end stays,
    which tells it from others."""
    kept = "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in name)
    ending = kept.encode("utf-8", "ignore")[-_LONGEST_NAME:].decode("utf-8", "ignore")
    return ending.lstrip(".-") or "export.zip"


def _places(folder: Path) -> list[Path]:
    """The folders of projects, which are called by their numbers."""
    try:
        return [one for one in folder.iterdir() if one.name.isascii() and one.name.isdecimal() and one.is_dir()]
    except OSError:
        return []


def _files(place: Path) -> list[Path]:
    try:
        return [one for one in place.iterdir() if not one.name.startswith(".") and one.is_file()]
    except OSError:
        return []


def _newest_first(paths: list[Path]) -> list[Path]:
    return sorted(paths, key=_time, reverse=True)


def _time(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _unlink(path: Path) -> None:
    """One that is open elsewhere may stay until the next time."""
    with suppress(OSError):
        path.unlink()


def _facts(place: Path) -> dict[str, int]:
    try:
        held = json.loads((place / _FACTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: one for name, one in held.items() if isinstance(one, int)} if isinstance(held, dict) else {}

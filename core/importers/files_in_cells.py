"""Files that are written into cells, as Hugging Face data sets have pictures and sounds."""

from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from core.importers.options import Keep

Open = Callable[[str], bytes | None]
"""The bytes at a path that a data set names; None for one that is not its own."""
_MOST_BYTES = 110 * 2**20
"""More is not read: no such file is kept."""


def kept(value: Any, column: str, row: int, keep: Keep | None, read: Open | None = None) -> Any:
    """What the cell says once the file in it is stored; any other value, and all where nothing is stored, as it is.

    A file is its bytes, or an object of its `bytes` and the `path` it came from: without bytes `read` gives those at
    the path.
    """
    if keep is None:
        return value
    if isinstance(value, Mapping) and {*value} == {"bytes", "path"} and value["bytes"] is None and value["path"]:
        data = read(str(value["path"])) if read else None
        return value["path"] if data is None else keep(data, PurePosixPath(str(value["path"])).name)
    if isinstance(value, Mapping) and isinstance(value.get("bytes"), bytes) and set(value) <= {"bytes", "path"}:
        path = value.get("path")
        return keep(value["bytes"], PurePosixPath(str(path)).name if path else f"{column} of row {row:,}")
    return keep(value, f"{column} of row {row:,}") if isinstance(value, bytes) else value


def within(folder: Path) -> Open:
    """Of files in the folder, and in folders below it; of no other, whatever links lead there."""
    inside = folder.resolve()

    def read(path: str) -> bytes | None:
        try:
            place = (folder / path).resolve()
            if inside not in place.parents or not place.is_file():
                return None
            with place.open("rb") as file:
                return file.read(_MOST_BYTES)
        except (OSError, ValueError):
            return None

    return read


def on_the_hub(path: str) -> bytes | None:
    """Of files of data sets on the hub."""
    if not path.startswith("hf://datasets/") or "::" in path:
        return None
    from huggingface_hub import HfFileSystem

    with HfFileSystem().open(path.partition("#")[0], "rb") as file:
        found: bytes = file.read(_MOST_BYTES)
        return found

"""Files that are written into cells, as Hugging Face data sets have pictures and sounds."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from core.importers.options import Keep


def kept(value: Any, column: str, row: int, keep: Keep | None) -> Any:
    """What the cell says once the file in it is stored; any other value, and all where nothing is stored, as it is.

    A file is its bytes, or an object of its `bytes` and the `path` it came from.
    """
    if keep is None:
        return value
    if isinstance(value, Mapping) and isinstance(value.get("bytes"), bytes) and set(value) <= {"bytes", "path"}:
        path = value.get("path")
        return keep(value["bytes"], PurePosixPath(str(path)).name if path else f"{column} of row {row:,}")
    return keep(value, f"{column} of row {row:,}") if isinstance(value, bytes) else value

"""A data set of Hugging Face as `save_to_disk` writes it: what its own files name is looked at before the library opens
them, for that follows whatever is named there."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.errors import WorkbenchError
from core.importers.folder_head import refusal

SPLITS, STATE, INFO = "dataset_dict.json", "state.json", "dataset_info.json"
_HINT = "Write the data set again with save_to_disk."
_LONGEST = 10_000_000
_LONGEST_NAME = 200


def is_saved(folder: Path) -> bool:
    """Whether it is one, of one split or of several."""
    return any((folder / name).is_file() for name in (SPLITS, STATE))


def splits_of(folder: Path) -> tuple[str, ...]:
    """The names of its splits; none where it is one split and has no name.

    Raises WorkbenchError where what it says of itself cannot be read, or names something that is not in it.
    """
    if not (folder / SPLITS).is_file():
        _refuse_outside(folder)
        return ()
    listed = _said(folder, SPLITS).get("splits")
    names = listed if isinstance(listed, list) else []
    if not names or not all(isinstance(one, str) and one for one in names):
        raise WorkbenchError(f"{folder.name}/{SPLITS} lists no splits.", _HINT)
    for name in dict.fromkeys(names):
        if not _is_plain(name):
            raise refusal(folder, name)
        if not (folder / name).is_dir():
            raise WorkbenchError(f"{folder.name}/{SPLITS} lists the split “{name[:80]}”, which is not there.", _HINT)
        _refuse_outside(folder / name)
    return tuple(dict.fromkeys(names))


def has_files(split: Path) -> bool:
    """Whether the folder of a split has files with rows: one without rows has none."""
    return any(_files_of(_said(split, STATE), split))


def _refuse_outside(folder: Path) -> None:
    """The files of one split lie beside its state."""
    for name in _files_of(_said(folder, STATE), folder):
        if not _is_plain(name):
            raise refusal(folder, name)
        if not (folder / name).is_file():
            raise WorkbenchError(f"{folder.name}/{STATE} lists the file {name[:80]}, which is not there.", _HINT)


def _files_of(state: dict[str, Any], folder: Path) -> Iterator[str]:
    listed = state.get("_data_files")
    for one in listed if isinstance(listed, list) else [listed]:
        name = one.get("filename") if isinstance(one, dict) else None
        if not isinstance(name, str) or not name:
            raise WorkbenchError(f"{folder.name}/{STATE} does not list the files of the data set.", _HINT)
        yield name


def _said(folder: Path, name: str) -> dict[str, Any]:
    """What one of its files says, an object."""
    path = folder / name
    try:
        held = json.loads(path.read_text(encoding="utf-8")) if path.stat().st_size <= _LONGEST else None
    except FileNotFoundError as error:
        raise WorkbenchError(f"{folder.name}/{name} is not there.", _HINT) from error
    except (OSError, ValueError, RecursionError) as error:
        raise WorkbenchError(f"{folder.name}/{name} is not JSON.", _HINT) from error
    if not isinstance(held, dict):
        raise WorkbenchError(f"{folder.name}/{name} is not what save_to_disk writes.", _HINT)
    return held


def _is_plain(name: str) -> bool:
    """Whether it is the name of a file or folder right there."""
    return name not in (".", "..") and len(name) <= _LONGEST_NAME and not any(sign in name for sign in "/\\\0:")

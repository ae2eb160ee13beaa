"""An export that carries the files of its items: what is written names them by their place beside it."""

import errno
import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from core.errors import WorkbenchError
from core.exporters import Files
from core.media import PREFIX, MediaStore, Reference, parse_reference
from core.message_files import with_files
from core.model import FieldLayout, Item
from core.plural import bytes_in_words

FOLDER = "media"
MOST_BYTES = 8 * 2**30
"""Of the files in a zip: as many as an import takes."""

_FULL = (errno.ENOSPC, errno.EDQUOT)

Used = dict[str, Reference]
"""The files that were named, each by its name."""
Progress = Callable[[float], None]


def no_progress(share: float) -> None:
    """Tells nobody."""


class Part(NamedTuple):
    """A file of a zip besides those of items; `write` may only be called once."""

    name: str
    write: Callable[[BinaryIO], object]


def files_of(layout: Iterable[FieldLayout], store: MediaStore) -> Files:
    """Which fields are files, and where the one is that a field names by its place."""

    def path(place: str) -> Path | None:
        reference = PREFIX + place.removeprefix(f"{FOLDER}/")
        return store.path(reference) if store.has(reference) else None

    return Files({one.name: one.show for one in layout if one.show.is_file}, path)


def item_by_place(item: Item, used: Used) -> Item:
    """The item with each reference as `media/<file>`; the very same where it has none."""
    text, fields = _placed(item.text, used), {name: _placed(value, used) for name, value in item.fields.items()}
    return item if text == item.text and fields == item.fields else replace(item, text=text, fields=fields)


def named_by_place(rows: Iterable[Mapping[str, Any]], used: Used) -> Iterator[dict[str, Any]]:
    """The rows likewise, the way an import of the zip finds the files; `used` gathers them."""
    for row in rows:
        yield {name: _placed(value, used) if isinstance(value, str) else value for name, value in row.items()}


def _placed(value: str, used: Used) -> str:
    found = parse_reference(value)
    if found is None:
        return with_files(value, lambda said: _placed(said, used)) if value[:1] in ("[", "{") else value
    used[found.file] = found
    return f"{FOLDER}/{found.file}"


def write_zip(out: BinaryIO, parts: Sequence[Part], used: Used, store: MediaStore, progress: Progress) -> list[str]:
    """A zip of the parts, which are written first and say in `used` what they name, and of these files, one by one: in
    memory is never more than a piece of one. A file that is missing or cannot be read whole is left out; gives their
    names.

    Raises `WorkbenchError` where the files are more than `MOST_BYTES` together.
    """
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive, tempfile.TemporaryDirectory() as folder:
        for part in parts:
            path = Path(folder) / part.name
            with path.open("wb") as file:
                part.write(file)
            archive.write(path, part.name, zipfile.ZIP_DEFLATED)
            path.unlink()
        there = {name: store.path(one) for name, one in used.items() if store.has(one)}
        total = sum(path.stat().st_size for path in there.values())
        if total > MOST_BYTES:
            text = f"The files have {bytes_in_words(total)} in total; the limit is {bytes_in_words(MOST_BYTES)}."
            raise WorkbenchError(text, f"Export without files, and copy the folder {store.folder}.")
        done, left_out = 0, [name for name in used if name not in there]
        for name, path in there.items():
            # Looked through first: what has begun to be written into a zip cannot be taken out of it.
            if _is_whole(path, used[name]):
                done += path.stat().st_size
                archive.write(path, f"{FOLDER}/{name}")
            else:
                left_out.append(name)
            progress(min(1.0, done / total) if total else 1.0)
        return left_out


def _is_whole(path: Path, reference: Reference) -> bool:
    """Whether it can be read, and is what it is called after."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == reference.sha256
    except OSError:
        return False


def whole(target: Path, write: Callable[[BinaryIO], object]) -> Path:
    """Write a file under a name of its own beside its place, then move it there: it is there whole, or as before.

    Raises `WorkbenchError` where the disk does not take it, and whatever `write` raises.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".")
        try:
            with os.fdopen(handle, "wb") as file:
                write(file)
            os.replace(name, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise
    except OSError as error:
        text = f"{target} could not be written: {error.strerror}."
        what = "Free some space" if error.errno in _FULL else "Check the permissions"
        raise WorkbenchError(text, f"{what} there, or set LABELLOOP_DATA to another folder.") from error
    return target


def has_files(layout: Iterable[FieldLayout]) -> bool:
    """Whether any field is shown as a file."""
    return any(one.show.is_file for one in layout)

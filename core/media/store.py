"""Where the bytes of pictures, sounds and films lie: one file each, called after its content, never changed."""

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from core.errors import WorkbenchError
from core.media.kinds import MAX_BYTES, format_of, stranger
from core.media.references import Reference, parse_reference


class MediaStore:
    """The files below one folder: `<first two of the hash>/<hash>.<extension>`. Safe to share between threads and
    processes, since a file appears whole or not at all and is the same whoever writes it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, data: bytes) -> Reference:
        """Store the bytes; those that are there already are not written again.

        Raises `WorkbenchError` for what is empty, larger than `MAX_BYTES` or none of the formats that are kept, and
        where it cannot be written.
        """
        reference = reference_of(data)
        target = self._place(reference)
        try:
            if target.is_file():
                target.touch()  # it came in once more, and is not to be taken for one that nobody wants
                return reference
            target.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(target, data)
        except OSError as error:
            text = f"A file could not be saved in {self.folder}: {error.strerror}."
            raise WorkbenchError(text, "Free some space there, or set LABELLOOP_DATA to another folder.") from error
        return reference

    def has(self, reference: Reference | str) -> bool:
        """Whether the file is there."""
        parsed = parse_reference(str(reference))
        return parsed is not None and self._place(parsed).is_file()

    def path(self, reference: Reference | str) -> Path:
        """Where the file lies. Raises `WorkbenchError` for what is no reference and for a file that is not there."""
        parsed = parse_reference(str(reference))
        if parsed is None:
            raise WorkbenchError(f"“{str(reference)[:80]}” does not name a stored file.", "Choose a field with files.")
        place = self._place(parsed)
        if not place.is_file():
            text = f"The file {parsed.file} is missing from {self.folder}."
            raise WorkbenchError(text, "Restore the media folder from a backup, or import the items again.")
        return place

    def read(self, reference: Reference | str) -> bytes:
        """The bytes. Raises `WorkbenchError` as `path` does, and where they cannot be read."""
        place = self.path(reference)
        try:
            return place.read_bytes()
        except OSError as error:
            text = f"{place} cannot be read: {error.strerror}."
            raise WorkbenchError(text, "Check the permissions of the data folder.") from error

    def _place(self, reference: Reference) -> Path:
        return self.folder / reference.sha256[:2] / reference.file


def refuse_too_large(size: int) -> None:
    """Raises `WorkbenchError` for a file of more than `MAX_BYTES`, which need not be read to know."""
    if size > MAX_BYTES:
        text = f"The file has {size / 2**20:,.0f} MB; the limit is {MAX_BYTES // 2**20} MB."
        raise WorkbenchError(text, "Make it smaller.")


def reference_of(data: bytes) -> Reference:
    """What these bytes are called, stored or not. Raises `WorkbenchError` for what is not kept."""
    if not data:
        raise WorkbenchError("The file is empty.", "Export it again from where it came.")
    refuse_too_large(len(data))
    found = format_of(data)
    if found is None:
        known = stranger(data)
        text = f"The file is {known}, which browsers do not show." if known else "The file is not a known format."
        raise WorkbenchError(text, "Convert it to PNG, JPEG, WAV, MP3 or MP4.")
    return Reference(hashlib.sha256(data).hexdigest(), found.extension)


def _write_whole(target: Path, data: bytes) -> None:
    """Beside its place first, then moved there: whoever looks sees all of it or nothing."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise

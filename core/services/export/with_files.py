"""An export that carries the files of its items: the table names them by their place beside it."""

import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from io import BytesIO
from typing import Any, BinaryIO

from core.errors import WorkbenchError
from core.media import MediaStore, Reference, parse_reference
from core.model import FieldLayout
from core.plural import bytes_in_words

FOLDER = "media"
MOST_BYTES = 2 * 2**30


def named_by_place(rows: Iterable[Mapping[str, Any]], used: dict[str, Reference]) -> Iterator[dict[str, Any]]:
    """The rows with each reference as `media/<file>`, the way an import of the zip finds it; `used` gathers them."""
    for row in rows:
        named = dict(row)
        for name, value in row.items():
            found = parse_reference(value) if isinstance(value, str) else None
            if found is not None:
                used[found.file] = found
                named[name] = f"{FOLDER}/{found.file}"
        yield named


def zipped(table: str, write: Callable[[BinaryIO, dict[str, Reference]], int], store: MediaStore) -> bytes:
    """A zip of the table under that name, which `write` writes, and the files it says are used.

    A file that is missing is left out. Raises `WorkbenchError` where they are more than `MOST_BYTES` together.
    """
    used: dict[str, Reference] = {}
    written, out = BytesIO(), BytesIO()
    write(written, used)
    there = {name: store.path(one) for name, one in used.items() if store.has(one)}
    total = sum(path.stat().st_size for path in there.values())
    if total > MOST_BYTES:
        text = f"The files have {bytes_in_words(total)} in total; the limit of a zip is {bytes_in_words(MOST_BYTES)}."
        raise WorkbenchError(text, f"Export without files, and copy the folder {store.folder}.")
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(table, written.getvalue(), zipfile.ZIP_DEFLATED)
        for name, path in there.items():
            with suppress(OSError):
                archive.write(path, f"{FOLDER}/{name}")
    return out.getvalue()


def has_files(layout: Iterable[FieldLayout]) -> bool:
    """Whether any field is shown as a file."""
    return any(one.show.is_file for one in layout)

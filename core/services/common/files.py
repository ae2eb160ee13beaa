"""The files of items, for whoever has the database: they lie beside it."""

from collections.abc import Callable

from core.media import MediaStore
from core.storage.engine import Database

FOLDER = "media"


def media_of(db: Database) -> MediaStore:
    return MediaStore(db.path.parent / FOLDER)


def reader_of(db: Database) -> Callable[[str], bytes]:
    """Gives the bytes of the file with a reference; raises `WorkbenchError` where it is missing."""
    return media_of(db).read

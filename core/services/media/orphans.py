"""Files of imports that were not carried out: once a day old, they go when the workbench is opened."""

import re
import time
from contextlib import suppress

from core.media import PREFIX, MediaStore, parse_reference
from core.storage import items
from core.storage.engine import Database

KEPT_SECONDS = 24 * 3600
_REFERENCE = re.compile(rf"{PREFIX}[0-9a-f]{{64}}\.\w+")


def clear(db: Database, store: MediaStore) -> int:
    """Remove the files that no item of any project names, removed projects included, unless they came within a day:
    those may be about to be imported. Returns how many."""
    old = [path for path in store.folder.glob("??/*.*") if time.time() - path.stat().st_mtime > KEPT_SECONDS]
    if not old:
        return 0
    with db.read() as conn:
        named = {found for text in items.naming(conn, PREFIX) for found in _REFERENCE.findall(text)}
    gone = 0
    for path in old:
        if parse_reference(f"{PREFIX}{path.name}") and f"{PREFIX}{path.name}" not in named:
            with suppress(OSError):
                path.unlink()
                gone += 1
    return gone
